//! The event bus between the steps, and what the chat puts on it.

use std::future::Future;

use serde_json::{Value, json};

use crate::message::{Moderated, Translated};

/// The source of the chat's events.
pub const SOURCE: &str = "moderated-chat";

/// What the chat puts on the bus.
#[derive(Debug)]
pub enum Event<'a> {
    /// A message that may be translated and shown.
    Moderated(&'a Moderated),
    /// The command to publish a message.
    Publish {
        /// The cache that the topic belongs to.
        cache: &'a str,
        /// The topic of the language.
        topic: &'a str,
        /// What its subscribers get.
        message: &'a Translated<'a>,
    },
}

impl Event<'_> {
    /// The event's detail-type.
    #[must_use]
    pub fn detail_type(&self) -> &'static str {
        match self {
            Self::Moderated(_) => "moderated",
            Self::Publish { .. } => "topicPublish",
        }
    }

    /// The event's detail.
    #[must_use]
    pub fn detail(&self) -> Value {
        match self {
            Self::Moderated(message) => json!(message),
            Self::Publish { cache, topic, message } => {
                json!({ "cacheName": cache, "topicName": topic, "message": json!(message).to_string() })
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
