//! What to do with a command that is not delivered.

use std::time::Duration;

use crate::clock::UnixMillis;
use crate::momento::api::CallError;
use crate::queue::backoff::wait_after;
use crate::queue::sqs_batch::SqsMessage;

use super::failure::{Exhausted, Failure};

/// SQS hides a message for 12 hours at most, counted from when it was received, which was up to 15 minutes ago: Lambda's
/// longest run.
const LONGEST_POSTPONEMENT: Duration = Duration::from_mins(12 * 60 - 15);
/// How long before a command is too old it is tried for the last time.
const LAST_CHANCE: Duration = Duration::from_secs(5);

/// How long and how often a command is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// A command that has been in the queue for this long is not sent any more.
    pub max_event_age: Duration,
    /// How often a command is tried again after the first time.
    pub retry_attempts: u32,
}

/// What to do with a command that is not delivered.
pub(super) enum Fate {
    Postpone(Duration),
    Bury(Option<Exhausted>),
}

impl RetryPolicy {
    pub(super) fn fate(self, message: &SqsMessage, failure: &Failure, now: UnixMillis) -> Fate {
        let attempts = message.receive_count();
        let backoff = wait_after(attempts);
        let left = self.max_event_age.saturating_sub(now.since(message.sent_at()));
        let last_wait = left.saturating_sub(LAST_CHANCE);
        let asked = match failure {
            Failure::NoCommand(_) | Failure::Call(CallError::TooLong) => return Fate::Bury(None),
            Failure::TooOld => return Fate::Bury(Some(Exhausted::Age)),
            Failure::NoTimeLeft => return Fate::Postpone(backoff),
            Failure::NoTurn(wait) => {
                // SQS knows whole seconds. Where the turn would come too late, there may be an earlier one to spare.
                let wait = Duration::from_secs(u64::try_from(wait.as_millis().div_ceil(1_000)).unwrap_or(u64::MAX));
                let wait = if wait < left { wait } else { last_wait };
                return Fate::Postpone(wait.clamp(Duration::from_secs(1), LONGEST_POSTPONEMENT));
            }
            Failure::Call(error) if !error.is_retryable() => return Fate::Bury(None),
            Failure::Call(error) => error.retry_after(now).unwrap_or_default(),
            Failure::NoApiKey(_) => Duration::ZERO,
        };
        if attempts > self.retry_attempts {
            return Fate::Bury(Some(Exhausted::Attempts));
        }
        let wait = backoff.max(asked).min(LONGEST_POSTPONEMENT);
        if wait < left {
            Fate::Postpone(wait)
        } else if last_wait >= asked.max(Duration::from_secs(1)) {
            Fate::Postpone(last_wait)
        } else {
            Fate::Bury(Some(Exhausted::Age))
        }
    }
}
