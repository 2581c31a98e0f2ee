//! How long a cache item lives.

use std::num::NonZeroU64;
use std::time::Duration;

use crate::clock::UnixMillis;

use super::attribute::{Attribute, Item};

/// The longest that Momento keeps an item on demand (`Momento Cache limits` in its documentation).
pub(super) const LONGEST: Duration = Duration::from_hours(24);

/// Where the lifetime of an item is from. A longer one is cut to 24 hours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lifetime {
    /// The same for every item.
    Constant(Duration),
    /// An attribute: seconds from now. An item without it lives 24 hours.
    SecondsIn(String),
    /// An attribute: the second of its end, since the Unix epoch, as the time-to-live of DynamoDB has it. An item without it
    /// lives 24 hours.
    ExpiryIn(String),
}

/// The attribute of this name is not a number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the attribute `{0}` is not a number of seconds")]
pub struct LifetimeError(String);

impl Lifetime {
    /// The whole seconds that an item has left; none if its time is over.
    ///
    /// # Errors
    /// If its attribute is not a number.
    pub(super) fn seconds_left(&self, item: &Item, now: UnixMillis) -> Result<Option<NonZeroU64>, LifetimeError> {
        let left = match self {
            Self::Constant(duration) => *duration,
            Self::SecondsIn(name) => seconds(item, name)?.unwrap_or(LONGEST),
            Self::ExpiryIn(name) => {
                seconds(item, name)?.map_or(LONGEST, |expiry| expiry.saturating_sub(Duration::from_millis(now.0)))
            }
        };
        Ok(NonZeroU64::new(left.min(LONGEST).as_secs()))
    }
}

fn seconds(item: &Item, name: &str) -> Result<Option<Duration>, LifetimeError> {
    let Some(attribute) = item.get(name) else { return Ok(None) };
    let error = || LifetimeError(name.to_owned());
    let Attribute::Number(number) = attribute else { return Err(error()) };
    let seconds: f64 = number.as_str().parse().map_err(|_| error())?;
    let out_of_range = if seconds.is_sign_negative() { Duration::ZERO } else { Duration::MAX };
    Ok(Some(Duration::try_from_secs_f64(seconds).unwrap_or(out_of_range)))
}
