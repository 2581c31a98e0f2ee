//! From topics to the bus, around the clock: topic stream → message → publish (or park) → checkpoint.
//!
//! A schedule invokes the function each minute. One invocation holds the lease, and reads all topics until its time is nearly
//! over and a successor waits; the others end at once. What an invocation knows and what a stream brings are in [`position`],
//! who may read in `lease`, one topic's way in `topic_reader`, how far it has got in `checkpoint`.

mod checkpoint;
mod lease;
mod log;
pub mod metrics;
pub mod position;
pub mod schedule_input;
pub mod settings;
mod stream_end;
mod topic_reader;

use std::pin::pin;
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt as _};
use serde_json::Value;
use tokio::select;
use tokio::sync::{Semaphore, watch};
use tokio::time::{sleep, timeout};

use crate::bus::EventBus;
use crate::checkpoints::{CheckpointTable, Fenced};
use crate::clock::Clock;
use crate::message::publisher::Publisher;
use crate::momento::api_key::{ApiKey, ApiKeyReader};
use crate::momento::pubsub::TopicSource;
use crate::queue::fallback::FallbackQueue;
use crate::secret::store::{SecretSource, SecretStore};
use crate::service_error::ServiceError;

use lease::{HeldLease, LeaseEnd, WhileHeld};
use metrics::Meter;
use schedule_input::{ScheduleInput, ScheduleInputError};
use settings::SubscribeSettings;
use topic_reader::{Shared, TopicReader};

pub use lease::Invocation;

/// How many calls to the bus run at a time, each on a connection of its own.
const MAX_BUS_CALLS: usize = 8;
/// How many topics write their checkpoint at a time.
const MAX_TABLE_CALLS: usize = 8;
/// How long a holder that stops may take to publish and checkpoint what it has read.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(3);
/// How long after the beginning, and then how often, the holder says that it lives.
const FIRST_HEARTBEAT: Duration = Duration::from_secs(10);
const HEARTBEAT: Duration = Duration::from_mins(1);
/// How often counts are handed to CloudWatch.
const FLUSH_INTERVAL: Duration = Duration::from_secs(10);

/// The services that topics go through.
#[derive(Debug)]
pub struct Services<G, S, B, Q, T> {
    /// Momento's topics.
    pub source: G,
    /// The API key.
    pub keys: SecretStore<ApiKeyReader<S>, ApiKey>,
    /// The event bus.
    pub bus: B,
    /// The fallback queue.
    pub queue: Q,
    /// The table with the lease and the checkpoints.
    pub table: T,
}

/// The subscribe handler, with all that it reaches for passed in.
#[derive(Debug)]
pub struct Subscribe<G, S, B, Q, T> {
    services: Services<G, S, B, Q, T>,
    settings: SubscribeSettings,
    meter: Meter,
    clock: Clock,
    random: fn() -> f64,
}

/// The outcome of an invocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Another one holds the topics, and goes on.
    NotNeeded,
    /// It held the topics, and a successor has taken over, or will.
    HandedOver,
    /// It held the topics until somebody else took over without waiting.
    Replaced,
}

/// Why an invocation failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubscribeError {
    /// The schedule's input is unusable.
    #[error(transparent)]
    Input(#[from] ScheduleInputError),
    /// Who holds the lease cannot be told.
    #[error("the lease cannot be acquired: {0}")]
    Lease(ServiceError),
    /// The lease ran out, because the table could not be reached to renew it.
    #[error("the lease ran out, because it could not be renewed")]
    Expired,
}

impl<G, S, B, Q, T> Subscribe<G, S, B, Q, T>
where
    G: TopicSource,
    S: SecretSource,
    B: EventBus,
    Q: FallbackQueue,
    T: CheckpointTable,
{
    /// A handler that holds nothing yet. `random` spreads the retries: a number from 0 to 1, another one each time.
    pub fn new(
        services: Services<G, S, B, Q, T>,
        settings: SubscribeSettings,
        meter: Meter,
        clock: Clock,
        random: fn() -> f64,
    ) -> Self {
        Self { services, settings, meter, clock, random }
    }

    /// Handles one invocation of the schedule: ends at once where another one holds the topics, or holds them.
    ///
    /// # Errors
    /// See [`SubscribeError`].
    pub async fn handle(&self, invocation: &Invocation, payload: &Value) -> Result<Outcome, SubscribeError> {
        let input = ScheduleInput::parse(payload)?;
        let plan = self.settings.plan(&input);
        let times = self.settings.times;
        let lease = lease::acquire(&self.services.table, invocation, &plan, times, &self.clock, self.random).await;
        let Some(lease) = lease.map_err(SubscribeError::Lease)? else { return Ok(Outcome::NotNeeded) };
        tracing::info!(fence = lease.fence.0, topics = input.topics.len(), "holds the topics");
        let end = self.hold(&lease, &input).await;
        self.services.source.disconnect();
        self.meter.flush();
        match end {
            LeaseEnd::HandOver(successor) => {
                tracing::info!(successor, "handed the topics over");
                self.meter.handed_over();
                Ok(Outcome::HandedOver)
            }
            LeaseEnd::OutOfTime => {
                tracing::warn!("gave the topics up at the end of its time: nobody waited for them");
                Ok(Outcome::HandedOver)
            }
            LeaseEnd::Fenced => {
                tracing::warn!("another invocation has taken the topics over");
                Ok(Outcome::Replaced)
            }
            LeaseEnd::Expired => Err(SubscribeError::Expired),
        }
    }

    /// Reads the topics until the lease is held no longer.
    async fn hold(&self, lease: &HeldLease<'_>, input: &ScheduleInput) -> LeaseEnd {
        let Services { source, keys, bus, queue, table } = &self.services;
        let (stop, stopped) = watch::channel(false);
        let shared = Shared {
            source,
            keys,
            publisher: Publisher::new(WhileHeld { place: bus, lease }, WhileHeld { place: queue, lease }, self.random),
            table,
            fence: lease.fence,
            start_at: input.start_at,
            meter: &self.meter,
            clock: &self.clock,
            silence: self.settings.times.silence,
            random: self.random,
            bus_calls: Semaphore::new(MAX_BUS_CALLS),
            table_calls: Semaphore::new(MAX_TABLE_CALLS),
            stop: stopped,
        };
        let mut topics: FuturesUnordered<_> =
            input.topics.iter().map(|topic| TopicReader::new(&shared, topic).run()).collect();
        let mut reading = pin!(async {
            while let Some(read) = topics.next().await {
                read?;
            }
            Ok::<(), Fenced>(())
        });
        let end = select! {
            biased;
            end = lease.keep(table) => end,
            // A topic ends before it is told to only when somebody else has taken it over.
            _ = &mut reading => LeaseEnd::Fenced,
            () = self.count(input.topics.len()) => LeaseEnd::OutOfTime,
        };
        if matches!(end, LeaseEnd::HandOver(_) | LeaseEnd::OutOfTime) {
            stop.send_replace(true);
            match timeout(DRAIN_TIMEOUT, reading).await {
                Ok(Ok(())) => {}
                Ok(Err(Fenced)) => return LeaseEnd::Fenced,
                Err(_) => tracing::warn!("not all that was read could be published: the next holder reads it again"),
            }
            lease.release(table).await;
        }
        end
    }

    /// Says from time to time that the holder lives, and what it did.
    async fn count(&self, topics: usize) {
        let beats = async {
            sleep(FIRST_HEARTBEAT).await;
            loop {
                self.meter.heartbeat(topics);
                sleep(HEARTBEAT).await;
            }
        };
        let flushes = async {
            loop {
                sleep(FLUSH_INTERVAL).await;
                self.meter.flush();
            }
        };
        tokio::join!(beats, flushes);
    }
}
