//! What the errors of AWS services mean.

use aws_sdk_eventbridge::config::http::HttpResponse;
use aws_sdk_eventbridge::error::{ProvideErrorMetadata, SdkError};

use crate::service_error::ServiceError;

/// The longest error code that is shown. AWS's own have up to 60 characters or so.
const MAX_CODE_CHARS: usize = 96;

/// What a failed call means to who wanted to deliver something.
pub(super) fn service_error<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> ServiceError {
    let code = error_code(error);
    let refused = matches!(error, SdkError::ServiceError(refusal) if {
        let status = refusal.raw().status();
        status.is_client_error() && !matches!(status.as_u16(), 408 | 429) && !is_throttling(&code)
    });
    if refused { ServiceError::Refused(code) } else { ServiceError::Unavailable(code) }
}

/// The service's error code, or what happened to the connection.
pub(super) fn error_code<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> String {
    match error {
        SdkError::ConstructionFailure(_) => "ConstructionFailure",
        SdkError::TimeoutError(_) => "Timeout",
        SdkError::DispatchFailure(_) => "ConnectionFailed",
        SdkError::ResponseError(_) => "UnreadableResponse",
        error => return error.code().map_or_else(|| "Unknown".to_owned(), printable_code),
    }
    .to_owned()
}

/// An error code as a service sends it, if it looks like one. Anything else could be text that was sent to the service.
pub(super) fn printable_code(code: &str) -> String {
    let is_code = (1..=MAX_CODE_CHARS).contains(&code.len())
        && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_'));
    if is_code { code.to_owned() } else { "UnreadableCode".to_owned() }
}

/// AWS throttles with a client error, status 400, by several names.
fn is_throttling(code: &str) -> bool {
    ["Throttl", "LimitExceeded", "ThroughputExceeded", "TooManyRequests", "SlowDown"]
        .iter()
        .any(|name| code.contains(name))
}
