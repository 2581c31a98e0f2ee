//! Which sources commands are taken from.

use std::str::FromStr;

use crate::json_object::{JsonObject, as_text};

use super::event::CommandError;

/// The sources that commands are taken from; without any, every source.
///
/// A rule matches them already. This is for what is sent to the queue of commands past the rules. It protects against
/// mistakes only: anyone who may send to the queue also writes the source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources(Vec<String>);

/// The text is not a JSON array of one source or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a JSON array of one source or more")]
pub struct NotSources;

impl FromStr for Sources {
    type Err = NotSources;

    fn from_str(json: &str) -> Result<Self, NotSources> {
        match serde_json::from_str::<Vec<String>>(json) {
            Ok(sources) if !sources.is_empty() => Ok(Self(sources)),
            _ => Err(NotSources),
        }
    }
}

impl Sources {
    /// Whether a command of this event is taken.
    ///
    /// # Errors
    /// [`CommandError::ForeignSource`] if it has another source; another [`CommandError`] if it has none.
    pub(crate) fn check(&self, event: &JsonObject<'_>) -> Result<(), CommandError> {
        if self.0.is_empty() {
            return Ok(());
        }
        let source = as_text("source", event.get("source")?)?;
        if self.0.iter().any(|allowed| *allowed == source) { Ok(()) } else { Err(CommandError::ForeignSource) }
    }
}
