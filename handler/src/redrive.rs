//! From the fallback queue back to the bus: what is parked is put on the bus as it would have been at first, and what
//! cannot be placed ends in the dead-letter queue, with the reason.

use std::future::Future;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::timeout;

use crate::bus_event::{BusEvent, SOURCE};
use crate::clock::{Clock, UnixMillis};
use crate::delivery_error::DeliveryError;
use crate::publisher::EventBus;

/// The most events in one call (`PutEvents` in EventBridge's API reference).
const MAX_EVENTS_A_CALL: usize = 10;
/// The most bytes in one call. EventBridge takes 1 MB since January 2026, and took 256 KB before.
const MAX_BYTES_A_CALL: usize = 256 * 1024;
/// What EventBridge counts for an event's time, in bytes (`Calculating entry size` in its user guide).
const TIME_BYTES: usize = 14;
/// The longest wait for one call. A batch takes at most ten calls to the bus and ten to the queues, in a function that
/// has 30 s; after a call to the bus that failed altogether, the rest of the batch waits for the next time.
const CALL_TIMEOUT: Duration = Duration::from_secs(1);
/// The wait after the first attempt that failed; it doubles with each.
const FIRST_WAIT: Duration = Duration::from_secs(2);
/// The longest wait between two attempts.
const LONGEST_WAIT: Duration = Duration::from_mins(15);

/// A batch of messages, as Lambda hands them over.
#[derive(Debug, Deserialize)]
pub struct SqsBatch {
    /// The messages.
    #[serde(rename = "Records")]
    pub records: Vec<ParkedMessage>,
}

/// A message of the fallback queue.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ParkedMessage {
    message_id: String,
    receipt_handle: String,
    body: String,
    attributes: SystemAttributes,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SystemAttributes {
    approximate_receive_count: String,
    sent_timestamp: String,
}

impl ParkedMessage {
    fn attempts(&self) -> u32 {
        self.attributes.approximate_receive_count.parse().unwrap_or(1)
    }

    fn parked_at(&self) -> UnixMillis {
        UnixMillis(self.attributes.sent_timestamp.parse().unwrap_or_default())
    }
}

/// The messages of a batch that Lambda shall leave in the queue.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchResponse {
    batch_item_failures: Vec<BatchItemFailure>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct BatchItemFailure {
    item_identifier: String,
}

/// The queue that parked messages come from.
pub trait ParkedQueue {
    /// Keeps a message from being received again for that long.
    fn postpone(&self, receipt_handle: &str, wait: Duration) -> impl Future<Output = Result<(), DeliveryError>> + Send;
}

/// The queue for what cannot be placed.
pub trait DeadLetterQueue {
    /// Puts a message in it.
    fn bury(&self, letter: &DeadLetter<'_>) -> impl Future<Output = Result<(), DeliveryError>> + Send;
}

/// What cannot be placed, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter<'a> {
    /// The parked message, unchanged.
    pub body: &'a str,
    /// Why it is not on the bus.
    pub reason: String,
    /// How often it was tried to put it there.
    pub attempts: u32,
    /// When it was parked.
    pub parked_at: UnixMillis,
}

/// What became of a batch.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Messages that are on the bus.
    pub redriven: usize,
    /// Messages that wait in the queue for the next time.
    pub postponed: usize,
    /// Messages that are in the dead-letter queue.
    pub dead_lettered: usize,
}

/// The redrive handler, with all that it reaches for passed in.
#[derive(Debug)]
pub struct Redrive<B, P, D, C> {
    bus: B,
    parked: P,
    dead_letters: D,
    patience: Duration,
    clock: C,
}

impl<B: EventBus, P: ParkedQueue, D: DeadLetterQueue, C: Clock> Redrive<B, P, D, C> {
    /// A handler that tries for `patience` to put each message on the bus.
    pub fn new(bus: B, parked: P, dead_letters: D, patience: Duration, clock: C) -> Self {
        Self { bus, parked, dead_letters, patience, clock }
    }

    /// Handles one batch.
    pub async fn handle(&self, batch: SqsBatch) -> (BatchResponse, Tally) {
        let mut response = BatchResponse::default();
        let mut tally = Tally::default();
        for (message, outcome) in self.put(&batch.records).await {
            let Err(failure) = outcome else {
                tally.redriven += 1;
                continue;
            };
            if self.is_hopeless(message, &failure) && self.bury(message, &failure).await {
                tally.dead_lettered += 1;
                continue;
            }
            self.postpone(message, &failure).await;
            tally.postponed += 1;
            response.batch_item_failures.push(BatchItemFailure { item_identifier: message.message_id.clone() });
        }
        (response, tally)
    }

    /// Puts on the bus what can be read, in as few calls as EventBridge allows.
    async fn put<'a>(&self, messages: &'a [ParkedMessage]) -> Vec<(&'a ParkedMessage, Result<(), Failure>)> {
        let mut outcomes = Vec::with_capacity(messages.len());
        let mut readable = Vec::with_capacity(messages.len());
        for message in messages {
            match serde_json::from_str::<BusEvent>(&message.body) {
                // Leave to send to the queue is not leave to speak for others on the bus.
                Ok(event) if event.source != SOURCE => outcomes.push((message, Err(Failure::NotMomentos))),
                Ok(event) => readable.push((message, event)),
                Err(_) => outcomes.push((message, Err(Failure::Unreadable))),
            }
        }
        let mut outage = None;
        for (messages, events) in calls(readable) {
            let results = match &outage {
                Some(error) => Err(DeliveryError::clone(error)),
                None => timeout(CALL_TIMEOUT, self.bus.put(&events)).await.unwrap_or(Err(DeliveryError::TimedOut)),
            };
            match results {
                Ok(results) => {
                    let unanswered = || Err(DeliveryError::Unavailable("NoEntry".to_owned()));
                    let results = results.into_iter().map(Some).chain(std::iter::repeat(None));
                    outcomes.extend(messages.into_iter().zip(results).map(|(message, result)| {
                        (message, result.unwrap_or_else(unanswered).map(|_| ()).map_err(Failure::Bus))
                    }));
                }
                Err(error) => {
                    outcomes.extend(messages.into_iter().map(|message| (message, Err(Failure::Bus(error.clone())))));
                    outage = Some(error);
                }
            }
        }
        outcomes
    }

    fn is_hopeless(&self, message: &ParkedMessage, failure: &Failure) -> bool {
        let waited = self.clock.now().since(message.parked_at());
        match failure {
            Failure::Unreadable | Failure::NotMomentos => true,
            Failure::Bus(error) => error.blames_the_event() || waited >= self.patience,
        }
    }

    async fn bury(&self, message: &ParkedMessage, failure: &Failure) -> bool {
        let letter = DeadLetter {
            body: &message.body,
            reason: failure.to_string(),
            attempts: message.attempts(),
            parked_at: message.parked_at(),
        };
        let buried = timeout(CALL_TIMEOUT, self.dead_letters.bury(&letter)).await;
        match buried.unwrap_or(Err(DeliveryError::TimedOut)) {
            Ok(()) => {
                tracing::warn!(message_id = message.message_id, reason = %failure, "moved to the dead-letter queue");
                true
            }
            Err(error) => {
                tracing::error!(message_id = message.message_id, %error, "the dead-letter queue did not take a message");
                false
            }
        }
    }

    async fn postpone(&self, message: &ParkedMessage, failure: &Failure) {
        let wait = wait_after(message.attempts());
        tracing::warn!(message_id = message.message_id, reason = %failure, wait_s = wait.as_secs(), "postponed");
        // Where that fails, the queue's own visibility timeout is the wait.
        let _ = timeout(CALL_TIMEOUT, self.parked.postpone(&message.receipt_handle, wait)).await;
    }
}

/// Why a message is not on the bus.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Failure {
    #[error("it is not a parked event")]
    Unreadable,
    #[error("its source is not {SOURCE}")]
    NotMomentos,
    #[error("{0}")]
    Bus(DeliveryError),
}

/// How long to wait after that many attempts: twice as long each time, up to a limit.
#[must_use]
pub fn wait_after(attempts: u32) -> Duration {
    let doublings = attempts.saturating_sub(1).min(16);
    (FIRST_WAIT * 2_u32.pow(doublings)).min(LONGEST_WAIT)
}

/// Splits events into calls that EventBridge takes, in their order.
fn calls<M>(events: Vec<(M, BusEvent)>) -> Vec<(Vec<M>, Vec<BusEvent>)> {
    let mut calls: Vec<(Vec<M>, Vec<BusEvent>)> = Vec::new();
    let mut bytes = 0;
    for (message, event) in events {
        let size = TIME_BYTES + event.source.len() + event.detail_type.len() + event.detail.len();
        match calls.last_mut() {
            Some((messages, events)) if events.len() < MAX_EVENTS_A_CALL && bytes + size <= MAX_BYTES_A_CALL => {
                bytes += size;
                messages.push(message);
                events.push(event);
            }
            _ => {
                bytes = size;
                calls.push((vec![message], vec![event]));
            }
        }
    }
    calls
}
