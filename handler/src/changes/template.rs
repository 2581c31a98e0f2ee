//! Texts with the attributes of an item in them: `weather-{Location}`.

use std::str::FromStr;

use super::attribute::Item;

/// A text in which `{name}` stands for the attribute of that name, `{{` for `{` and `}}` for `}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Literal(char),
    Attribute(String),
}

/// Why a text is no template.
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
}

/// The item has no attribute of this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no attribute `{0}`")]
pub struct MissingAttribute(pub String);

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
    /// The text for an item.
    ///
    /// # Errors
    /// If the item lacks an attribute that the template names.
    pub fn render(&self, item: &Item) -> Result<String, MissingAttribute> {
        let mut text = String::new();
        for part in &self.0 {
            match part {
                Part::Literal(character) => text.push(*character),
                Part::Attribute(name) => {
                    let attribute = item.get(name).ok_or_else(|| MissingAttribute(name.clone()))?;
                    text.push_str(&attribute.to_text());
                }
            }
        }
        Ok(text)
    }
}
