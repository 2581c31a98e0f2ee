//! Texts with the attributes of an item in them: `weather-{Location}`.

use std::str::FromStr;

use serde::de::IgnoredAny;

use super::attribute::{Attribute, Item, to_json};

/// A text in which `{name}` stands for the attribute of that name, `{{` for `{` and `}}` for `}`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Template(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Literal(char),
    Attribute(String),
}

/// The template of a cache key or a topic name: different values of its attributes never make the same name.
///
/// In a template with one attribute, the value is written as it is. In one with several, `%` and the separators (the
/// characters between two attributes that are neither ASCII letters nor digits) are percent-encoded in the values:
/// without that, `{pk}#{sk}` would make `a#b#c` of both (`a#b`, `c`) and (`a`, `b#c`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameTemplate {
    template: Template,
    encoded: Vec<char>,
}

/// The template of a cache value.
///
/// A template that is a JSON object, array or string once each attribute is replaced by a value makes valid JSON of every
/// item: in a string, a value is escaped; elsewhere, it is written as JSON. In any other template, texts and numbers are
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
    #[error("`{{}}` names no attribute")]
    Nameless,
    /// No text at all.
    #[error("it is empty")]
    Empty,
    /// Two attributes of a key or a name with nothing but letters and digits, or nothing at all, between them.
    #[error("two attributes have no separator between them")]
    Unseparated,
}

/// The item has no attribute of this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no attribute `{0}`")]
pub struct MissingAttribute(pub(crate) String);

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
                    parts.push(Part::Attribute(name));
                }
                literal => parts.push(Part::Literal(literal)),
            }
        }
        Ok(Self(parts))
    }
}

impl Template {
    /// The text for an item, each attribute as `text_of` writes it. That is also told whether the attribute stands in
    /// double quotes, counted as JSON counts them.
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
                Part::Attribute(name) => text.push_str(&text_of(name, is_quoted)?),
            }
        }
        Ok(text)
    }
}

impl FromStr for NameTemplate {
    type Err = TemplateError;

    fn from_str(text: &str) -> Result<Self, TemplateError> {
        let template: Template = text.parse()?;
        let is_attribute = |part: &Part| matches!(part, Part::Attribute(_));
        // What is before the first attribute and after the last is always the same, and needs no encoding.
        let mut between = template.0.split(is_attribute);
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
    /// The key or name for an item.
    ///
    /// # Errors
    /// If the item lacks an attribute that the template names.
    pub fn render(&self, item: &Item) -> Result<String, MissingAttribute> {
        self.template.render(|name, _| Ok(self.encode(&attribute(item, name)?.to_text())))
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
    /// The value for an item.
    ///
    /// # Errors
    /// If the item lacks an attribute that the template names.
    pub fn render(&self, item: &Item) -> Result<String, MissingAttribute> {
        self.template.render(|name, is_quoted| {
            let attribute = attribute(item, name)?;
            Ok(match (self.is_json, is_quoted) {
                (false, _) => attribute.to_text(),
                (true, false) => to_json(attribute),
                (true, true) => {
                    let quoted = to_json(&attribute.to_text());
                    quoted.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or_default().to_owned()
                }
            })
        })
    }
}

fn attribute<'a>(item: &'a Item, name: &str) -> Result<&'a Attribute, MissingAttribute> {
    item.get(name).ok_or_else(|| MissingAttribute(name.to_owned()))
}
