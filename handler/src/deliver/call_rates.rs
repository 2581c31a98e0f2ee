//! How many calls of each kind are made a second.

use tokio::time::{Instant, sleep_until};

use crate::command::CommandKind;

use super::failure::Failure;
use super::rate_limit::{CallRate, RateLimit};
use super::time_left::TimeLeft;

/// How many calls of each kind an environment makes a second at most. Without a rate, as many as it can.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CallRates {
    /// Of [`CommandKind::CacheSet`].
    pub cache_set: Option<CallRate>,
    /// Of [`CommandKind::CacheDelete`].
    pub cache_delete: Option<CallRate>,
    /// Of [`CommandKind::TopicPublish`].
    pub topic_publish: Option<CallRate>,
}

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
            let turn = time_left.last_call.and_then(|last_call| limit.turn(Instant::now(), last_call));
            sleep_until(turn.ok_or(Failure::NoTimeLeft)?).await;
        }
        Ok(())
    }
}
