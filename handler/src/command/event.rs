//! Reads a command from the event that carries it on the bus.
//!
//! It takes what the JSON Schemas of the events take: more strictly than event patterns can, and `message_base64` besides.

use std::num::NonZeroU64;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::value::RawValue;

use super::{Command, CommandKind, Key, Message, Name};
use crate::json_object::{FieldError, JsonObject, NotAnObject, as_text};

/// The largest whole number up to which a JSON number with a fraction or an exponent is exact: 2^53.
const LARGEST_EXACT_NUMBER: f64 = 9_007_199_254_740_992.;

/// Why an event is not a command. Names fields and places, never their contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// It is not one JSON value.
    #[error("the event is not JSON: line {line}, column {column}")]
    NotJson {
        /// From 1.
        line: usize,
        /// From 1, in bytes.
        column: usize,
    },
    /// It is JSON, but no object.
    #[error("the event is not a JSON object")]
    NotAnObject,
    /// It is an event of another kind.
    #[error("the detail-type is not cacheSet, cacheDelete or topicPublish")]
    OtherDetailType,
    /// Its source is not one that commands are taken from.
    #[error("commands are not taken from the source of this event")]
    ForeignSource,
    /// A field is missing, there twice, or not what it has to be.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// Two fields say the same thing in two ways.
    #[error("the fields `{0}` and `{1}` are both there")]
    Both(&'static str, &'static str),
    /// None of two fields is there, of which one must be.
    #[error("neither the field `{0}` nor `{1}` is there")]
    Neither(&'static str, &'static str),
}

impl From<NotAnObject> for CommandError {
    fn from(error: NotAnObject) -> Self {
        match error {
            NotAnObject::NotJson { line, column } => Self::NotJson { line, column },
            NotAnObject::OtherJson => Self::NotAnObject,
        }
    }
}

impl Command {
    /// Reads the whole event, as a rule hands it to its target.
    ///
    /// # Errors
    /// See [`CommandError`].
    pub fn from_event(event: &str) -> Result<Self, CommandError> {
        Self::from_object(&JsonObject::parse(event)?)
    }

    /// The same, of an event that was read already.
    pub(crate) fn from_object(event: &JsonObject<'_>) -> Result<Self, CommandError> {
        let detail_type = as_text("detail-type", event.get("detail-type")?)?;
        let kind = CommandKind::ALL
            .into_iter()
            .find(|kind| kind.detail_type() == detail_type)
            .ok_or(CommandError::OtherDetailType)?;
        let detail = JsonObject::parse(event.get("detail")?.get())
            .map_err(|_| FieldError::WrongType { field: "detail", expected: "an object" })?;
        let cache = name(&detail, "cacheName")?;
        Ok(match kind {
            CommandKind::CacheSet => {
                Self::CacheSet { cache, key: key(&detail)?, message: message(&detail)?, ttl_seconds: ttl(&detail)? }
            }
            CommandKind::CacheDelete => Self::CacheDelete { cache, key: key(&detail)? },
            CommandKind::TopicPublish => {
                Self::TopicPublish { cache, topic: name(&detail, "topicName")?, message: message(&detail)? }
            }
        })
    }
}

fn name(detail: &JsonObject<'_>, field: &'static str) -> Result<Name, FieldError> {
    not_empty_text(field, detail.get(field)?)
}

fn key(detail: &JsonObject<'_>) -> Result<Key, CommandError> {
    match either(detail, "key", "key_base64")? {
        TextOrBase64::Text(value) => Ok(Key::Text(not_empty_text("key", value)?)),
        TextOrBase64::Base64(value) => {
            let bytes = bytes("key_base64", value)?;
            let empty = FieldError::WrongType { field: "key_base64", expected: "one byte or more in base64" };
            Ok(Key::Bytes(bytes.try_into().map_err(|_| empty)?))
        }
    }
}

fn message(detail: &JsonObject<'_>) -> Result<Message, CommandError> {
    Ok(match either(detail, "message", "message_base64")? {
        TextOrBase64::Text(value) => Message::Text(as_text("message", value)?.into_owned()),
        TextOrBase64::Base64(value) => Message::Bytes(bytes("message_base64", value)?),
    })
}

fn ttl(detail: &JsonObject<'_>) -> Result<NonZeroU64, FieldError> {
    whole_number(detail.get("ttl")?.get())
        .ok_or(FieldError::WrongType { field: "ttl", expected: "a whole number of seconds from 1" })
}

/// A JSON number that is whole, however it is written: `60`, `60.0` and `6e1` are the same number.
pub(crate) fn whole_number(json: &str) -> Option<NonZeroU64> {
    serde_json::from_str(json).ok().or_else(|| {
        let number: f64 = serde_json::from_str(json).ok()?;
        let exact = number.fract() == 0. && (1. ..=LARGEST_EXACT_NUMBER).contains(&number);
        if exact { number.to_string().parse().ok() } else { None }
    })
}

enum TextOrBase64<'a> {
    Text(&'a RawValue),
    Base64(&'a RawValue),
}

fn either<'a>(
    detail: &JsonObject<'a>,
    text: &'static str,
    base64: &'static str,
) -> Result<TextOrBase64<'a>, CommandError> {
    match (detail.find(text)?, detail.find(base64)?) {
        (Some(value), None) => Ok(TextOrBase64::Text(value)),
        (None, Some(value)) => Ok(TextOrBase64::Base64(value)),
        (Some(_), Some(_)) => Err(CommandError::Both(text, base64)),
        (None, None) => Err(CommandError::Neither(text, base64)),
    }
}

fn not_empty_text(field: &'static str, value: &RawValue) -> Result<Name, FieldError> {
    let wrong = FieldError::WrongType { field, expected: "a string of one character or more" };
    as_text(field, value).ok().and_then(|text| text.into_owned().try_into().ok()).ok_or(wrong)
}

/// Base64 of either alphabet, padded or not: senders have many encoders.
fn bytes(field: &'static str, value: &RawValue) -> Result<Vec<u8>, FieldError> {
    let wrong = FieldError::WrongType { field, expected: "bytes in base64" };
    let text = as_text(field, value).map_err(|_| wrong)?;
    let unpadded = text.strip_suffix("==").or_else(|| text.strip_suffix('=')).unwrap_or(&text);
    URL_SAFE_NO_PAD.decode(unpadded.replace('+', "-").replace('/', "_")).map_err(|_| wrong)
}
