//! Texts with values in them: `weather-{Location}`, where the values are the attributes of a table's item, or are in an event.

use std::str::FromStr;

use serde::de::IgnoredAny;

/// What the names in a template stand for.
pub trait Values {
    /// Why a value cannot be written.
    type Error;

    /// The value within a text: text as it is.
    ///
    /// # Errors
    /// If there is no such value, or it cannot be written as text.
    fn text(&self, name: &str) -> Result<String, Self::Error>;

    /// The value as JSON.
    ///
    /// # Errors
    /// If there is no such value.
    fn json(&self, name: &str) -> Result<String, Self::Error>;
}

/// A text in which `{name}` stands for the value of that name, `{{` for `{` and `}}` for `}`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Template(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Literal(char),
    Placeholder(String),
}

/// The template of a cache key or a topic name: different values never make the same name.
///
/// In a template with one placeholder, the value is written as it is. In one with several, `%` and the separators (the
/// characters between two placeholders that are neither ASCII letters nor digits) are percent-encoded in the values:
/// without that, `{pk}#{sk}` would make `a#b#c` of both (`a#b`, `c`) and (`a`, `b#c`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameTemplate {
    template: Template,
    encoded: Vec<char>,
}

/// The template of a cache value or a message.
///
/// A template that is a JSON object, array or string once each placeholder is replaced by a value makes valid JSON of any
/// values: in a string, a value is escaped; elsewhere, it is written as JSON. In any other template, texts and numbers are
/// written as they are, and anything else as JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueTemplate {
    template: Template,
    is_json: bool,
}

/// Why a text is not a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A `{` without its `}`.
    #[error("a `{{` is not closed")]
    Open,
    /// A `}` without its `{`.
    #[error("a `}}` closes nothing")]
    Closed,
    /// `{}`.
    #[error("`{{}}` names nothing")]
    Nameless,
    /// No text at all.
    #[error("it is empty")]
    Empty,
    /// Two placeholders of a key or a name with nothing but letters and digits, or nothing at all, between them.
    #[error("two placeholders have no separator between them")]
    Unseparated,
}

impl FromStr for Template {
    type Err = TemplateError;

    fn from_str(text: &str) -> Result<Self, TemplateError> {
        if text.is_empty() {
            return Err(TemplateError::Empty);
        }
        let mut parts = Vec::new();
        let mut rest = text.chars().peekable();
        while let Some(character) = rest.next() {
            match character {
                '{' | '}' if rest.next_if_eq(&character).is_some() => parts.push(Part::Literal(character)),
                '}' => return Err(TemplateError::Closed),
                '{' => {
                    let mut name = String::new();
                    loop {
                        match rest.next() {
                            Some('}') if name.is_empty() => return Err(TemplateError::Nameless),
                            Some('}') => break,
                            Some('{') | None => return Err(TemplateError::Open),
                            Some(character) => name.push(character),
                        }
                    }
                    parts.push(Part::Placeholder(name));
                }
                literal => parts.push(Part::Literal(literal)),
            }
        }
        Ok(Self(parts))
    }
}

impl Template {
    /// The text, each placeholder as `text_of` writes it. That is also told whether the placeholder stands in double quotes,
    /// counted as JSON counts them.
    fn render<E>(&self, text_of: impl Fn(&str, bool) -> Result<String, E>) -> Result<String, E> {
        let mut text = String::new();
        let (mut is_quoted, mut is_escaped) = (false, false);
        for part in &self.0 {
            match part {
                Part::Literal(character) => {
                    text.push(*character);
                    is_quoted ^= *character == '"' && !is_escaped;
                    is_escaped = is_quoted && *character == '\\' && !is_escaped;
                }
                Part::Placeholder(name) => text.push_str(&text_of(name, is_quoted)?),
            }
        }
        Ok(text)
    }
}

impl FromStr for NameTemplate {
    type Err = TemplateError;

    fn from_str(text: &str) -> Result<Self, TemplateError> {
        let template: Template = text.parse()?;
        let is_placeholder = |part: &Part| matches!(part, Part::Placeholder(_));
        // What is before the first placeholder and after the last is always the same, and needs no encoding.
        let mut between = template.0.split(is_placeholder);
        between.next();
        between.next_back();
        let mut encoded = Vec::new();
        for literals in between {
            let separators = literals.iter().filter_map(Part::separator);
            let already = encoded.len();
            encoded.extend(separators);
            if encoded.len() == already {
                return Err(TemplateError::Unseparated);
            }
        }
        if !encoded.is_empty() {
            encoded.push('%');
        }
        Ok(Self { template, encoded })
    }
}

impl Part {
    /// Not a letter or digit, which would make the values unreadable and which the encoding itself is made of.
    const fn separator(&self) -> Option<char> {
        match self {
            Self::Literal(character) if !character.is_ascii_alphanumeric() && *character != '%' => Some(*character),
            _ => None,
        }
    }
}

impl NameTemplate {
    /// The key or name with these values.
    ///
    /// # Errors
    /// If a value that the template names cannot be written.
    pub fn render<V: Values>(&self, values: &V) -> Result<String, V::Error> {
        self.template.render(|name, _| Ok(self.encode(&values.text(name)?)))
    }

    fn encode(&self, value: &str) -> String {
        let mut text = String::with_capacity(value.len());
        for character in value.chars() {
            if self.encoded.contains(&character) {
                let mut utf8 = [0; 4];
                text.extend(character.encode_utf8(&mut utf8).bytes().map(|byte| format!("%{byte:02X}")));
            } else {
                text.push(character);
            }
        }
        text
    }
}

impl FromStr for ValueTemplate {
    type Err = TemplateError;

    fn from_str(text: &str) -> Result<Self, TemplateError> {
        let template: Template = text.parse()?;
        // An `x` is valid within a string only where any text is: not after a backslash, nor among the digits of `\u`.
        let sample =
            template.render(|_, is_quoted| Ok::<_, TemplateError>(if is_quoted { "x" } else { "null" }.into()))?;
        let is_json =
            sample.trim_start().starts_with(['{', '[', '"']) && serde_json::from_str::<IgnoredAny>(&sample).is_ok();
        Ok(Self { template, is_json })
    }
}

impl ValueTemplate {
    /// The value with these values in it.
    ///
    /// # Errors
    /// If a value that the template names cannot be written.
    pub fn render<V: Values>(&self, values: &V) -> Result<String, V::Error> {
        self.template.render(|name, is_quoted| match (self.is_json, is_quoted) {
            (false, _) => values.text(name),
            (true, false) => values.json(name),
            (true, true) => Ok(escaped(&values.text(name)?)),
        })
    }
}

/// A text as it stands between the quotation marks of a JSON string.
fn escaped(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or_default().to_owned()
}
