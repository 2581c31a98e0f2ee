//! What every call by gRPC has in common: how it is told from HTTP, what it is aimed at, and how it is refused.

use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use momento_protos::cache_client::pubsub::{PublishRequest, SubscriptionRequest};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use prost::Message as _;
use serde::{Deserialize, Serialize};
use tonic::{Code, Status};

use crate::api_error::ApiError;

/// Before each message: a flag for compression, and the length in four bytes.
const FRAME_HEADER: usize = 5;
/// As JavaScript's `encodeURIComponent`.
const NAME: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

pub(crate) fn is_grpc(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    content_type.is_some_and(|content_type| content_type.starts_with("application/grpc"))
}

/// The method's path and what it is aimed at, `/cache_client.pubsub.Pubsub/Publish/cache/topic`: gRPC has the names in the
/// body, where no prefix of a path tells them apart.
pub(crate) fn target(path: &str, body: &[u8]) -> Option<String> {
    let message = body.get(FRAME_HEADER..)?;
    let (cache, topic) = match path.rsplit_once('/')? {
        (_, "Publish") => PublishRequest::decode(message).map(|request| (request.cache_name, request.topic)).ok()?,
        (_, "Subscribe") => {
            SubscriptionRequest::decode(message).map(|request| (request.cache_name, request.topic)).ok()?
        }
        _ => return None,
    };
    Some(format!("{path}/{}/{}", utf8_percent_encode(&cache, NAME), utf8_percent_encode(&topic, NAME)))
}

/// A status of gRPC, by the name that its specification has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum StatusName {
    Ok = 0,
    Cancelled,
    Unknown,
    InvalidArgument,
    DeadlineExceeded,
    NotFound,
    AlreadyExists,
    PermissionDenied,
    ResourceExhausted,
    FailedPrecondition,
    Aborted,
    OutOfRange,
    Unimplemented,
    Internal,
    Unavailable,
    DataLoss,
    Unauthenticated,
}

impl StatusName {
    pub(crate) fn with_message(self, message: Option<String>) -> Status {
        Status::new(Code::from(self as i32), message.unwrap_or_else(|| "Injected".to_owned()))
    }
}

impl From<ApiError> for Status {
    fn from(error: ApiError) -> Self {
        let code = match error {
            ApiError::BadRequest(_) => Code::InvalidArgument,
            ApiError::Unauthorized => Code::Unauthenticated,
            ApiError::Forbidden => Code::PermissionDenied,
            ApiError::NoSuchCache | ApiError::NoSuchKey => Code::NotFound,
            ApiError::NoSuchPath | ApiError::NoSuchMethod => Code::Unimplemented,
        };
        Self::new(code, error.to_string())
    }
}

/// An answer that is nothing but a status.
pub(crate) fn answer(status: Status) -> Response {
    status.into_http::<tonic::body::Body>().into_response()
}
