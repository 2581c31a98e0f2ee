//! From the fallback queue back to the bus: what is parked is put on the bus as it would have been at first, and what
//! cannot be placed ends in the dead-letter queue, with the reason.

pub mod metrics;
pub mod settings;

use std::collections::VecDeque;
use std::iter;
use std::time::Duration;

use tokio::time::timeout;

use crate::bus::EventBus;
use crate::bus::call_size::CallSize;
use crate::bus::event::BusEvent;
use crate::clock::Clock;
use crate::message::event::SOURCE;
use crate::message::missed::SUBSCRIPTION_SOURCE;
use crate::queue::backoff::wait_after;
use crate::queue::dead_letter::{DeadLetter, DeadLetterQueue, MessageAttribute, log_burial};
use crate::queue::sqs_batch::{BatchResponse, SourceQueue, SqsBatch, SqsMessage};
use crate::queue::tally::Tally;
use crate::service_error::ServiceError;

/// The longest wait for one call, in a function that has 30 s. A batch of ten takes at most 15 calls to the bus: five of two
/// large events each, and, if one event makes each of these calls invalid, one for each event. Then at most ten go to the
/// dead-letter queue. After a call to the bus that failed for another reason, the rest of the batch waits for the next time.
const CALL_TIMEOUT: Duration = Duration::from_secs(1);
/// The message attribute of a dead letter that says why an event is not on the bus.
const REASON: &str = "Reason";
/// The message attribute that says how often it was tried to put it there.
const ATTEMPTS: &str = "Attempts";
/// The message attribute that says when it was parked, in milliseconds since the Unix epoch.
const PARKED_AT: &str = "ParkedAt";

/// The redrive handler, with all that it reaches for passed in.
#[derive(Debug)]
pub struct Redrive<B, P, D> {
    bus: B,
    parked: P,
    dead_letters: D,
    patience: Duration,
    clock: Clock,
}

impl<B: EventBus, P: SourceQueue, D: DeadLetterQueue> Redrive<B, P, D> {
    /// A handler that tries for `patience` to put each message on the bus.
    pub fn new(bus: B, parked: P, dead_letters: D, patience: Duration, clock: Clock) -> Self {
        Self { bus, parked, dead_letters, patience, clock }
    }

    /// Handles one batch.
    pub async fn handle(&self, batch: SqsBatch) -> (BatchResponse, Tally) {
        let mut response = BatchResponse::default();
        let mut tally = Tally::default();
        for (message, outcome) in self.put(&batch.records).await {
            let Err(failure) = outcome else {
                tally.done += 1;
                continue;
            };
            if self.is_hopeless(message, &failure) && self.bury(message, &failure).await {
                tally.dead_lettered += 1;
                continue;
            }
            self.postpone(message, &failure).await;
            tally.postponed += 1;
            response.keep(message);
        }
        (response, tally)
    }

    /// Puts on the bus what can be read, in as few calls as EventBridge allows.
    async fn put<'a>(&self, messages: &'a [SqsMessage]) -> Vec<(&'a SqsMessage, Result<(), Failure>)> {
        let mut outcomes = Vec::with_capacity(messages.len());
        let mut readable = Vec::with_capacity(messages.len());
        for message in messages {
            match serde_json::from_str::<BusEvent>(&message.body) {
                // Write access to the queue must not allow forging other sources.
                Ok(event) if event.source != SOURCE && event.source != SUBSCRIPTION_SOURCE => {
                    outcomes.push((message, Err(Failure::ForeignSource)));
                }
                Ok(event) => readable.push((message, event)),
                Err(_) => outcomes.push((message, Err(Failure::Unreadable))),
            }
        }
        let mut calls = VecDeque::from(calls(readable));
        let mut outage = None;
        while let Some((messages, events)) = calls.pop_front() {
            let results = match &outage {
                Some(error) => Err(ServiceError::clone(error)),
                None => timeout(CALL_TIMEOUT, self.bus.put(&events)).await.unwrap_or(Err(ServiceError::TimedOut)),
            };
            match results {
                Ok(results) => {
                    let unanswered = || Err(ServiceError::Unavailable("NoEntry".to_owned()));
                    let results = results.into_iter().chain(iter::repeat_with(unanswered));
                    let results = results.map(|result| result.map(|_| ()).map_err(Failure::Bus));
                    outcomes.extend(messages.into_iter().zip(results));
                }
                // One of the events makes the whole call invalid. It must not cost the others their place on the bus.
                Err(error) if error.is_event_fault() && events.len() > 1 => {
                    let singles = messages.into_iter().zip(events).map(|(message, event)| (vec![message], vec![event]));
                    singles.rev().for_each(|single| calls.push_front(single));
                }
                Err(error) => {
                    outcomes.extend(messages.into_iter().map(|message| (message, Err(Failure::Bus(error.clone())))));
                    outage = outage.or_else(|| (!error.is_event_fault()).then_some(error));
                }
            }
        }
        outcomes
    }

    fn is_hopeless(&self, message: &SqsMessage, failure: &Failure) -> bool {
        let waited = self.clock.now().since(message.sent_at());
        match failure {
            Failure::Unreadable | Failure::ForeignSource => true,
            Failure::Bus(error) => error.is_event_fault() || waited >= self.patience,
        }
    }

    async fn bury(&self, message: &SqsMessage, failure: &Failure) -> bool {
        let letter = DeadLetter {
            body: &message.body,
            attributes: vec![
                (REASON, MessageAttribute::Text(failure.to_string())),
                (ATTEMPTS, MessageAttribute::Number(message.receive_count().into())),
                (PARKED_AT, MessageAttribute::Number(message.sent_at().0)),
            ],
        };
        let buried =
            timeout(CALL_TIMEOUT, self.dead_letters.bury(&letter)).await.unwrap_or(Err(ServiceError::TimedOut));
        log_burial(&message.message_id, failure, &buried);
        buried.is_ok()
    }

    async fn postpone(&self, message: &SqsMessage, failure: &Failure) {
        let wait = wait_after(message.receive_count());
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
    #[error("its source is neither {SOURCE} nor {SUBSCRIPTION_SOURCE}")]
    ForeignSource,
    #[error("{0}")]
    Bus(ServiceError),
}

/// Splits events into calls that EventBridge takes, in their order.
fn calls<M>(events: Vec<(M, BusEvent)>) -> Vec<(Vec<M>, Vec<BusEvent>)> {
    let mut calls: Vec<(Vec<M>, Vec<BusEvent>)> = Vec::new();
    let mut size = CallSize::default();
    for (message, event) in events {
        match calls.last_mut() {
            Some((messages, events)) if size.add(&event) => {
                messages.push(message);
                events.push(event);
            }
            _ => {
                size = CallSize::default();
                size.add(&event);
                calls.push((vec![message], vec![event]));
            }
        }
    }
    calls
}
