//! Why a stream is read no longer.

use crate::momento::pubsub::StreamError;
use crate::secret::store::SecretError;
use crate::service_error::ServiceError;

/// Why a stream is read no longer.
#[derive(Debug)]
pub(super) enum StreamEnd {
    /// The topics are handed over.
    Stopped,
    /// It could not be opened, or broke.
    Stream(StreamError),
    /// There is no API key to open it with.
    NoKey(SecretError),
    /// It brought nothing for too long.
    Silent,
    /// Neither the bus nor the queue took an event.
    Blocked { bus: ServiceError, queue: ServiceError },
}
