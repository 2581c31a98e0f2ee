//! Until when what may be done in an invocation.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::service_error::ServiceError;

/// The longest wait for an answer of Momento's: that of EventBridge for an API destination.
pub(super) const CALL_TIMEOUT: Duration = Duration::from_secs(5);
/// A call that would have less time than this is not made, as it might be done without our knowing.
pub(super) const SHORTEST_CALL: Duration = Duration::from_secs(1);
/// The longest wait for the API key.
pub(super) const READ_KEY_TIMEOUT: Duration = Duration::from_secs(3);
/// The longest wait for one call to a queue.
const QUEUE_TIMEOUT: Duration = Duration::from_secs(1);
/// What a command may need once Momento has been called: a call to each queue.
const AFTER_CALL: Duration = Duration::from_secs(2);
/// What is left of an invocation's time when the last of a batch is settled.
const MARGIN: Duration = Duration::from_millis(500);

/// Until when what may be done in an invocation.
#[derive(Debug, Clone, Copy)]
pub(super) struct TimeLeft {
    /// When a call may begin at the latest, if any may.
    pub(super) last_call: Option<Instant>,
    pub(super) calls_end: Instant,
    end: Instant,
}

impl TimeLeft {
    pub(super) fn until(left: Duration) -> Self {
        let now = Instant::now();
        let calls = left.saturating_sub(MARGIN + AFTER_CALL);
        Self {
            last_call: calls.checked_sub(SHORTEST_CALL).map(|wait| now + wait),
            calls_end: now + calls,
            end: now + left.saturating_sub(MARGIN),
        }
    }

    /// Until when the API key is waited for: no longer than there is time for a call with it.
    pub(super) fn read_key(self) -> Instant {
        let now = Instant::now();
        self.last_call.map_or(now, |last_call| last_call.min(now + READ_KEY_TIMEOUT))
    }

    /// Waits for a queue, as long as there is time.
    pub(super) async fn ask(self, call: impl Future<Output = Result<(), ServiceError>>) -> Result<(), ServiceError> {
        let now = Instant::now();
        if now >= self.end {
            return Err(ServiceError::TimedOut);
        }
        timeout_at(self.end.min(now + QUEUE_TIMEOUT), call).await.unwrap_or(Err(ServiceError::TimedOut))
    }
}
