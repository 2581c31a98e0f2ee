//! The event bus.

pub mod call_size;
pub mod event;

use crate::service_error::ServiceError;

use event::BusEvent;

/// The event bus.
pub trait EventBus {
    /// Puts events on the bus in one call, and says of each the id it got there or why it did not get there; or why
    /// the whole call failed. Tries once.
    async fn put(&self, events: &[BusEvent]) -> Result<Vec<PutResult>, ServiceError>;
}

/// The id that an event got on the bus, or why it did not get there.
pub type PutResult = Result<String, ServiceError>;
