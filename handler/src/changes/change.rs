//! A change of a table's item, as the table's stream tells of it.
//! Format: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Record.html>

use serde::{Deserialize, Serialize};

use super::attribute::Item;

/// A record of the stream.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Change {
    /// What happened.
    #[serde(rename = "eventName")]
    pub kind: ChangeKind,
    /// To what.
    pub dynamodb: ChangedItem,
}

/// What happened to an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ChangeKind {
    /// It is new.
    Insert,
    /// It has changed.
    Modify,
    /// It was deleted, by somebody or by its time-to-live.
    Remove,
}

/// The item that changed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ChangedItem {
    /// The attributes of the table's key.
    pub keys: Item,
    /// The item as it is now, if it is, and if the stream tells.
    pub new_image: Option<Item>,
    /// Where in the stream the change is: a number that grows with each change of an item.
    pub sequence_number: String,
}
