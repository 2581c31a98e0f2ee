//! The time of day, passed in wherever it matters, so that tests need not wait for it.

use std::fmt;
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
pub struct Clock(Box<dyn Fn() -> UnixMillis>);

impl Clock {
    /// A clock that shows what `now` says.
    pub fn new(now: impl Fn() -> UnixMillis + 'static) -> Self {
        Self(Box::new(now))
    }

    /// The machine's clock. It goes on while Lambda keeps the environment frozen, as a monotonic one need not.
    #[must_use]
    pub fn system() -> Self {
        Self::new(|| UnixMillis(0).plus(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()))
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> UnixMillis {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock(..)")
    }
}
