//! A command to Momento: an item of a cache that is set or deleted, or a message that is published to a topic.

pub mod event;
#[cfg(feature = "handlers")]
pub mod sources;

use std::num::NonZeroU64;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// A command to Momento. [`event`] reads it from an event of the bus, and
/// [`Command::detail_type`] and [`Command::detail`] make an event of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Sets an item of a cache.
    CacheSet {
        /// The cache, which exists.
        cache: Name,
        /// The item's key.
        key: Key,
        /// The item's value.
        message: Message,
        /// After how many seconds Momento forgets the item. Momento's own limit is 24 hours on demand.
        ttl_seconds: NonZeroU64,
    },
    /// Deletes an item of a cache, if there is one.
    CacheDelete {
        /// The cache, which exists.
        cache: Name,
        /// The item's key.
        key: Key,
    },
    /// Publishes a message to a topic.
    TopicPublish {
        /// The cache that the topic belongs to, which exists.
        cache: Name,
        /// The topic.
        topic: Name,
        /// What is published: Momento takes at most 4 KB.
        message: Message,
    },
}

/// The three kinds of commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum CommandKind {
    /// [`Command::CacheSet`]
    CacheSet,
    /// [`Command::CacheDelete`]
    CacheDelete,
    /// [`Command::TopicPublish`]
    TopicPublish,
}

impl CommandKind {
    /// All of them.
    pub(super) const ALL: [Self; 3] = [Self::CacheSet, Self::CacheDelete, Self::TopicPublish];

    /// The `detail-type` of its events.
    #[must_use]
    pub(super) fn detail_type(self) -> &'static str {
        match self {
            Self::CacheSet => "cacheSet",
            Self::CacheDelete => "cacheDelete",
            Self::TopicPublish => "topicPublish",
        }
    }
}

/// The name of a cache, a topic, or who sends a command.
pub type Name = NotEmpty<String>;

/// An item's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// Text.
    Text(NotEmpty<String>),
    /// Bytes, which an event has as base64.
    Bytes(NotEmpty<Vec<u8>>),
}

/// What is stored or published, exactly as it is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// Text.
    Text(String),
    /// Bytes, which an event has as base64. Only the delivery by Lambda takes them.
    Bytes(Vec<u8>),
}

/// A string or bytes of which there is at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotEmpty<T>(T);

/// It is empty, and must not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is empty")]
pub struct Empty;

impl Command {
    /// Which of the three it is.
    #[must_use]
    pub(super) fn kind(&self) -> CommandKind {
        match self {
            Self::CacheSet { .. } => CommandKind::CacheSet,
            Self::CacheDelete { .. } => CommandKind::CacheDelete,
            Self::TopicPublish { .. } => CommandKind::TopicPublish,
        }
    }

    /// The `detail-type` of its event.
    #[must_use]
    pub fn detail_type(&self) -> &'static str {
        self.kind().detail_type()
    }

    /// The `detail` of its event.
    #[must_use]
    pub fn detail(&self) -> Value {
        let fields = match self {
            Self::CacheSet { cache, key, message, ttl_seconds } => {
                vec![("cacheName", json!(cache.get())), key.field(), message.field(), ("ttl", json!(ttl_seconds))]
            }
            Self::CacheDelete { cache, key } => vec![("cacheName", json!(cache.get())), key.field()],
            Self::TopicPublish { cache, topic, message } => {
                vec![("cacheName", json!(cache.get())), ("topicName", json!(topic.get())), message.field()]
            }
        };
        fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

impl Key {
    fn field(&self) -> (&'static str, Value) {
        match self {
            Self::Text(text) => ("key", json!(text.get())),
            Self::Bytes(bytes) => ("key_base64", json!(URL_SAFE_NO_PAD.encode(bytes.get()))),
        }
    }
}

impl Message {
    fn field(&self) -> (&'static str, Value) {
        match self {
            Self::Text(text) => ("message", json!(text)),
            Self::Bytes(bytes) => ("message_base64", json!(URL_SAFE_NO_PAD.encode(bytes))),
        }
    }
}

impl<T> NotEmpty<T> {
    /// What it is.
    pub fn get(&self) -> &T {
        &self.0
    }
}

impl TryFrom<String> for NotEmpty<String> {
    type Error = Empty;

    fn try_from(text: String) -> Result<Self, Empty> {
        if text.is_empty() { Err(Empty) } else { Ok(Self(text)) }
    }
}

impl TryFrom<&str> for NotEmpty<String> {
    type Error = Empty;

    fn try_from(text: &str) -> Result<Self, Empty> {
        text.to_owned().try_into()
    }
}

impl TryFrom<Vec<u8>> for NotEmpty<Vec<u8>> {
    type Error = Empty;

    fn try_from(bytes: Vec<u8>) -> Result<Self, Empty> {
        if bytes.is_empty() { Err(Empty) } else { Ok(Self(bytes)) }
    }
}

impl TryFrom<&str> for Key {
    type Error = Empty;

    fn try_from(text: &str) -> Result<Self, Empty> {
        text.try_into().map(Self::Text)
    }
}

impl TryFrom<Vec<u8>> for Key {
    type Error = Empty;

    fn try_from(bytes: Vec<u8>) -> Result<Self, Empty> {
        bytes.try_into().map(Self::Bytes)
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Vec<u8>> for Message {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}
