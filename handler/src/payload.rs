//! The body of a webhook: one message of a topic, as Momento describes it.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::clock::UnixMillis;

/// What the handler needs to know of a message. The message itself stays in the body, which is passed on as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicMessage<'a> {
    /// The body it was read from: a JSON object.
    pub body: &'a str,
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
pub enum PayloadError {
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
    /// A field that must be there is not, or is null.
    #[error("the field `{0}` is missing")]
    MissingField(&'static str),
    /// A field stands there twice, so that two readers could take it for two messages.
    #[error("the field `{0}` is there more than once")]
    RepeatedField(&'static str),
    /// A field is of another type.
    #[error("the field `{field}` is not {expected}")]
    WrongType {
        /// Its name.
        field: &'static str,
        /// What it has to be.
        expected: &'static str,
    },
}

impl<'a> TopicMessage<'a> {
    /// Reads a body.
    ///
    /// # Errors
    /// See [`PayloadError`].
    pub fn parse(body: &'a [u8]) -> Result<Self, PayloadError> {
        let body = std::str::from_utf8(body).map_err(|error| PayloadError::NotUtf8(error.valid_up_to()))?;
        let members = serde_json::from_str::<Members>(body).map_err(|error| match error.classify() {
            serde_json::error::Category::Data => PayloadError::NotAnObject,
            _ => PayloadError::NotJson { line: error.line(), column: error.column() },
        })?;
        members.text("text")?;
        members.whole_number("event_timestamp")?;
        if let Some(token_id) = members.find("token_id")? {
            as_text("token_id", token_id)?;
        }
        Ok(Self {
            body,
            cache: members.text("cache")?,
            topic: members.text("topic")?,
            topic_sequence_number: members.whole_number("topic_sequence_number")?,
            publish_timestamp: UnixMillis(members.whole_number("publish_timestamp")?),
        })
    }
}

/// The members of a JSON object in the order they stand in, repeated ones included.
struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Members<'a> {
    fn find(&self, field: &'static str) -> Result<Option<&'a RawValue>, PayloadError> {
        let mut values = self.0.iter().filter(|(name, _)| name == field).map(|(_, value)| *value);
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(PayloadError::RepeatedField(field)),
            (value, None) => Ok(value.filter(|value| value.get() != "null")),
        }
    }

    fn text(&self, field: &'static str) -> Result<Cow<'a, str>, PayloadError> {
        as_text(field, self.find(field)?.ok_or(PayloadError::MissingField(field))?)
    }

    fn whole_number(&self, field: &'static str) -> Result<u64, PayloadError> {
        let value = self.find(field)?.ok_or(PayloadError::MissingField(field))?;
        serde_json::from_str(value.get())
            .map_err(|_| PayloadError::WrongType { field, expected: "a whole number of 0 or more" })
    }
}

fn as_text<'a>(field: &'static str, value: &'a RawValue) -> Result<Cow<'a, str>, PayloadError> {
    serde_json::from_str::<Text>(value.get())
        .map(|text| text.0)
        .map_err(|_| PayloadError::WrongType { field, expected: "a string" })
}

/// A string, borrowed where it has no escapes. (A bare `Cow` would always be copied.)
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some((name, value)) = map.next_entry::<Text, &RawValue>()? {
                    members.push((name.0, value));
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Collect)
    }
}
