//! How old a message may be. Older ones are rejected, so that a recorded request soon becomes useless.

use std::time::Duration;

use crate::clock::UnixMillis;

/// The window in which a message is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Freshness {
    /// How old it may be.
    pub max_age: Duration,
    /// How far in the future it may be, since no two clocks agree.
    pub max_clock_skew: Duration,
}

/// Why a message is not fresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotFresh {
    /// Older than [`Freshness::max_age`].
    #[error("published {0:?} ago")]
    Stale(Duration),
    /// Further in the future than [`Freshness::max_clock_skew`].
    #[error("published {0:?} in the future")]
    Future(Duration),
}

impl Freshness {
    /// The age of a message published then, if that is inside the window; one from the future has none.
    ///
    /// # Errors
    /// See [`NotFresh`].
    pub fn age(&self, published: UnixMillis, now: UnixMillis) -> Result<Duration, NotFresh> {
        let age = now.since(published);
        let ahead = published.since(now);
        if age > self.max_age {
            Err(NotFresh::Stale(age))
        } else if ahead > self.max_clock_skew {
            Err(NotFresh::Future(ahead))
        } else {
            Ok(age)
        }
    }

    /// How long after its first arrival a request can still be fresh.
    #[must_use]
    pub fn window(&self) -> Duration {
        self.max_age.saturating_add(self.max_clock_skew)
    }
}
