//! What cannot be delivered, and the queue where it ends.

use std::fmt::Display;

use crate::service_error::ServiceError;

/// What cannot be delivered, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter<'a> {
    /// The message, unchanged.
    pub body: &'a str,
    /// What is said about it, each by its name.
    pub attributes: Vec<(&'static str, MessageAttribute)>,
}

/// A message attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MessageAttribute {
    /// A text, which is not empty.
    Text(String),
    /// A whole number.
    Number(u64),
}

/// The queue for what cannot be delivered.
pub trait DeadLetterQueue {
    /// Puts a message in it.
    async fn bury(&self, letter: &DeadLetter<'_>) -> Result<(), ServiceError>;
}

/// Logs whether the dead-letter queue took a message.
pub(crate) fn log_burial(message_id: &str, reason: &impl Display, buried: &Result<(), ServiceError>) {
    match buried {
        Ok(()) => tracing::warn!(message_id, %reason, "moved to the dead-letter queue"),
        Err(error) => tracing::error!(message_id, %error, "the dead-letter queue did not take a message"),
    }
}
