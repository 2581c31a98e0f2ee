//! How many calls of each kind are made a second.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::command::CommandKind;

use super::failure::Failure;
use super::rate_limit::{CallRate, RateLimit};
use super::time_left::TimeLeft;

/// How many calls of each kind an environment makes a second at most. Without a rate, as many as it can.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CallRates {
    /// Of [`Command::CacheSet`](crate::command::Command::CacheSet).
    pub cache_set: Option<CallRate>,
    /// Of [`Command::CacheDelete`](crate::command::Command::CacheDelete).
    pub cache_delete: Option<CallRate>,
    /// Of [`Command::TopicPublish`](crate::command::Command::TopicPublish).
    pub topic_publish: Option<CallRate>,
}

/// The longest wait for a turn inside an invocation. What has none until then waits in the queue, out of sight, so that the
/// commands behind it are not held up: at ten commands a batch, each environment passes through 20 a second at least.
const LONGEST_WAIT: Duration = Duration::from_millis(500);

/// The limits of this environment, by kind.
#[derive(Debug)]
pub(super) struct Limits {
    cache_set: Option<RateLimit>,
    cache_delete: Option<RateLimit>,
    topic_publish: Option<RateLimit>,
}

impl Limits {
    pub(super) fn new(rates: CallRates) -> Self {
        Self {
            cache_set: rates.cache_set.map(RateLimit::new),
            cache_delete: rates.cache_delete.map(RateLimit::new),
            topic_publish: rates.topic_publish.map(RateLimit::new),
        }
    }

    pub(super) async fn wait(&self, kind: CommandKind, time_left: TimeLeft) -> Result<(), Failure> {
        let limit = match kind {
            CommandKind::CacheSet => &self.cache_set,
            CommandKind::CacheDelete => &self.cache_delete,
            CommandKind::TopicPublish => &self.topic_publish,
        };
        if let Some(limit) = limit {
            let now = Instant::now();
            let last = time_left.last_call.ok_or(Failure::NoTimeLeft)?.min(now + LONGEST_WAIT);
            sleep_until(limit.turn(now, last).map_err(Failure::NoTurn)?).await;
        }
        Ok(())
    }
}
