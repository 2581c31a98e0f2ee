//! A command that is made of an event which is not one: an order that becomes a cache item.
//!
//! A rule of `EventBridgeToMomento.onEvent()` puts such an event in the queue of commands together with the template, as
//! `{"template":{"command":"cacheSet",…},"event":{…}}`. The template is the rule's own: who may put events on the bus can
//! change the values, and nothing else.

use std::num::NonZeroU64;
use std::str::FromStr;

use serde_json::value::RawValue;

use crate::command::event::{CommandError, whole_number};
use crate::command::{Command, CommandKind, Empty};
use crate::json_object::{FieldError, JsonObject, as_text};
use crate::template::{NameTemplate, TemplateError, ValueTemplate};

use super::event_path::{InMessage, InName, PlaceholderError, value_at};

/// Why a command cannot be made of an event. Names fields and placeholders, never what the event holds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateFailure {
    /// The rule's template is not an object with a known command.
    #[error("invalid template of a command: {0}")]
    Invalid(CommandError),
    /// A field of the rule's template cannot be read.
    #[error("invalid template of `{field}`: {error}")]
    Field {
        /// Its name.
        field: &'static str,
        /// What is wrong with it.
        error: TemplateError,
    },
    /// The event lacks what a field needs.
    #[error("no `{field}` can be made of the event: {error}")]
    Placeholder {
        /// The field's name.
        field: &'static str,
        /// What is wrong with the event.
        error: PlaceholderError,
    },
    /// A name or a key that must not be empty.
    #[error("the `{0}` made of the event is empty")]
    Empty(&'static str),
}

impl From<CommandError> for TemplateFailure {
    fn from(error: CommandError) -> Self {
        Self::Invalid(error)
    }
}

impl From<FieldError> for TemplateFailure {
    fn from(error: FieldError) -> Self {
        Self::Invalid(error.into())
    }
}

/// An event, with the template of the command that is made of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct TemplatedEvent<'a> {
    template: &'a RawValue,
    event: &'a RawValue,
}

impl<'a> TemplatedEvent<'a> {
    /// What a message of the queue has, if it is one. A command has neither member.
    pub(super) fn of(message: &JsonObject<'a>) -> Result<Option<Self>, FieldError> {
        let both = message.find("template")?.zip(message.find("event")?);
        Ok(both.map(|(template, event)| Self { template, event }))
    }

    /// The command.
    pub(super) fn command(self) -> Result<Command, TemplateFailure> {
        let template = JsonObject::parse(self.template.get()).map_err(CommandError::from)?;
        let command = as_text("command", template.get("command")?)?;
        let kind = CommandKind::ALL.into_iter().find(|kind| kind.detail_type() == command);
        let expected = "cacheSet, cacheDelete or topicPublish";
        let kind = kind.ok_or(FieldError::WrongType { field: "command", expected })?;
        let cache = self.name(&template, "cacheName")?;
        Ok(match kind {
            CommandKind::CacheSet => Command::CacheSet {
                cache,
                key: self.name(&template, "key")?,
                message: self.message(&template)?.into(),
                ttl_seconds: self.ttl(&template)?,
            },
            CommandKind::CacheDelete => Command::CacheDelete { cache, key: self.name(&template, "key")? },
            CommandKind::TopicPublish => Command::TopicPublish {
                cache,
                topic: self.name(&template, "topicName")?,
                message: self.message(&template)?.into(),
            },
        })
    }

    fn name<T: for<'t> TryFrom<&'t str, Error = Empty>>(
        self,
        template: &JsonObject<'_>,
        field: &'static str,
    ) -> Result<T, TemplateFailure> {
        let name = parse::<NameTemplate>(template, field)?.render(&InName(self.event));
        let name = name.map_err(|error| TemplateFailure::Placeholder { field, error })?;
        name.as_str().try_into().map_err(|Empty| TemplateFailure::Empty(field))
    }

    fn message(self, template: &JsonObject<'_>) -> Result<String, TemplateFailure> {
        let field = "message";
        let message = parse::<ValueTemplate>(template, field)?.render(&InMessage(self.event));
        message.map_err(|error| TemplateFailure::Placeholder { field, error })
    }

    /// A number of the template, or that at a path of the event: `60` or `"{detail.ttl}"`.
    fn ttl(self, template: &JsonObject<'_>) -> Result<NonZeroU64, TemplateFailure> {
        let field = "ttl";
        let ttl = template.get(field)?;
        if let Some(seconds) = whole_number(ttl.get()) {
            return Ok(seconds);
        }
        let expected = "a whole number of seconds from 1, or a placeholder";
        let text = as_text(field, ttl)?;
        let path = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
        let path = path.ok_or(FieldError::WrongType { field, expected })?;
        let seconds = value_at(self.event, path)
            .and_then(|value| whole_number(value.get()).ok_or_else(|| PlaceholderError::NotSeconds(path.to_owned())));
        seconds.map_err(|error| TemplateFailure::Placeholder { field, error })
    }
}

fn parse<T: FromStr<Err = TemplateError>>(
    template: &JsonObject<'_>,
    field: &'static str,
) -> Result<T, TemplateFailure> {
    as_text(field, template.get(field)?)?.parse().map_err(|error| TemplateFailure::Field { field, error })
}
