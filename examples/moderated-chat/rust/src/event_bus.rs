//! The event bus between the steps, and what the chat puts on it.

use std::future::Future;

use serde_json::{Value, json};

use crate::history::Topic;
use crate::message::{InLanguage, Moderated};

/// The source of the chat's events.
pub const SOURCE: &str = "moderated-chat";

/// What the chat puts on the bus.
#[derive(Debug)]
pub enum Event<'a> {
    /// A message that may be translated and shown.
    Moderated(&'a Moderated),
    /// A message that has another step of its language before it.
    InLanguage {
        /// The name of the step.
        step: &'a str,
        /// The message so far.
        message: &'a InLanguage,
    },
    /// The command to publish a message.
    Publish {
        /// The topic of the language.
        topic: &'a str,
        /// The message, which is done.
        message: &'a InLanguage,
    },
    /// The command to set the item that keeps the last messages of a topic.
    Keep {
        /// The topic, of which the item has the key.
        topic: &'a Topic,
        /// The item's value.
        history: &'a str,
        /// How long Momento keeps it.
        ttl_seconds: u32,
    },
}

impl Event<'_> {
    /// The event's detail-type.
    #[must_use]
    pub fn detail_type(&self) -> &str {
        match self {
            Self::Moderated(_) => "moderated",
            Self::InLanguage { step, .. } => step,
            Self::Publish { .. } => "topicPublish",
            Self::Keep { .. } => "cacheSet",
        }
    }

    /// The event's detail.
    #[must_use]
    pub fn detail(&self) -> Value {
        match self {
            Self::Moderated(message) => json!(message),
            Self::InLanguage { message, .. } => json!(message),
            Self::Publish { topic, message: InLanguage { cache, message } } => {
                json!({ "cacheName": cache, "topicName": topic, "message": message.to_json() })
            }
            Self::Keep { topic, history, ttl_seconds } => {
                json!({ "cacheName": topic.cache, "key": topic.name, "message": history, "ttl": ttl_seconds })
            }
        }
    }
}

/// An event bus.
pub trait EventBus {
    /// Why it did not take an event.
    type Error;

    /// Puts an event on the bus.
    fn put(&self, event: Event<'_>) -> impl Future<Output = Result<(), Self::Error>> + Send;
}
