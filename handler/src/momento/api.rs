//! Momento's HTTP API, and why it did not do what a command asks for.

use std::time::Duration;

use aws_sdk_eventbridge::primitives::{DateTime, DateTimeFormat};

use super::api_key::ApiKey;
use crate::clock::UnixMillis;
use crate::command::Command;

/// Momento's HTTP API.
pub trait MomentoApi {
    /// Sends a command once.
    async fn send(&self, command: &Command, key: &ApiKey) -> Result<(), CallError>;
}

/// Why Momento did not do what a command asks for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// It answered that it did not.
    #[error("{0}")]
    Answered(ErrorResponse),
    /// It did not answer in time. It may have done it anyway.
    #[error("Momento did not answer in time")]
    TimedOut,
    /// It could not be reached, or the connection broke. It may have done it anyway.
    #[error("the connection to Momento failed")]
    ConnectionFailed,
    /// The names and the key make no URL that can be sent.
    #[error("the names and the key are too long for a URL")]
    TooLong,
}

/// An answer of Momento's that does not say that the command is done.
///
/// Its text is not kept: it may repeat the message, the item's key or the API key. What is shown of an answer is its
/// status and our own words for that.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Momento answered {status}: {}", meaning(*status))]
pub struct ErrorResponse {
    /// The HTTP status.
    pub status: u16,
    /// How long Momento asks to be left alone.
    pub retry_after: Option<RetryAfter>,
}

/// What a status means (`HTTP API` in Momento's documentation).
fn meaning(status: u16) -> &'static str {
    match status {
        200..=299 => "not the 204 that confirms a command",
        300..=399 => "a redirect, which is not followed",
        400 => "invalid request",
        401 => "invalid or expired API key",
        403 => "the API key has no permission for it",
        404 => "the cache does not exist",
        413 => "the message is too large",
        429 => "rate limit exceeded",
        500..=599 => "server error",
        _ => "not a status that Momento documents",
    }
}

impl CallError {
    /// Whether the same call may succeed later: what EventBridge retries for an API destination
    /// (`API destinations as targets` in its user guide), so that both deliveries agree.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Answered(ErrorResponse { status, .. }) => matches!(status, 401 | 407 | 409 | 429 | 500..=599),
            Self::TimedOut | Self::ConnectionFailed => true,
            Self::TooLong => false,
        }
    }

    /// Whether Momento does not know the API key.
    #[must_use]
    pub(crate) fn is_unauthorized(&self) -> bool {
        matches!(self, Self::Answered(ErrorResponse { status: 401, .. }))
    }

    /// How long Momento asks to be left alone.
    #[must_use]
    pub(crate) fn retry_after(&self, now: UnixMillis) -> Option<Duration> {
        match self {
            Self::Answered(ErrorResponse { retry_after: Some(wait), .. }) => Some(wait.from(now)),
            _ => None,
        }
    }
}

/// A `Retry-After` header (RFC 9110, 10.2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAfter {
    /// So long after the answer.
    Wait(Duration),
    /// At that moment.
    At(UnixMillis),
}

impl RetryAfter {
    /// Reads the header: seconds, or a date. `None` where it is neither.
    #[must_use]
    pub(super) fn parse(header: &str) -> Option<Self> {
        let header = header.trim();
        if !header.is_empty() && header.bytes().all(|byte| byte.is_ascii_digit()) {
            // More digits than a number holds are a wait without an end.
            return Some(Self::Wait(Duration::from_secs(header.parse().unwrap_or(u64::MAX))));
        }
        let date = DateTime::from_str(header, DateTimeFormat::HttpDate).ok()?;
        Some(Self::At(UnixMillis(u64::try_from(date.to_millis().ok()?).unwrap_or_default())))
    }

    /// How long that is from `now`.
    #[must_use]
    pub(super) fn from(self, now: UnixMillis) -> Duration {
        match self {
            Self::Wait(wait) => wait,
            Self::At(moment) => moment.since(now),
        }
    }
}
