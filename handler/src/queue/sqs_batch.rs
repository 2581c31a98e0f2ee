//! A batch of messages of a queue, as Lambda hands them over, and what it takes back.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::UnixMillis;
use crate::service_error::ServiceError;

/// A batch of messages.
#[derive(Debug, Deserialize)]
pub struct SqsBatch {
    /// The messages.
    #[serde(rename = "Records")]
    pub(crate) records: Vec<SqsMessage>,
}

/// A message of a queue.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SqsMessage {
    /// Its id.
    pub(crate) message_id: String,
    /// What names this receipt of it to SQS.
    pub(crate) receipt_handle: String,
    /// What was sent.
    pub(crate) body: String,
    attributes: SystemAttributes,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SystemAttributes {
    approximate_receive_count: String,
    sent_timestamp: String,
}

impl SqsMessage {
    /// How often it has been received, this time included.
    #[must_use]
    pub(crate) fn receive_count(&self) -> u32 {
        self.attributes.approximate_receive_count.parse().unwrap_or(1)
    }

    /// When it was sent to the queue.
    #[must_use]
    pub(crate) fn sent_at(&self) -> UnixMillis {
        UnixMillis(self.attributes.sent_timestamp.parse().unwrap_or_default())
    }
}

/// The messages of a batch that Lambda shall leave in the queue.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchResponse {
    batch_item_failures: Vec<BatchItemFailure>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct BatchItemFailure {
    item_identifier: String,
}

impl BatchResponse {
    /// Has this message left in the queue too.
    pub(crate) fn keep(&mut self, message: &SqsMessage) {
        self.batch_item_failures.push(BatchItemFailure { item_identifier: message.message_id.clone() });
    }
}

/// The queue that the messages come from.
pub trait SourceQueue {
    /// Keeps a message from being received again for that long.
    async fn postpone(&self, receipt_handle: &str, wait: Duration) -> Result<(), ServiceError>;
}
