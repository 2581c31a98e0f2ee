//! Keeps calls apart, so that no more are made a second than Momento takes.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How many calls a second are made at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallRate {
    interval: Duration,
}

impl CallRate {
    /// So many a second. `None` where that is no number above 0, or one so small that a call takes centuries.
    #[must_use]
    pub fn per_second(calls: f64) -> Option<Self> {
        if calls > 0. { Some(Self { interval: Duration::try_from_secs_f64(calls.recip()).ok()? }) } else { None }
    }
}

/// Gives out turns, evenly spaced: in no second are there more of them than the rate, plus one.
#[derive(Debug)]
pub struct RateLimit {
    rate: CallRate,
    next: Mutex<Option<Instant>>,
}

impl RateLimit {
    /// A limit of which nothing is used up.
    #[must_use]
    pub fn new(rate: CallRate) -> Self {
        Self { rate, next: Mutex::default() }
    }

    /// The next turn, where there is one until `last`; it is then taken.
    pub fn turn(&self, now: Instant, last: Instant) -> Option<Instant> {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = next.map_or(now, |next| next.max(now));
        if turn > last {
            return None;
        }
        *next = Some(turn.checked_add(self.rate.interval)?);
        Some(turn)
    }
}
