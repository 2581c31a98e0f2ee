//! Topic messages, signed and delivered as Momento and a Function URL do it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, ensure};
use hmac::{KeyInit as _, Mac as _, SimpleHmac};
use serde_json::{Value, json};
use sha3::Sha3_256;
use tokio::time::sleep;

use crate::aws::FakeAws;
use crate::run::Work;

/// What Momento and the handlers share.
pub(crate) const SIGNING_SECRET: &str = "bench-signing-secret-of-no-use-elsewhere";

const CACHE: &str = "chat";
const TOPIC: &str = "room-281";
/// A text of 256 bytes.
pub(crate) const TEXT: &str = "Here I am!! Is anybody still awake? I have brought the map, the torches and enough sandwiches for \
                    the five of us, and the last bus leaves at 23:40. If nobody answers by then, I'll wait at the old mill \
                    until midnight, eat what is left and take the long way.";
const _: () = assert!(TEXT.len() == 256);

/// How long a connection has been closed when the next message comes.
const DISCONNECTED: Duration = Duration::from_millis(20);

/// The detail-type of the events that the messages become.
pub(crate) fn detail_type() -> String {
    format!("{CACHE}#{TOPIC}")
}

/// Messages of a topic, each posted by itself.
pub(crate) struct Webhooks<'a> {
    aws: &'a FakeAws,
    text: String,
    forged_from: u64,
    disconnects: bool,
    last: Option<Message>,
}

impl<'a> Webhooks<'a> {
    pub(crate) fn for_bus_of(aws: &'a FakeAws) -> Self {
        // What a process that failed has left there.
        aws.take_events();
        Self { aws, text: TEXT.to_owned(), forged_from: u64::MAX, disconnects: false, last: None }
    }

    /// The same with texts of this many bytes.
    pub(crate) fn of_size(self, bytes: usize) -> Self {
        Self { text: TEXT.chars().cycle().take(bytes).collect(), ..self }
    }

    /// The same, signed by somebody else from the second one on.
    pub(crate) fn then_forged(self) -> Self {
        Self { forged_from: 2, ..self }
    }

    /// The same, each after the connection to the bus has been closed.
    pub(crate) fn disconnected(self) -> Self {
        Self { disconnects: true, ..self }
    }
}

impl Work for Webhooks<'_> {
    const EVENTS: u32 = 1;

    fn invocation(&mut self, number: u64) -> Result<String> {
        let message = Message::now(number, &self.text, number >= self.forged_from)?;
        Ok(self.last.insert(message).invocation())
    }

    async fn prepare(&mut self) {
        if self.disconnects {
            self.aws.disconnect_bus();
            sleep(DISCONNECTED).await;
        }
    }

    fn check(&mut self, answer: &[u8]) -> Result<()> {
        let answer: Value = serde_json::from_slice(answer)?;
        let message = self.last.as_ref().context("no message was sent")?;
        let (status, on_the_bus) = if message.forged { (403, 0) } else { (200, 1) };
        ensure!(answer.get("statusCode").and_then(Value::as_u64) == Some(status), "it answered {answer}");
        let events = self.aws.take_events();
        ensure!(
            events.len() == on_the_bus && events.iter().all(|event| message.is(event)),
            "the bus was sent {events:?}"
        );
        Ok(())
    }
}

/// A webhook request, and the event that it has to become.
struct Message {
    body: String,
    signature: String,
    published: u128,
    forged: bool,
}

impl Message {
    /// A message published now. The number tells it from all others, so that none is taken for a replay.
    fn now(number: u64, text: &str, forged: bool) -> Result<Self> {
        let published = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
        let body = json!({
            "cache": CACHE,
            "topic": TOPIC,
            "event_timestamp": u64::try_from(published)?,
            "publish_timestamp": u64::try_from(published)?,
            "topic_sequence_number": number,
            "token_id": "bench",
            "text": text,
        })
        .to_string();
        let secret = if forged { "a-secret-that-is-not-the-webhooks" } else { SIGNING_SECRET };
        let mac = SimpleHmac::<Sha3_256>::new_from_slice(secret.as_bytes())?.chain_update(&body);
        let signature = base16ct::lower::encode_string(&mac.finalize().into_bytes());
        Ok(Self { body, signature, published, forged })
    }

    /// The invocation that a Function URL makes of it: payload format 2.0.
    fn invocation(&self) -> String {
        let domain = "abcdefghijklmnopqrstuvwxyz012345.lambda-url.us-east-1.on.aws";
        json!({
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": "/",
            "rawQueryString": "",
            "headers": {
                "accept": "*/*",
                "content-length": self.body.len().to_string(),
                "content-type": "application/json",
                "host": domain,
                "momento-signature": self.signature,
                "user-agent": "momento",
                "x-amzn-tls-cipher-suite": "TLS_AES_128_GCM_SHA256",
                "x-amzn-tls-version": "TLSv1.3",
                "x-amzn-trace-id": "Root=1-5759e988-bd862e3fe1be46a994272793",
                "x-forwarded-for": "192.0.2.10",
                "x-forwarded-port": "443",
                "x-forwarded-proto": "https",
            },
            "requestContext": {
                "accountId": "anonymous",
                "apiId": "abcdefghijklmnopqrstuvwxyz012345",
                "domainName": domain,
                "domainPrefix": "abcdefghijklmnopqrstuvwxyz012345",
                "http": {
                    "method": "POST",
                    "path": "/",
                    "protocol": "HTTP/1.1",
                    "sourceIp": "192.0.2.10",
                    "userAgent": "momento",
                },
                "requestId": "e1506fd5-9e7b-434f-bd42-4f8fa224b599",
                "routeKey": "$default",
                "stage": "$default",
                "time": "22/Nov/2026:12:00:00 +0000",
                "timeEpoch": u64::try_from(self.published).unwrap_or_default(),
            },
            "body": self.body,
            "isBase64Encoded": false,
        })
        .to_string()
    }

    /// Whether an entry of `PutEvents` is this message, to the byte.
    fn is(&self, entry: &Value) -> bool {
        let is = |member, expected: &str| entry.get(member).and_then(Value::as_str) == Some(expected);
        is("Detail", &self.body) && is("DetailType", &detail_type()) && is("Source", "Momento")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_its_own_event_and_no_other() {
        let message = Message::now(1, TEXT, false).unwrap();
        let entry =
            |message: &Message| json!({"Source": "Momento", "DetailType": "chat#room-281", "Detail": message.body});
        assert!(message.is(&entry(&message)));
        assert!(!message.is(&entry(&Message::now(2, TEXT, false).unwrap())));
        assert!(!message.is(&json!({"Source": "Momento", "Detail": message.body})));
    }
}
