use std::collections::HashMap;
use std::future::Future;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::MessageAttributeValue;

use super::delivery_error;
use crate::bus_event::BusEvent;
use crate::delivery_error::DeliveryError;
use crate::publisher::FallbackQueue;
use crate::redrive::{DeadLetter, DeadLetterQueue, ParkedQueue};

/// The message attribute that says why an event is not on the bus.
const REASON: &str = "Reason";
/// The message attribute that says how often it was tried to put it there.
const ATTEMPTS: &str = "Attempts";
/// The message attribute that says when it was parked, in milliseconds since the Unix epoch.
const PARKED_AT: &str = "ParkedAt";

/// An SQS queue.
#[derive(Debug, Clone)]
pub struct Sqs {
    client: Client,
    queue_url: String,
}

impl Sqs {
    /// The queue with this URL.
    #[must_use]
    pub fn new(config: &SdkConfig, queue_url: String) -> Self {
        Self { client: Client::new(config), queue_url }
    }

    async fn send(
        &self,
        body: String,
        attributes: HashMap<String, MessageAttributeValue>,
    ) -> Result<(), DeliveryError> {
        let call = self.client.send_message().queue_url(&self.queue_url).message_body(body);
        match call.set_message_attributes(Some(attributes)).send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(delivery_error(&error)),
        }
    }
}

impl FallbackQueue for Sqs {
    fn park(&self, event: &BusEvent, reason: &DeliveryError) -> impl Future<Output = Result<(), DeliveryError>> + Send {
        self.send(event.to_parked(), attributes([(REASON, "String", reason.to_string())]))
    }
}

impl ParkedQueue for Sqs {
    async fn postpone(&self, receipt_handle: &str, wait: Duration) -> Result<(), DeliveryError> {
        let call = self.client.change_message_visibility().queue_url(&self.queue_url).receipt_handle(receipt_handle);
        match call.visibility_timeout(i32::try_from(wait.as_secs()).unwrap_or(i32::MAX)).send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(delivery_error(&error)),
        }
    }
}

impl DeadLetterQueue for Sqs {
    fn bury(&self, letter: &DeadLetter<'_>) -> impl Future<Output = Result<(), DeliveryError>> + Send {
        let attributes = attributes([
            (REASON, "String", letter.reason.clone()),
            (ATTEMPTS, "Number", letter.attempts.to_string()),
            (PARKED_AT, "Number", letter.parked_at.0.to_string()),
        ]);
        self.send(letter.body.to_owned(), attributes)
    }
}

fn attributes<const N: usize>(attributes: [(&str, &str, String); N]) -> HashMap<String, MessageAttributeValue> {
    let attributes = attributes.into_iter().filter_map(|(name, data_type, value)| {
        // A builder without a value or a type is the only one that fails, and these have both.
        let value = MessageAttributeValue::builder().data_type(data_type).string_value(value).build().ok()?;
        Some((name.to_owned(), value))
    });
    attributes.collect()
}
