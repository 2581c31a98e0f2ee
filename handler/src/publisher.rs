//! Puts an event on the bus; where the bus does not take it in time, parks it in the fallback queue.

use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout_at};

use crate::bus_event::BusEvent;

/// How long one call may take before another is tried. EventBridge and SQS answer in tens of milliseconds.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(1);
/// How often one event is offered to the bus, and then to the queue. Their time usually runs out first.
const MAX_ATTEMPTS: u32 = 6;
/// The wait before the second attempt is a random part of this, before the third of twice this, and so on.
const FIRST_BACKOFF: Duration = Duration::from_millis(50);

/// The event bus.
pub trait EventBus {
    /// Puts an event on the bus and returns the id it got there. Tries once.
    fn put(&self, event: &BusEvent) -> impl Future<Output = Result<String, DeliveryError>> + Send;
}

/// The queue that keeps what the bus did not take.
pub trait FallbackQueue {
    /// Parks an event, with the reason why it is not on the bus. Tries once.
    fn park(&self, event: &BusEvent, reason: &DeliveryError) -> impl Future<Output = Result<(), DeliveryError>> + Send;
}

/// Why a service did not take an event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// It may take it if asked again: throttled, broken or out of reach. With the error code it gave.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// It would refuse it again: no permission, or an event that it finds malformed. With the error code it gave.
    #[error("refused: {0}")]
    Refused(String),
    /// It did not answer in time. It may have taken the event all the same.
    #[error("no answer in time")]
    TimedOut,
}

/// Until when each of the two places may be tried.
#[derive(Debug, Clone, Copy)]
pub struct Deadlines {
    /// The bus.
    pub publish: Instant,
    /// The fallback queue: the later one, so that there is time left when the bus has used up its own.
    pub park: Instant,
}

/// What became of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// It is on the bus.
    Published {
        /// The id it has there.
        event_id: String,
    },
    /// It is in the fallback queue.
    Parked {
        /// Why the bus did not take it.
        bus: DeliveryError,
    },
    /// It is in neither.
    Failed {
        /// Why the bus did not take it.
        bus: DeliveryError,
        /// Why the queue did not.
        queue: DeliveryError,
    },
}

/// Delivers events to the bus, or else to the queue.
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

    /// Delivers an event. Returns by the later deadline, whatever the services do.
    pub async fn deliver(&self, event: &BusEvent, deadlines: Deadlines) -> Delivery {
        let bus = match self.retry(deadlines.publish, || self.bus.put(event)).await {
            Ok(event_id) => return Delivery::Published { event_id },
            Err(error) => error,
        };
        match self.retry(deadlines.park, || self.queue.park(event, &bus)).await {
            Ok(()) => Delivery::Parked { bus },
            Err(queue) => Delivery::Failed { bus, queue },
        }
    }

    async fn retry<T, F>(&self, deadline: Instant, attempt: impl Fn() -> F) -> Result<T, DeliveryError>
    where
        F: Future<Output = Result<T, DeliveryError>>,
    {
        let mut failures = 0;
        loop {
            let attempt_ends = deadline.min(Instant::now() + ATTEMPT_TIMEOUT);
            let error = match timeout_at(attempt_ends, attempt()).await.unwrap_or(Err(DeliveryError::TimedOut)) {
                Ok(taken) => return Ok(taken),
                Err(error @ DeliveryError::Refused(_)) => return Err(error),
                Err(error) => error,
            };
            failures += 1;
            let next =
                Instant::now() + (FIRST_BACKOFF * 2_u32.pow(failures - 1)).mul_f64((self.random)().clamp(0., 1.));
            if failures == MAX_ATTEMPTS || next >= deadline {
                return Err(error);
            }
            sleep_until(next).await;
        }
    }
}
