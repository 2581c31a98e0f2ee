//! The body of a webhook: one message of a topic, as Momento describes it.

use std::borrow::Cow;

use serde_json::value::RawValue;

use crate::clock::UnixMillis;
use crate::json_object::{FieldError, JsonObject, NotAnObject, as_text};

/// What the handler needs to know of a message. The message itself stays in the body, which is passed on as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicMessage<'a> {
    /// The body it was read from: a JSON object.
    pub(super) body: &'a str,
    /// The cache that the topic belongs to.
    pub cache: Cow<'a, str>,
    /// The topic's name.
    pub topic: Cow<'a, str>,
    /// The message's number in its topic. It may start again at 0.
    pub topic_sequence_number: u64,
    /// When Momento sent it.
    pub publish_timestamp: UnixMillis,
}

/// What is wrong with a body. Names fields and places, never what stands there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TopicMessageError {
    /// It is not text.
    #[error("the body is not UTF-8: byte {0} is where it stops being so")]
    NotUtf8(usize),
    /// It is not one JSON value.
    #[error("the body is not JSON: line {line}, column {column}")]
    NotJson {
        /// From 1.
        line: usize,
        /// From 1, in bytes.
        column: usize,
    },
    /// It is JSON, but no object.
    #[error("the body is not a JSON object")]
    NotAnObject,
    /// A field is missing or null, there twice, or of another type.
    #[error(transparent)]
    Field(#[from] FieldError),
}

impl<'a> TopicMessage<'a> {
    /// Reads a body.
    ///
    /// # Errors
    /// See [`TopicMessageError`].
    pub fn parse(body: &'a [u8]) -> Result<Self, TopicMessageError> {
        let body = std::str::from_utf8(body).map_err(|error| TopicMessageError::NotUtf8(error.valid_up_to()))?;
        let message = JsonObject::parse(body).map_err(|error| match error {
            NotAnObject::NotJson { line, column } => TopicMessageError::NotJson { line, column },
            NotAnObject::OtherJson => TopicMessageError::NotAnObject,
        })?;
        text(&message, "text")?;
        whole_number(&message, "event_timestamp")?;
        if let Some(token_id) = find(&message, "token_id")? {
            as_text("token_id", token_id)?;
        }
        Ok(Self {
            body,
            cache: text(&message, "cache")?,
            topic: text(&message, "topic")?,
            topic_sequence_number: whole_number(&message, "topic_sequence_number")?,
            publish_timestamp: UnixMillis(whole_number(&message, "publish_timestamp")?),
        })
    }
}

/// A field's value, where it is there and not null.
fn find<'a>(message: &JsonObject<'a>, field: &'static str) -> Result<Option<&'a RawValue>, FieldError> {
    Ok(message.find(field)?.filter(|value| value.get() != "null"))
}

fn get<'a>(message: &JsonObject<'a>, field: &'static str) -> Result<&'a RawValue, FieldError> {
    find(message, field)?.ok_or(FieldError::Missing(field))
}

fn text<'a>(message: &JsonObject<'a>, field: &'static str) -> Result<Cow<'a, str>, FieldError> {
    as_text(field, get(message, field)?)
}

fn whole_number(message: &JsonObject<'_>, field: &'static str) -> Result<u64, FieldError> {
    let value = get(message, field)?;
    serde_json::from_str(value.get())
        .map_err(|_| FieldError::WrongType { field, expected: "a whole number of 0 or more" })
}
