//! The event of a message that came by subscription: as the webhook's, with its detail made here.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;

use crate::bus::event::BusEvent;
use crate::clock::UnixMillis;
use crate::momento::pubsub::{Topic, TopicItem, TopicValue};

use super::event::SOURCE;

/// The longest detail of an event, in bytes. Momento's messages have at most 4 KB unless it was asked for more. An event of
/// this size is one that EventBridge has always taken, and even with each byte escaped one that SQS takes.
const MAX_DETAIL_BYTES: usize = 240 * 1024;

/// The fields of a webhook's body, and two more.
#[derive(Serialize)]
struct Detail<'a> {
    cache: &'a str,
    topic: &'a str,
    event_timestamp: u64,
    publish_timestamp: u64,
    topic_sequence_number: u64,
    token_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    binary_base64: Option<String>,
    topic_sequence_page: u64,
    origin: &'static str,
}

impl BusEvent {
    /// The event of a message, under the topic's [`detail_type`](super::event::detail_type); `None` where it cannot be one: too large, or of a kind that
    /// this version does not know.
    #[must_use]
    #[expect(clippy::expect_used, clippy::missing_panics_doc, reason = "strings and numbers always serialise")]
    pub fn of_item(topic: &Topic, detail_type: &str, item: &TopicItem, received_at: UnixMillis) -> Option<Self> {
        let (text, binary_base64) = match item.value.as_ref()? {
            TopicValue::Text(text) => (Some(text.as_str()), None),
            // The alphabet of `message_base64` in a command, which it may become.
            TopicValue::Binary(bytes) => (None, Some(URL_SAFE_NO_PAD.encode(bytes))),
        };
        let UnixMillis(time) = received_at;
        let detail = Detail {
            cache: &topic.cache,
            topic: &topic.name,
            // No time is on the wire.
            event_timestamp: time,
            publish_timestamp: time,
            topic_sequence_number: item.number,
            token_id: item.publisher_id.as_deref(),
            text,
            binary_base64,
            topic_sequence_page: item.page,
            origin: "subscription",
        };
        let detail = serde_json::to_string(&detail).expect("a message is JSON");
        (detail.len() <= MAX_DETAIL_BYTES).then(|| Self {
            source: SOURCE.to_owned(),
            detail_type: detail_type.to_owned(),
            detail,
            time,
            trace_header: None,
        })
    }
}
