//! The subscriptions by gRPC that are open, and what is done to them while they are.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::grpc::StatusName;
use crate::topic_selector::TopicSelector;

/// Momento promises none. Shorter than what proxies allow an idle connection, and long enough not to be in the way.
const HEARTBEAT: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub(crate) struct Streams {
    open: BTreeMap<u64, OpenStream>,
    opened: u64,
    /// From one heartbeat of a stream to the next.
    heartbeat: Duration,
}

#[derive(Debug)]
struct OpenStream {
    cache: String,
    topic: String,
    faults: UnboundedSender<StreamFault>,
}

/// What to do to which streams.
#[derive(Debug, Deserialize)]
pub(crate) struct NewStreamFault {
    cache: String,
    #[serde(flatten)]
    topics: TopicSelector,
    fault: StreamFault,
}

/// What happens to an open stream.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum StreamFault {
    /// It ends with this status.
    End { code: StatusName, message: Option<String> },
    /// It is reset; the others of its connection go on.
    Reset,
    /// Nothing comes any more, no heartbeat either. The connection is alive.
    Silence,
    /// Its connection is reset, and with it all that it carries.
    ResetConnection,
    /// Nothing that it carries comes any more from its connection, which stays open. Not even pings are answered.
    SilenceConnection,
    /// Each message comes so much later than the one before it.
    Slow { milliseconds: u64 },
}

impl Default for Streams {
    fn default() -> Self {
        Self { open: BTreeMap::new(), opened: 0, heartbeat: HEARTBEAT }
    }
}

impl Streams {
    /// Adds a stream until it is closed by the number that it gets.
    pub(crate) fn open(&mut self, cache: &str, topic: &str) -> (u64, UnboundedReceiver<StreamFault>) {
        let (faults, received) = unbounded_channel();
        self.opened += 1;
        self.open.insert(self.opened, OpenStream { cache: cache.to_owned(), topic: topic.to_owned(), faults });
        (self.opened, received)
    }

    pub(crate) fn close(&mut self, number: u64) {
        self.open.remove(&number);
    }

    pub(crate) fn open_to(&self, cache: &str, topic: &str) -> usize {
        self.open.values().filter(|stream| stream.cache == cache && stream.topic == topic).count()
    }

    /// Applies a fault to all streams that are meant, and says how many.
    pub(crate) fn hit(&self, NewStreamFault { cache, topics, fault }: &NewStreamFault) -> usize {
        let meant = self.open.values().filter(|stream| stream.cache == *cache && topics.matches(&stream.topic));
        meant.filter(|stream| stream.faults.send(fault.clone()).is_ok()).count()
    }

    pub(crate) fn heartbeat(&self) -> Duration {
        self.heartbeat
    }

    /// For streams that open from now on, and for the others from their next heartbeat on.
    pub(crate) fn set_heartbeat(&mut self, interval: Duration) {
        self.heartbeat = interval;
    }
}
