//! Why a service did not take something.

use crate::retry::Retryable;

/// Why a service did not take what it was given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ServiceError {
    /// It may take it if asked again: throttled, broken or out of reach. With the error code it gave.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// It would refuse it again: no permission, or an event that it finds malformed. With the error code it gave.
    #[error("refused: {0}")]
    Refused(String),
    /// It did not answer in time. It may have taken it anyway.
    #[error("no answer in time")]
    TimedOut,
}

impl Retryable for ServiceError {
    fn is_retryable(&self) -> bool {
        !matches!(self, Self::Refused(_))
    }

    fn timed_out() -> Self {
        Self::TimedOut
    }
}

impl ServiceError {
    /// Whether the event itself is at fault, so that no patience and no permission would help it onto the bus.
    #[must_use]
    pub(crate) fn is_event_fault(&self) -> bool {
        // ValidationException: a single event that is over the size limit.
        matches!(self, Self::Refused(code) if matches!(
            code.as_str(), "InvalidArgument" | "MalformedDetail" | "RedactionFailure" | "ValidationException"
        ))
    }
}
