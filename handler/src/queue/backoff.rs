//! How long what failed waits in its queue before it is tried again.

use std::time::Duration;

/// The wait after the first attempt that failed; it doubles with each.
const FIRST_WAIT: Duration = Duration::from_secs(2);
/// The longest wait between two attempts.
const LONGEST_WAIT: Duration = Duration::from_mins(15);

/// How long to wait after that many attempts: twice as long each time, up to a limit.
#[must_use]
pub fn wait_after(attempts: u32) -> Duration {
    let doublings = attempts.saturating_sub(1).min(16);
    (FIRST_WAIT * 2_u32.pow(doublings)).min(LONGEST_WAIT)
}
