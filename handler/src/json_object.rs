//! A JSON object read member by member, so that what is wrong with it can be named.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::error::Category;
use serde_json::value::RawValue;

/// The members of a JSON object in the order they stand in, repeated ones included.
pub(crate) struct JsonObject<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

/// Why a text is not a JSON object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotAnObject {
    /// It is not one JSON value.
    NotJson {
        /// From 1.
        line: usize,
        /// From 1, in bytes.
        column: usize,
    },
    /// It is another JSON value.
    OtherJson,
}

/// What is wrong with a field. Names it, and never says what stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    /// It must be there and is not.
    #[error("the field `{0}` is missing")]
    Missing(&'static str),
    /// It stands there twice, so that two readers could take it for two things.
    #[error("the field `{0}` is there more than once")]
    Repeated(&'static str),
    /// It is a string with half of a surrogate pair, as JavaScript makes of a text that it cuts within an emoji.
    #[error("the field `{0}` has half of a surrogate pair, such as \\ud83d, which is not a character")]
    HalfCharacter(&'static str),
    /// It is of another type.
    #[error("the field `{field}` is not {expected}")]
    WrongType {
        /// Its name.
        field: &'static str,
        /// What it has to be.
        expected: &'static str,
    },
}

impl<'a> JsonObject<'a> {
    /// Reads a text.
    ///
    /// # Errors
    /// See [`NotAnObject`].
    pub(crate) fn parse(text: &'a str) -> Result<Self, NotAnObject> {
        serde_json::from_str(text).map_err(|error| match error.classify() {
            Category::Data => NotAnObject::OtherJson,
            _ => NotAnObject::NotJson { line: error.line(), column: error.column() },
        })
    }

    #[cfg(feature = "handlers")]
    /// All members, in the order they stand in.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&str, &'a RawValue)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), *value))
    }

    /// A field's value as JSON text, if it is there; `null` is a value.
    ///
    /// # Errors
    /// [`FieldError::Repeated`]
    pub(crate) fn find(&self, field: &'static str) -> Result<Option<&'a RawValue>, FieldError> {
        let mut values = self.0.iter().filter(|(name, _)| name == field).map(|(_, value)| *value);
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(FieldError::Repeated(field)),
            (value, None) => Ok(value),
        }
    }

    /// A field's value as JSON text, where it is there.
    ///
    /// # Errors
    /// [`FieldError::Repeated`], [`FieldError::Missing`]
    pub(crate) fn get(&self, field: &'static str) -> Result<&'a RawValue, FieldError> {
        self.find(field)?.ok_or(FieldError::Missing(field))
    }
}

/// A value that has to be a string.
///
/// # Errors
/// [`FieldError::WrongType`], [`FieldError::HalfCharacter`]
pub(crate) fn as_text<'a>(field: &'static str, value: &'a RawValue) -> Result<Cow<'a, str>, FieldError> {
    serde_json::from_str::<Text>(value.get()).map(|text| text.0).map_err(|_| {
        // All else about a string was checked when the object was read.
        if value.get().starts_with('"') {
            FieldError::HalfCharacter(field)
        } else {
            FieldError::WrongType { field, expected: "a string" }
        }
    })
}

/// A string, borrowed where it has no escapes. (A bare `Cow` would always be copied.)
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Deserialize<'de> for JsonObject<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = JsonObject<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some((name, value)) = map.next_entry::<Text, &RawValue>()? {
                    members.push((name.0, value));
                }
                Ok(JsonObject(members))
            }
        }

        deserializer.deserialize_map(Collect)
    }
}
