//! The event that a message becomes on the bus.

use sha2::{Digest, Sha256};

use crate::bus::event::BusEvent;
use crate::clock::UnixMillis;

use super::topic_message::TopicMessage;

/// The `source` of every event.
pub(crate) const SOURCE: &str = "Momento";

/// The longest detail-type that EventBridge takes, in characters (`PutEventsRequestEntry` in its API reference).
pub(super) const MAX_DETAIL_TYPE_CHARS: usize = 128;

/// What stands for the rest of a detail-type that is too long: `~` and this many hexadecimal digits of its SHA-256.
const DIGEST_DIGITS: usize = 16;

impl BusEvent {
    /// The event of a message.
    #[must_use]
    pub(crate) fn new(message: &TopicMessage<'_>, trace_header: Option<&str>) -> Self {
        let UnixMillis(time) = message.publish_timestamp;
        Self {
            source: SOURCE.to_owned(),
            detail_type: detail_type(&message.cache, &message.topic),
            detail: message.body.to_owned(),
            time,
            // EventBridge takes 1 to 500 characters and refuses the whole event otherwise.
            trace_header: trace_header.filter(|header| (1..=500).contains(&header.len())).map(str::to_owned),
        }
    }
}

/// `{cache}#{topic}`; where that is longer than 128 characters, its first characters, `~` and the first 16
/// hexadecimal digits of the SHA-256 of the whole: the same for the same topic each time, so that rules can match it.
#[must_use]
pub fn detail_type(cache: &str, topic: &str) -> String {
    let whole = format!("{cache}#{topic}");
    if whole.chars().count() <= MAX_DETAIL_TYPE_CHARS {
        return whole;
    }
    let mut short: String = whole.chars().take(MAX_DETAIL_TYPE_CHARS - 1 - DIGEST_DIGITS).collect();
    let digest = base16ct::lower::encode_string(&Sha256::digest(whole.as_bytes()));
    short.push('~');
    short.extend(digest.chars().take(DIGEST_DIGITS));
    short
}
