//! Momento's webhooks, as they were documented until April 2025: each message of a topic is posted once, signed.

use std::sync::Arc;
use std::time::Duration;

use hmac::{KeyInit as _, Mac as _, SimpleHmac};
use serde::{Deserialize, Serialize};
use sha3::Sha3_256;

use crate::Momento;
use crate::clock::millis;
use crate::topic::{Message, Value};
use crate::topic_selector::TopicSelector;

const USER_AGENT: &str = "Momento/1.0 (Webhooks; +https://docs.momentohq.com/topics/webhooks)";
/// How long Momento waited for an answer.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Debug, Default)]
pub(crate) struct Webhooks {
    webhooks: Vec<Webhook>,
    outcomes: Vec<Outcome>,
}

/// Where messages go.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Webhook {
    cache: String,
    #[serde(flatten)]
    topics: TopicSelector,
    url: String,
    #[serde(skip_serializing)]
    signing_secret: String,
}

/// The outcome of a message that was posted.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Outcome {
    url: String,
    cache: String,
    topic: String,
    topic_sequence_number: u64,
    /// Of the answer, if there was one.
    status: Option<u16>,
    /// Why there was none.
    error: Option<String>,
}

/// The body of the request.
#[derive(Debug, Serialize)]
struct Payload<'a> {
    cache: &'a str,
    topic: &'a str,
    event_timestamp: u64,
    publish_timestamp: u64,
    topic_sequence_number: u64,
    token_id: &'a str,
    text: &'a str,
}

/// A message to post.
pub(crate) struct Delivery {
    url: String,
    signature: String,
    body: String,
    outcome: Outcome,
}

impl Webhooks {
    pub(crate) fn add(&mut self, webhook: Webhook) {
        self.webhooks.push(webhook);
    }

    pub(crate) fn list(&self) -> &[Webhook] {
        &self.webhooks
    }

    pub(crate) fn outcomes(&self) -> &[Outcome] {
        &self.outcomes
    }

    pub(crate) fn remove_all(&mut self) {
        self.webhooks.clear();
    }

    pub(crate) fn forget_outcomes(&mut self) {
        self.outcomes.clear();
    }

    /// What to post because of a message. The payload has no place for a binary one.
    pub(crate) fn deliveries(&self, cache: &str, topic: &str, message: &Message, now: Duration) -> Vec<Delivery> {
        let Value::Text(text) = &message.value else { return Vec::new() };
        let payload = Payload {
            cache,
            topic,
            event_timestamp: millis(message.published_at),
            publish_timestamp: millis(now),
            topic_sequence_number: message.number,
            token_id: &message.token_id,
            text,
        };
        let meant = self.webhooks.iter().filter(|webhook| webhook.cache == cache && webhook.topics.matches(topic));
        meant.filter_map(|webhook| webhook.delivery(&payload)).collect()
    }
}

impl Webhook {
    /// Nothing if it cannot be signed or written, which no key and no payload make happen.
    fn delivery(&self, payload: &Payload<'_>) -> Option<Delivery> {
        let body = serde_json::to_string(payload).ok()?;
        let mut mac = SimpleHmac::<Sha3_256>::new_from_slice(self.signing_secret.as_bytes()).ok()?;
        mac.update(body.as_bytes());
        Some(Delivery {
            url: self.url.clone(),
            signature: base16ct::lower::encode_string(&mac.finalize().into_bytes()),
            body,
            outcome: Outcome {
                url: self.url.clone(),
                cache: payload.cache.to_owned(),
                topic: payload.topic.to_owned(),
                topic_sequence_number: payload.topic_sequence_number,
                status: None,
                error: None,
            },
        })
    }
}

/// Posts a message, once, and notes the outcome.
pub(crate) async fn deliver(momento: Arc<Momento>, delivery: Delivery) {
    let Delivery { url, signature, body, mut outcome } = delivery;
    let request = momento
        .http
        .post(url)
        .timeout(PATIENCE)
        .header("content-type", "application/json")
        .header("user-agent", USER_AGENT)
        .header("momento-signature", signature)
        .body(body);
    match request.send().await {
        Ok(response) => outcome.status = Some(response.status().as_u16()),
        Err(error) => outcome.error = Some(error.to_string()),
    }
    momento.state().webhooks.outcomes.push(outcome);
}
