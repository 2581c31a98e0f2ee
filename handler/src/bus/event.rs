//! An event of the bus.

use serde::{Deserialize, Serialize};

/// An event as it is put on the bus, or parked as JSON while the bus does not take it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BusEvent {
    /// Who speaks.
    pub source: String,
    /// What of.
    pub detail_type: String,
    /// The webhook's body, byte for byte.
    pub detail: String,
    /// When Momento published it, in milliseconds since the Unix epoch.
    pub time: u64,
    /// The X-Ray trace that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_header: Option<String>,
}

impl BusEvent {
    /// The JSON document in which an event is parked, in characters that SQS takes: it refuses U+FFFE and U+FFFF,
    /// which JSON allows, so they are escaped.
    #[must_use]
    #[expect(clippy::expect_used, clippy::missing_panics_doc, reason = "strings and a number always serialise")]
    pub fn to_parked(&self) -> String {
        let json = serde_json::to_string(self).expect("an event is JSON");
        json.replace('\u{fffe}', "\\ufffe").replace('\u{ffff}', "\\uffff")
    }
}
