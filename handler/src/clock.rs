//! The time of day, passed in wherever it matters, so that tests need not wait for it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A moment in milliseconds since the Unix epoch, as Momento and Lambda state theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnixMillis(pub u64);

impl UnixMillis {
    /// How long ago `earlier` was; zero if it was not.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    /// The moment this long after.
    #[must_use]
    pub fn plus(self, wait: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)))
    }
}

/// Tells the time.
pub trait Clock {
    /// Now.
    fn now(&self) -> UnixMillis;
}

/// The machine's clock. It goes on while Lambda keeps the environment frozen, as a monotonic one need not.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> UnixMillis {
        UnixMillis(0).plus(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())
    }
}
