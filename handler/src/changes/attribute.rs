//! The attributes of a DynamoDB item: in a stream record each has its type beside it, in plain JSON none.
//! Format: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_AttributeValue.html>

use std::collections::BTreeMap;

use serde::ser::Error as _;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::template::Values;

/// The attributes of an item by their names, in the order of these, so that the same item is the same JSON each time.
pub type Item = BTreeMap<String, Attribute>;

/// A value with its type. It serialises without: binary as base64, as the stream has it, and a set as an array.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub enum Attribute {
    /// Text; or bytes, as base64.
    #[serde(rename = "S", alias = "B")]
    Text(String),
    /// A number.
    #[serde(rename = "N")]
    Number(Number),
    /// True or false.
    #[serde(rename = "BOOL")]
    Boolean(bool),
    /// Nothing. DynamoDB always says `true` to it.
    #[serde(rename = "NULL")]
    Null(bool),
    /// Values with names.
    #[serde(rename = "M")]
    Map(Item),
    /// Values of any types.
    #[serde(rename = "L")]
    List(Vec<Self>),
    /// A set of texts; or of bytes, as base64.
    #[serde(rename = "SS", alias = "BS")]
    Texts(Vec<String>),
    /// A set of numbers.
    #[serde(rename = "NS")]
    Numbers(Vec<Number>),
}

impl Serialize for Attribute {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => text.serialize(serializer),
            Self::Number(number) => number.serialize(serializer),
            Self::Boolean(boolean) => boolean.serialize(serializer),
            Self::Null(_) => serializer.serialize_unit(),
            Self::Map(item) => item.serialize(serializer),
            Self::List(list) => list.serialize(serializer),
            Self::Texts(texts) => texts.serialize(serializer),
            Self::Numbers(numbers) => numbers.serialize(serializer),
        }
    }
}

impl Attribute {
    /// The value within a text: text and numbers as they are, anything else as JSON.
    #[must_use]
    pub(super) fn to_text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            other => to_json(other),
        }
    }
}

/// The item has no attribute of this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no attribute `{0}`")]
pub struct MissingAttribute(pub(super) String);

impl Values for Item {
    type Error = MissingAttribute;

    fn text(&self, name: &str) -> Result<String, MissingAttribute> {
        Ok(attribute(self, name)?.to_text())
    }

    fn json(&self, name: &str) -> Result<String, MissingAttribute> {
        Ok(to_json(attribute(self, name)?))
    }
}

fn attribute<'a>(item: &'a Item, name: &str) -> Result<&'a Attribute, MissingAttribute> {
    item.get(name).ok_or_else(|| MissingAttribute(name.to_owned()))
}

/// A number as DynamoDB has it: of up to 38 digits, which no number of this language holds.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Number(String);

impl Number {
    /// The number, in the digits of the stream.
    #[must_use]
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// A value that must be a number and is not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an attribute of type N is not a number")]
pub struct NotANumber;

impl TryFrom<String> for Number {
    type Error = NotANumber;

    fn try_from(text: String) -> Result<Self, NotANumber> {
        let begins_as_one = text.starts_with(|first: char| first == '-' || first.is_ascii_digit());
        match serde_json::from_str::<&RawValue>(&text) {
            Ok(json) if begins_as_one && json.get() == text => Ok(Self(text)),
            _ => Err(NotANumber),
        }
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.0.clone()).map_err(S::Error::custom)?.serialize(serializer)
    }
}

/// The JSON of an attribute, or of what is made of attributes.
#[must_use]
#[expect(clippy::expect_used, reason = "texts, numbers and maps of them always serialise")]
pub(super) fn to_json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("attributes are JSON")
}
