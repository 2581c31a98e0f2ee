//! Puts events on the bus; what the bus does not take in time is parked in the fallback queue.

use std::cell::RefCell;
use std::{iter, slice};

use tokio::time::Instant;

use crate::bus::event::BusEvent;
use crate::bus::{EventBus, PutResult};
use crate::queue::fallback::FallbackQueue;
use crate::retry::{Retryable, retry};
use crate::service_error::ServiceError;

/// Until when each of the two places may be tried.
#[derive(Debug, Clone, Copy)]
pub struct Deadlines {
    /// The bus.
    pub publish: Instant,
    /// The fallback queue: the later one, so that there is time left when the bus has used up its own.
    pub park: Instant,
}

/// The outcome of publishing an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublishOutcome {
    /// It is on the bus.
    Published {
        /// The id it has there.
        event_id: String,
    },
    /// It is in the fallback queue.
    Parked {
        /// Why the bus did not take it.
        bus: ServiceError,
    },
    /// It is in neither.
    Failed {
        /// Why the bus did not take it.
        bus: ServiceError,
        /// Why the queue did not.
        queue: ServiceError,
    },
}

/// Publishes events on the bus, or else parks them in the queue.
#[derive(Debug, Clone)]
pub struct Publisher<B, Q> {
    bus: B,
    queue: Q,
    random: fn() -> f64,
}

impl<B: EventBus, Q: FallbackQueue> Publisher<B, Q> {
    /// `random` spreads the retries: a number from 0 to 1, another one each time.
    pub fn new(bus: B, queue: Q, random: fn() -> f64) -> Self {
        Self { bus, queue, random }
    }

    /// Publishes an event, or parks it. Returns by the later deadline, whatever the services do.
    pub async fn publish(&self, event: &BusEvent, deadlines: Deadlines) -> PublishOutcome {
        let mut outcomes = self.publish_all(slice::from_ref(event), deadlines).await;
        let no_entry = || PublishOutcome::Failed { bus: no_entry(), queue: no_entry() };
        outcomes.pop().unwrap_or_else(no_entry)
    }

    /// Publishes events that have room in one call, or parks those that the bus does not take, and returns the outcome of each.
    /// Once the queue has not taken one, those after it that are not on the bus are not parked. Returns by the later deadline,
    /// whatever the services do.
    pub async fn publish_all(&self, events: &[BusEvent], deadlines: Deadlines) -> Vec<PublishOutcome> {
        let results = RefCell::new(vec![Err(ServiceError::TimedOut); events.len()]);
        // Why the last attempt failed does not matter: each event has its own reason.
        let _ = retry(deadlines.publish, self.random, || self.put(events, &results)).await;
        let mut outcomes = Vec::with_capacity(events.len());
        let mut queue_error = None;
        for (event, result) in events.iter().zip(results.into_inner()) {
            outcomes.push(match (result, &queue_error) {
                (Ok(event_id), _) => PublishOutcome::Published { event_id },
                (Err(bus), Some(queue)) => PublishOutcome::Failed { bus, queue: ServiceError::clone(queue) },
                (Err(bus), None) => match retry(deadlines.park, self.random, || self.queue.park(event, &bus)).await {
                    Ok(()) => PublishOutcome::Parked { bus },
                    Err(queue) => {
                        queue_error = Some(queue.clone());
                        PublishOutcome::Failed { bus, queue }
                    }
                },
            });
        }
        outcomes
    }

    /// Puts on the bus what is not there yet and may still get there. An error if some of it may the next time.
    async fn put(&self, events: &[BusEvent], results: &RefCell<Vec<PutResult>>) -> Result<(), ServiceError> {
        let is_open = |result: &PutResult| result.as_ref().is_err_and(Retryable::is_retryable);
        let open: Vec<usize> =
            results.borrow().iter().enumerate().filter(|(_, result)| is_open(result)).map(|(index, _)| index).collect();
        let put = if open.len() == events.len() {
            self.call(events).await
        } else {
            let events: Vec<BusEvent> = open.iter().filter_map(|index| events.get(*index).cloned()).collect();
            self.call(&events).await
        };
        let mut results = results.borrow_mut();
        for (index, result) in open.into_iter().zip(put) {
            if let Some(known) = results.get_mut(index) {
                *known = result;
            }
        }
        let open = results.iter().find(|result| is_open(result)).cloned();
        open.map_or(Ok(()), |result| result.map(|_| ()))
    }

    /// Makes one call, and one for each event where one of them makes the whole call invalid.
    async fn call(&self, events: &[BusEvent]) -> Vec<PutResult> {
        match self.bus.put(events).await {
            // A call that succeeds may still say, entry by entry, that it took nothing, or leave entries out.
            Ok(results) => {
                results.into_iter().chain(iter::repeat_with(|| Err(no_entry()))).take(events.len()).collect()
            }
            Err(error) if error.is_event_fault() && events.len() > 1 => {
                let mut results = Vec::with_capacity(events.len());
                for event in events {
                    let result = self.bus.put(slice::from_ref(event)).await;
                    results
                        .push(result.and_then(|results| results.into_iter().next().unwrap_or_else(|| Err(no_entry()))));
                }
                results
            }
            Err(error) => vec![Err(error); events.len()],
        }
    }
}

/// The bus says nothing about an event.
fn no_entry() -> ServiceError {
    ServiceError::Unavailable("NoEntry".to_owned())
}
