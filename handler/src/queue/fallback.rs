//! The queue for what the bus did not take.

use crate::bus::event::BusEvent;
use crate::service_error::ServiceError;

/// The queue that keeps what the bus did not take.
pub trait FallbackQueue {
    /// Parks an event, with the reason why it is not on the bus. Tries once.
    async fn park(&self, event: &BusEvent, reason: &ServiceError) -> Result<(), ServiceError>;
}
