//! A place in an event, such as `detail.items[0].sku`, and the value that stands there.
//!
//! The construct checks paths by the same rules (`constructs/to-momento/event-path.ts`); `test/vectors/event-paths.json` binds
//! both.

use std::borrow::Cow;

use serde_json::value::RawValue;

use crate::json_object::{FieldError, JsonObject, as_text};
use crate::template::Values;

/// The members of an event (<https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html>).
const MEMBERS: [&str; 9] =
    ["account", "detail", "detail-type", "id", "region", "resources", "source", "time", "version"];

/// Why the value of a placeholder cannot be taken from an event. Names the placeholder, and never says what stands there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlaceholderError {
    /// It is not a path that begins with a member of an event.
    #[error("`{{{0}}}` is not a path in an event")]
    NotAPath(String),
    /// There is nothing at its place.
    #[error("`{{{0}}}` is not in the event")]
    Missing(String),
    /// A member on its way stands there twice, so that two readers could take it for two things.
    #[error("`{{{0}}}` is in the event more than once")]
    Repeated(String),
    /// A name, a key or a string cannot be made of it.
    #[error("`{{{0}}}` is not a string, a number or a boolean")]
    NotText(String),
    /// It is a string with half of a surrogate pair.
    #[error("`{{{0}}}` has half of a surrogate pair, such as \\ud83d, which is not a character")]
    HalfCharacter(String),
    /// It is not a time to live.
    #[error("`{{{0}}}` is not a whole number of seconds from 1")]
    NotSeconds(String),
}

/// The value at a path of an event, as the JSON that stands there.
///
/// # Errors
/// [`PlaceholderError`], but those of its type.
pub(super) fn value_at<'a>(event: &'a RawValue, path: &str) -> Result<&'a RawValue, PlaceholderError> {
    let steps = steps(path).ok_or_else(|| PlaceholderError::NotAPath(path.to_owned()))?;
    let mut value = event;
    for step in steps {
        value = match step.take(value) {
            Ok(Some(next)) => next,
            Ok(None) => return Err(PlaceholderError::Missing(path.to_owned())),
            Err(Repeated) => return Err(PlaceholderError::Repeated(path.to_owned())),
        };
    }
    Ok(value)
}

#[derive(Debug, Clone, Copy)]
enum Step<'a> {
    Member(&'a str),
    Element(usize),
}

struct Repeated;

fn steps(path: &str) -> Option<Vec<Step<'_>>> {
    let mut steps = Vec::new();
    for segment in path.split('.') {
        let (name, indices) = segment.split_at(segment.find('[').unwrap_or(segment.len()));
        if name.is_empty() || name.contains(']') || (steps.is_empty() && !MEMBERS.contains(&name)) {
            return None;
        }
        steps.push(Step::Member(name));
        let mut rest = indices;
        while !rest.is_empty() {
            let (index, after) = rest.strip_prefix('[')?.split_once(']')?;
            if index.is_empty() || !index.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            // An index too large to be read is one that no array has.
            steps.push(Step::Element(index.parse().unwrap_or(usize::MAX)));
            rest = after;
        }
    }
    Some(steps)
}

impl Step<'_> {
    fn take(self, value: &RawValue) -> Result<Option<&RawValue>, Repeated> {
        match self {
            Self::Member(name) => {
                let Ok(object) = JsonObject::parse(value.get()) else { return Ok(None) };
                let mut values = object.members().filter(|(member, _)| *member == name).map(|(_, value)| value);
                match (values.next(), values.next()) {
                    (_, Some(_)) => Err(Repeated),
                    (value, None) => Ok(value),
                }
            }
            Self::Element(index) => {
                let elements = serde_json::from_str::<Vec<&RawValue>>(value.get());
                Ok(elements.ok().and_then(|elements| elements.into_iter().nth(index)))
            }
        }
    }
}

/// The values of an event in a name or a key: strings, numbers and booleans. Anything else has no name.
#[derive(Debug, Clone, Copy)]
pub(super) struct InName<'a>(pub(super) &'a RawValue);

/// The values of an event in a message: a string as it is, anything else as the JSON that stands there.
#[derive(Debug, Clone, Copy)]
pub(super) struct InMessage<'a>(pub(super) &'a RawValue);

impl Values for InName<'_> {
    type Error = PlaceholderError;

    fn text(&self, path: &str) -> Result<String, PlaceholderError> {
        let value = value_at(self.0, path)?;
        match string(value, path)? {
            Some(text) => Ok(text.into_owned()),
            None if value.get().starts_with(['{', '[', 'n']) => Err(PlaceholderError::NotText(path.to_owned())),
            None => Ok(value.get().to_owned()),
        }
    }

    fn json(&self, path: &str) -> Result<String, PlaceholderError> {
        Ok(value_at(self.0, path)?.get().to_owned())
    }
}

impl Values for InMessage<'_> {
    type Error = PlaceholderError;

    fn text(&self, path: &str) -> Result<String, PlaceholderError> {
        let value = value_at(self.0, path)?;
        Ok(string(value, path)?.map_or_else(|| value.get().to_owned(), Cow::into_owned))
    }

    fn json(&self, path: &str) -> Result<String, PlaceholderError> {
        Ok(value_at(self.0, path)?.get().to_owned())
    }
}

/// The text of a string; none of another value.
fn string<'a>(value: &'a RawValue, path: &str) -> Result<Option<Cow<'a, str>>, PlaceholderError> {
    match as_text("", value) {
        Ok(text) => Ok(Some(text)),
        Err(FieldError::HalfCharacter(_)) => Err(PlaceholderError::HalfCharacter(path.to_owned())),
        Err(_) => Ok(None),
    }
}
