//! Why a command is not delivered, and what a dead letter says about it.

use std::time::Duration;

use crate::momento::api::CallError;
use crate::queue::dead_letter::MessageAttribute;
use crate::queue::sqs_batch::SqsMessage;
use crate::secret::store::SecretError;

use super::message::MessageError;

/// What a command has run out of.
#[derive(Debug, Clone, Copy)]
pub(super) enum Exhausted {
    Attempts,
    Age,
}

/// Why a command is not delivered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Failure {
    #[error(transparent)]
    NoCommand(#[from] MessageError),
    #[error("there was no time left to send it before it was too old")]
    TooOld,
    #[error("there is no time left in this invocation")]
    NoTimeLeft,
    #[error("the rate limit has no turn for it yet")]
    NoTurn(Duration),
    #[error("there is no API key: {0}")]
    NoApiKey(SecretError),
    #[error("{0}")]
    Call(CallError),
}

impl Failure {
    /// Whether Momento did not accept the API key.
    pub(super) fn is_unauthorized(&self) -> bool {
        matches!(self, Self::Call(error) if error.is_unauthorized())
    }

    /// What stands in `ERROR_CODE`: EventBridge's own code, where it has one.
    fn code(&self) -> &'static str {
        match self {
            Self::NoCommand(_) | Self::Call(CallError::TooLong) => "INVALID_COMMAND",
            Self::TooOld | Self::NoTimeLeft | Self::NoTurn(_) => "EXPIRED",
            Self::NoApiKey(_) => "NO_API_KEY",
            Self::Call(CallError::Answered(_)) => "ERROR_FROM_TARGET",
            Self::Call(CallError::TimedOut) => "TIMEOUT",
            Self::Call(CallError::ConnectionFailed) => "CONNECTION_FAILURE",
        }
    }
}

/// The message attributes of a dead letter. The longest comes last: it is the first that a large message leaves no room for.
pub(super) fn attributes(
    message: &SqsMessage,
    failure: &Failure,
    exhausted: Option<Exhausted>,
) -> Vec<(&'static str, MessageAttribute)> {
    let mut attributes = vec![
        ("ERROR_CODE", MessageAttribute::Text(failure.code().to_owned())),
        ("RETRY_ATTEMPTS", MessageAttribute::Number(message.receive_count().saturating_sub(1).into())),
    ];
    if let Some(exhausted) = exhausted {
        let condition = match exhausted {
            Exhausted::Attempts => "MaximumRetryAttempts",
            Exhausted::Age => "MaximumEventAgeInSeconds",
        };
        attributes.push(("EXHAUSTED_RETRY_CONDITION", MessageAttribute::Text(condition.to_owned())));
    }
    if let Failure::Call(CallError::Answered(response)) = failure {
        attributes.push(("MOMENTO_STATUS", MessageAttribute::Number(response.status.into())));
    }
    attributes.push(("ERROR_MESSAGE", MessageAttribute::Text(failure.to_string())));
    attributes
}
