//! Reads the command in a message of the queue.

use crate::command::Command;
use crate::command::event::CommandError;
use crate::command::sources::Sources;
use crate::json_object::{FieldError, JsonObject};

use super::command_template::{TemplateFailure, TemplatedEvent};

/// Why there is no command in a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// It is not the event of a command.
    #[error("not a command: {0}")]
    NotACommand(#[from] CommandError),
    /// It is another event, and the template with it cannot make a command of it.
    #[error(transparent)]
    Template(#[from] TemplateFailure),
}

impl From<FieldError> for MessageError {
    fn from(error: FieldError) -> Self {
        Self::NotACommand(error.into())
    }
}

/// Reads the event of a command, from one of these sources; or another event, with the template of a command. The rule that
/// adds the template has a pattern of its own, which `sources` does not narrow.
///
/// # Errors
/// See [`MessageError`].
pub fn read(body: &str, sources: &Sources) -> Result<Command, MessageError> {
    let message = JsonObject::parse(body).map_err(CommandError::from)?;
    if let Some(event) = TemplatedEvent::of(&message)? {
        return Ok(event.command()?);
    }
    let command = Command::from_object(&message)?;
    sources.check(&message)?;
    Ok(command)
}
