//! What the handler made of a request, and what the sender is told.

use std::time::Duration;

use momento_signature::SignatureError;

use crate::message::topic_message::TopicMessageError;
use crate::secret::store::SecretError;
use crate::service_error::ServiceError;

use super::freshness::NotFresh;
use super::function_url::Answer;
use super::taken_requests::CAPACITY;

/// The largest body taken, in bytes. Momento's messages are at most 4 KB of text, 24 KB if JSON escapes all of it. An
/// event of this size, even parked with each byte escaped, keeps inside the 256 KiB that SQS and EventBridge accepted
/// until January 2026 and some of their targets still do.
pub const MAX_BODY_BYTES: usize = 120 * 1024;

/// What the handler made of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is on the bus.
    Published {
        /// The event's id there.
        event_id: String,
        /// What it was.
        arrival: Arrival,
        /// How long the bus took, retries included.
        publish_time: Duration,
    },
    /// It is in the fallback queue.
    Parked {
        /// Why the bus did not take it.
        bus: ServiceError,
        /// What it was.
        arrival: Arrival,
    },
    /// It was taken before.
    Duplicate {
        /// What it was.
        arrival: Arrival,
    },
    /// It was genuine and is nowhere but in the log.
    Lost {
        /// Why the bus did not take it.
        bus: ServiceError,
        /// Why the fallback queue did not.
        queue: ServiceError,
        /// What it was.
        arrival: Arrival,
    },
    /// It was refused.
    Rejected(Rejection),
}

/// A genuine, fresh message as it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// The webhook that sent it, where each has a signing secret with a name.
    pub webhook: Option<String>,
    /// The detail-type that it has on the bus.
    pub(super) detail_type: String,
    /// Its number in its topic.
    pub(super) topic_sequence_number: u64,
    /// How long ago it was published.
    pub(super) age: Duration,
    /// Whether the table of the replay guard, if there is one, had no say in it, or did not hear of it.
    pub unguarded: bool,
}

/// Why a request was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Not an event of a Function URL.
    #[error("not an event of a Lambda function URL or an HTTP API (payload format 2.0)")]
    ForeignEvent,
    /// Not a POST.
    #[error("the method is not POST")]
    Method,
    /// Larger than [`MAX_BODY_BYTES`].
    #[error("the body has {0} bytes")]
    TooLarge(usize),
    /// No signature that could be checked.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// A signature that none of the signing secrets made.
    #[error("no signing secret made this signature")]
    Unauthorized,
    /// A previous signing secret made the signature, and is no longer valid.
    #[error("a previous signing secret, no longer valid, made this signature: the sender does not use the current one")]
    Expired,
    /// It cannot be said whether it is genuine: the signing secrets, or those that may have come since, cannot be read.
    #[error("the signing secrets to check it with cannot be read: {0}")]
    NoSecret(#[from] SecretError),
    /// Genuine, but not a topic message.
    #[error(transparent)]
    Payload(#[from] TopicMessageError),
    /// Genuine, but from too long ago or too far ahead.
    #[error(transparent)]
    NotFresh(#[from] NotFresh),
    /// Genuine, but another environment is handling the same request at this moment.
    #[error("the same request is being handled")]
    InProgress,
    /// Genuine, but whether it was taken before cannot be told.
    #[error("the replay guard's table cannot be asked: {0}")]
    GuardUnavailable(ServiceError),
    /// Genuine, but whether it was taken before cannot be told: more messages came than this environment remembers.
    #[error("more than {CAPACITY} messages came in the time that one is fresh: this one may have been taken before")]
    Forgotten,
}

impl Verdict {
    /// What the sender is told.
    #[must_use]
    pub fn answer(&self) -> Answer {
        match self {
            Self::Published { event_id, .. } => Answer::new(200, "Success").with_event_id(event_id),
            Self::Parked { .. } => Answer::new(202, "Accepted"),
            Self::Duplicate { .. } => Answer::new(200, "Duplicate"),
            Self::Lost { .. } => Answer::new(503, "Service Unavailable"),
            Self::Rejected(rejection) => rejection.answer(),
        }
    }
}

impl Rejection {
    fn answer(&self) -> Answer {
        match self {
            Self::Method => Answer::new(405, "Method Not Allowed").with_allow("POST"),
            Self::TooLarge(_) => Answer::new(413, format!("Payload Too Large: at most {MAX_BODY_BYTES} bytes")),
            Self::Signature(_) | Self::Unauthorized | Self::Expired | Self::NotFresh(_) => {
                Answer::new(403, "Unauthorized")
            }
            Self::NoSecret(_) | Self::InProgress | Self::GuardUnavailable(_) | Self::Forgotten => {
                Answer::new(503, "Service Unavailable")
            }
            Self::ForeignEvent => Answer::new(400, format!("Bad Request: {self}")),
            Self::Payload(error) => Answer::new(400, format!("Bad Request: {error}")),
        }
    }
}
