//! Puts an event on the bus; where the bus does not take it in time, parks it in the fallback queue.

use std::slice;

use tokio::time::Instant;

use crate::bus::event::BusEvent;
use crate::bus::{EventBus, PutResult};
use crate::queue::fallback::FallbackQueue;
use crate::retry::retry;
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
        let bus = match retry(deadlines.publish, self.random, || self.put(event)).await {
            Ok(event_id) => return PublishOutcome::Published { event_id },
            Err(error) => error,
        };
        match retry(deadlines.park, self.random, || self.queue.park(event, &bus)).await {
            Ok(()) => PublishOutcome::Parked { bus },
            Err(queue) => PublishOutcome::Failed { bus, queue },
        }
    }

    async fn put(&self, event: &BusEvent) -> PutResult {
        // A call that succeeds may still say, entry by entry, that it took nothing.
        let results = self.bus.put(slice::from_ref(event)).await?;
        results.into_iter().next().unwrap_or_else(|| Err(ServiceError::Unavailable("NoEntry".to_owned())))
    }
}
