//! Momento's topics, subscribed to: what a stream brings, and why one is refused or ends.

use std::fmt;

use super::api_key::ApiKey;

/// A topic of a cache.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Topic {
    /// The cache's name.
    pub cache: String,
    /// The topic's name.
    pub name: String,
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.cache, self.name)
    }
}

/// Where in a topic a stream begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResumeAt {
    /// With what is published from now on.
    Newest,
    /// With the oldest message that Momento still has, however many those are.
    Available,
    /// With this number of this page.
    Number {
        /// The range of numbers that it belongs to.
        page: u64,
        /// The message's number in it.
        number: u64,
    },
}

/// What a stream brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StreamMessage {
    /// A message of the topic.
    Item(TopicItem),
    /// Messages may have been skipped.
    Discontinuity {
        /// The page that goes on.
        page: u64,
        /// The number that goes on.
        number: u64,
    },
    /// The stream works.
    Heartbeat,
}

/// A message of a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicItem {
    /// The range of numbers that its number belongs to. A later one is greater.
    pub page: u64,
    /// Its number in the page. The next message's is one greater.
    pub number: u64,
    /// Who published it, where its token says so.
    pub publisher_id: Option<String>,
    /// What was published; `None` where it is of a kind that this version does not know.
    pub value: Option<TopicValue>,
}

/// What was published.
#[derive(Clone, PartialEq, Eq)]
pub enum TopicValue {
    /// Text.
    Text(String),
    /// Bytes.
    Binary(Vec<u8>),
}

impl fmt::Debug for TopicValue {
    /// Says how long it is and nothing of it, so that it cannot slip into a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Self::Binary(bytes) => write!(f, "Binary({} bytes)", bytes.len()),
        }
    }
}

/// Why there is no stream, or no longer. Has gRPC's code, and nothing of the text that Momento sent with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StreamError {
    /// Momento does not know the API key.
    #[error("Momento refuses the API key")]
    Unauthenticated,
    /// Momento refuses this topic: no permission, no such cache, or an invalid name.
    #[error("Momento refuses the subscription: {0}")]
    Refused(&'static str),
    /// It may work if asked again: throttled, broken, closed or out of reach.
    #[error("unavailable: {0}")]
    Unavailable(&'static str),
}

/// Momento's topics.
pub trait TopicSource {
    /// A stream of a topic's messages.
    type Stream: TopicStream;

    /// Subscribes to a topic. Tries once.
    async fn subscribe(&self, topic: &Topic, at: ResumeAt, key: &ApiKey) -> Result<Self::Stream, StreamError>;

    /// Closes the connection, which the next subscription opens again. To be called before Lambda freezes the environment: the
    /// other side would give the connection up meanwhile, and this one not notice for a while.
    fn disconnect(&self);
}

/// A stream of a topic's messages. Momento forgets it when it is dropped.
pub trait TopicStream {
    /// The next message, waiting for it. The same message is not lost when the wait is given up.
    async fn next(&mut self) -> Result<StreamMessage, StreamError>;
}
