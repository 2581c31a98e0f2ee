//! What a change of a table becomes in Momento.

use serde::Serialize;
use serde_json::Value;

use crate::clock::UnixMillis;
use crate::command::{Command, Empty, Key, Name};
use crate::template::{NameTemplate, ValueTemplate};

use super::attribute::{Item, MissingAttribute, to_json};
use super::change::{Change, ChangeKind, ChangedItem};
use super::lifetime::{Lifetime, LifetimeError};
use super::pipe_event::PipeEvent;

/// The most bytes of commands for one change: what EventBridge takes in one call since January 2026, less a margin.
pub const MAX_BYTES_A_CHANGE: usize = 990_000;

/// What the items of a table are in Momento.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// The cache.
    pub cache: Name,
    /// The cache item of each item, if there are any.
    pub cache_item: Option<CacheItem>,
    /// The topic that changes are published to, if there is one.
    pub topic: Option<Topic>,
}

/// The cache item of a table's item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheItem {
    /// Of the attributes of the table's key only: they are all that is known of an item that was deleted.
    pub key: NameTemplate,
    /// The value; the whole item as JSON if there is none.
    pub value: Option<ValueTemplate>,
    /// For how long.
    pub lifetime: Lifetime,
}

/// The topic that the changes of a table are published to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    /// Of the attributes of the table's key only.
    pub name: NameTemplate,
    /// Whether a message has the item as it is now.
    pub includes_item: bool,
}

/// What a change becomes: the commands, as events and in their order, and why some could not be made.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Mapped {
    /// What Momento is told.
    pub events: Vec<PipeEvent>,
    /// What it should have been told, and why it can't.
    pub errors: Vec<MappingError>,
}

/// A command that could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// The record is not one of a DynamoDB stream. What it holds instead is not shown: it may be an item's value.
    #[error("invalid record of a DynamoDB stream: {0} is missing or invalid")]
    Record(&'static str),
    /// The cache item's key.
    #[error("no key of a cache item: {0}")]
    Key(NameError),
    /// The cache item's value.
    #[error("no value of a cache item: {0}")]
    Value(MissingAttribute),
    /// The cache item's lifetime.
    #[error("no lifetime of a cache item: {0}")]
    Lifetime(LifetimeError),
    /// The topic's name.
    #[error("no name of a topic: {0}")]
    TopicName(NameError),
    /// The stream does not carry new images.
    #[error("the record has no new image")]
    NoImage,
    /// The command does not fit on the bus.
    #[error("the commands are larger than EventBridge takes: {0} bytes")]
    TooLarge(usize),
}

/// A key or a name that could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub enum NameError {
    /// For want of an attribute.
    Missing(#[from] MissingAttribute),
    /// There is nothing in it.
    Empty(#[from] Empty),
}

/// What is published of a change.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ChangeMessage<'a> {
    change: ChangeKind,
    keys: &'a Item,
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<&'a Item>,
    sequence_number: &'a str,
}

impl Mapping {
    /// What a record of the table's stream becomes.
    ///
    /// When the cache item can't be set, it is deleted: better to have none than to go on serving what the table no longer says.
    #[must_use]
    pub fn apply(&self, record: &Value, now: UnixMillis) -> Mapped {
        let mut mapped = Mapped::default();
        let change = match Change::parse(record) {
            Ok(change) => change,
            Err(field) => {
                mapped.errors.push(MappingError::Record(field));
                return mapped;
            }
        };
        if let Some(cache_item) = &self.cache_item {
            self.write(cache_item, &change, now, &mut mapped);
        }
        if let Some(topic) = &self.topic {
            match self.publish(topic, &change) {
                Ok(publish) => mapped.add(publish),
                Err(error) => mapped.errors.push(error),
            }
        }
        mapped
    }

    fn write(&self, cache_item: &CacheItem, change: &Change, now: UnixMillis, mapped: &mut Mapped) {
        let key = match cache_item.key_of(&change.dynamodb.keys) {
            Ok(key) => key,
            Err(error) => return mapped.errors.push(MappingError::Key(error)),
        };
        let delete = Command::CacheDelete { cache: self.cache.clone(), key: key.clone() };
        if change.kind == ChangeKind::Remove {
            return mapped.add(delete);
        }
        match self.set(cache_item, key, change, now) {
            Ok(Some(set)) => {
                if !mapped.add_if_it_fits(set) {
                    mapped.add(delete);
                }
            }
            Ok(None) => mapped.add(delete),
            Err(error) => {
                mapped.errors.push(error);
                mapped.add(delete);
            }
        }
    }

    /// The command that sets the item, or none if its time is over.
    fn set(
        &self,
        cache_item: &CacheItem,
        key: Key,
        change: &Change,
        now: UnixMillis,
    ) -> Result<Option<Command>, MappingError> {
        let item = change.dynamodb.new_image.as_ref().ok_or(MappingError::NoImage)?;
        let Some(ttl_seconds) = cache_item.lifetime.seconds_left(item, now).map_err(MappingError::Lifetime)? else {
            return Ok(None);
        };
        let message = match &cache_item.value {
            Some(template) => template.render(item).map_err(MappingError::Value)?,
            None => to_json(item),
        };
        Ok(Some(Command::CacheSet { cache: self.cache.clone(), key, message: message.into(), ttl_seconds }))
    }

    fn publish(&self, topic: &Topic, change: &Change) -> Result<Command, MappingError> {
        let ChangedItem { keys, new_image, sequence_number } = &change.dynamodb;
        let message = ChangeMessage {
            change: change.kind,
            keys,
            item: new_image.as_ref().filter(|_| topic.includes_item),
            sequence_number,
        };
        Ok(Command::TopicPublish {
            cache: self.cache.clone(),
            topic: topic.name_for(keys).map_err(MappingError::TopicName)?,
            message: to_json(&message).into(),
        })
    }
}

impl CacheItem {
    fn key_of(&self, keys: &Item) -> Result<Key, NameError> {
        Ok(self.key.render(keys)?.as_str().try_into()?)
    }
}

impl Topic {
    fn name_for(&self, keys: &Item) -> Result<Name, NameError> {
        Ok(self.name.render(keys)?.try_into()?)
    }
}

impl Mapped {
    /// The bytes of all its events on the bus.
    #[must_use]
    pub(super) fn bytes(&self) -> usize {
        self.events.iter().map(PipeEvent::bytes).sum()
    }

    fn add(&mut self, command: Command) {
        self.add_if_it_fits(command);
    }

    fn add_if_it_fits(&mut self, command: Command) -> bool {
        let event = PipeEvent(command);
        let bytes = self.bytes() + event.bytes();
        let fits = bytes <= MAX_BYTES_A_CHANGE;
        if fits {
            self.events.push(event);
        } else {
            self.errors.push(MappingError::TooLarge(bytes));
        }
        fits
    }
}
