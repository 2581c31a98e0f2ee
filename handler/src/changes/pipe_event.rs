//! What the pipe puts on the bus: the commands, each with its detail-type, which the pipe reads from there.

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::command::Command;

/// The field of an event's detail that says its detail-type.
const KIND: &str = "command";
/// What EventBridge counts beside the detail: source and detail-type, each as long as they can be.
const ENVELOPE_BYTES: usize = 256 + 128;

/// The detail of an event that carries a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PipeEvent(pub Command);

impl PipeEvent {
    /// Its size in a call of the bus, as EventBridge counts, or a little more.
    #[must_use]
    pub(super) fn bytes(&self) -> usize {
        ENVELOPE_BYTES + self.detail().to_string().len()
    }

    fn detail(&self) -> Value {
        let mut detail = self.0.detail();
        if let Some(fields) = detail.as_object_mut() {
            fields.insert(KIND.to_owned(), self.0.detail_type().into());
        }
        detail
    }
}

impl Serialize for PipeEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.detail().serialize(serializer)
    }
}
