//! A change of a table's item, as the table's stream tells of it.
//! Format: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Record.html>

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::attribute::Item;

/// A record of the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    /// What happened.
    pub(super) kind: ChangeKind,
    /// To what.
    pub(super) dynamodb: ChangedItem,
}

/// What happened to an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum ChangeKind {
    /// It is new.
    Insert,
    /// It has changed.
    Modify,
    /// It was deleted, by somebody or by its time-to-live.
    Remove,
}

/// The item that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ChangedItem {
    /// The attributes of the table's key.
    pub(super) keys: Item,
    /// The item as it is now, if it is, and if the stream tells.
    pub(super) new_image: Option<Item>,
    /// Where in the stream the change is: a number that grows with each change of an item.
    pub(super) sequence_number: String,
}

impl Change {
    /// Reads a record.
    ///
    /// # Errors
    /// The path of the first field that is missing or invalid. Serde's own errors repeat values, which are not for the log.
    pub(super) fn parse(record: &Value) -> Result<Self, &'static str> {
        Ok(Self {
            kind: field(record, "/eventName").ok_or("eventName")?,
            dynamodb: ChangedItem {
                keys: field(record, "/dynamodb/Keys").ok_or("dynamodb.Keys")?,
                new_image: match record.pointer("/dynamodb/NewImage") {
                    None | Some(Value::Null) => None,
                    Some(_) => Some(field(record, "/dynamodb/NewImage").ok_or("dynamodb.NewImage")?),
                },
                sequence_number: field(record, "/dynamodb/SequenceNumber").ok_or("dynamodb.SequenceNumber")?,
            },
        })
    }
}

fn field<T: DeserializeOwned>(record: &Value, path: &str) -> Option<T> {
    T::deserialize(record.pointer(path)?).ok()
}
