//! Batches of commands, as Lambda takes them out of a queue, and the calls of Momento that they have to become.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::message::TEXT;
use crate::momento::{Call, FakeMomento};
use crate::run::Work;

/// As many as Lambda hands over at once.
const BATCH_SIZE: u32 = 10;

/// Full batches of items to set.
pub(crate) struct Batches<'a> {
    momento: &'a FakeMomento,
    expected: Vec<Call>,
}

impl<'a> Batches<'a> {
    pub(crate) fn for_momento(momento: &'a FakeMomento) -> Self {
        // What a process that failed has sent there.
        momento.take_calls();
        Self { momento, expected: Vec::new() }
    }
}

impl Work for Batches<'_> {
    const EVENTS: u32 = BATCH_SIZE;

    fn invocation(&mut self, number: u64) -> Result<String> {
        let sent = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis().to_string();
        let keys: Vec<String> = (0..BATCH_SIZE).map(|index| format!("user-{number}-{index}")).collect();
        self.expected = keys.iter().map(|key| call(key)).collect();
        let records: Vec<Value> = keys.iter().map(|key| record(key, &sent)).collect();
        Ok(json!({ "Records": records }).to_string())
    }

    fn check(&mut self, answer: &[u8]) -> Result<()> {
        let answer: Value = serde_json::from_slice(answer)?;
        ensure!(answer == json!({ "batchItemFailures": [] }), "it answered {answer}");
        let mut calls = self.momento.take_calls();
        calls.sort();
        ensure!(calls == self.expected, "Momento was sent {calls:?}");
        Ok(())
    }
}

fn call(key: &str) -> Call {
    Call { request: format!("PUT /cache/chat?key={key}&ttl_seconds=3600"), body: TEXT.as_bytes().into() }
}

/// A message of the queue, with the event that a rule put there.
fn record(key: &str, sent: &str) -> Value {
    let event = json!({
        "version": "0",
        "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
        "detail-type": "cacheSet",
        "source": "orders",
        "account": "123456789012",
        "time": "2026-11-22T12:00:00Z",
        "region": "us-east-1",
        "resources": [],
        "detail": { "cacheName": "chat", "key": key, "message": TEXT, "ttl": 3600 },
    });
    json!({
        "messageId": format!("11d6ee51-4cc7-4302-9e22-{key:>012}"),
        "receiptHandle": "MessageReceiptHandle",
        "body": event.to_string(),
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": sent,
            "SenderId": "AIDAIENQZJOLO23YVJ4VO",
            "ApproximateFirstReceiveTimestamp": sent,
        },
        "messageAttributes": {},
        "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:bench",
        "awsRegion": "us-east-1",
    })
}
