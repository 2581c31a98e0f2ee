//! What the handler of a table's changes is told through its environment.

use std::num::NonZeroU64;
use std::str::FromStr;
use std::time::Duration;

use crate::lambda::environment::{Environment, SettingsError};
use crate::template::TemplateError;

use super::lifetime::Lifetime;
use super::mapping::{CacheItem, Mapping, Topic};

/// The settings of the handler of a table's changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangesSettings {
    /// What the items are in Momento:
    ///
    /// - `CACHE_NAME`: the cache.
    /// - `KEY_TEMPLATE`: the key of the cache item; none is written without it.
    /// - `VALUE_TEMPLATE`: its value; the whole item without it.
    /// - `TTL_SECONDS`, `TTL_ATTRIBUTE` or `EXPIRY_ATTRIBUTE`: its lifetime, one of them. See [`Lifetime`].
    /// - `TOPIC_TEMPLATE`: the topic; nothing is published without it.
    /// - `MESSAGE_HAS_ITEM`: whether the item is in the message, `true` (default) or `false`.
    pub mapping: Mapping,
    /// `DEAD_LETTER_QUEUE_URL`: where a record ends that does not become what it should.
    pub dead_letter_queue_url: String,
}

impl ChangesSettings {
    /// Reads the settings; `variable` looks one up.
    ///
    /// # Errors
    /// See [`SettingsError`].
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let environment = Environment(variable);
        let cache_item = match template(&environment, "KEY_TEMPLATE")? {
            Some(key) => Some(CacheItem {
                key,
                value: template(&environment, "VALUE_TEMPLATE")?,
                lifetime: lifetime(&environment)?,
            }),
            None => None,
        };
        let includes_item =
            environment.or_default("MESSAGE_HAS_ITEM", true, |value| value.parse().map_err(|_| "true or false"))?;
        let topic = template(&environment, "TOPIC_TEMPLATE")?.map(|name| Topic { name, includes_item });
        if cache_item.is_none() && topic.is_none() {
            return Err(SettingsError::Missing("KEY_TEMPLATE"));
        }
        // It is not empty: an empty variable counts as absent.
        let cache = environment.required("CACHE_NAME")?.try_into().map_err(|_| SettingsError::Missing("CACHE_NAME"))?;
        Ok(Self {
            mapping: Mapping { cache, cache_item, topic },
            dead_letter_queue_url: environment.required("DEAD_LETTER_QUEUE_URL")?,
        })
    }
}

fn template<T: FromStr<Err = TemplateError>, V: Fn(&str) -> Option<String>>(
    environment: &Environment<V>,
    name: &'static str,
) -> Result<Option<T>, SettingsError> {
    environment.or_default(name, None, |value| value.parse().map(Some).map_err(describe))
}

fn lifetime<V: Fn(&str) -> Option<String>>(environment: &Environment<V>) -> Result<Lifetime, SettingsError> {
    if let Some(attribute) = environment.optional("EXPIRY_ATTRIBUTE") {
        return Ok(Lifetime::ExpiryIn(attribute));
    }
    if let Some(attribute) = environment.optional("TTL_ATTRIBUTE") {
        return Ok(Lifetime::SecondsIn(attribute));
    }
    let seconds = environment.or_default("TTL_SECONDS", None, |value| {
        value.parse::<NonZeroU64>().map(Some).map_err(|_| "a whole number of seconds above 0")
    })?;
    let seconds = seconds.ok_or(SettingsError::Missing("TTL_SECONDS"))?;
    Ok(Lifetime::Constant(Duration::from_secs(seconds.get())))
}

fn describe(error: TemplateError) -> &'static str {
    match error {
        TemplateError::Open => "a template: a `{` is not closed",
        TemplateError::Closed => "a template: a `}` closes nothing",
        TemplateError::Nameless => "a template: `{}` names no attribute",
        TemplateError::Empty => "a template: it is empty",
        TemplateError::Unseparated => "a template: two attributes have no separator between them",
    }
}
