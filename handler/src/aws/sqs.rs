use std::collections::HashMap;
use std::future::Future;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::MessageAttributeValue;

use super::delivery_error;
use crate::bus::event::BusEvent;
use crate::message::publisher::FallbackQueue;
use crate::queue::dead_letter::{Attribute, DeadLetter, DeadLetterQueue};
use crate::queue::sqs_batch::SourceQueue;
use crate::service_error::DeliveryError;

/// The message attribute that says why an event is not on the bus.
const REASON: &str = "Reason";
/// The most bytes that SQS takes as one message, its body and its attributes together (`SendMessage` in its API reference).
const MAX_MESSAGE_BYTES: usize = 1024 * 1024;

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
        self.send(event.to_parked(), message_attributes([(REASON, "String", reason.to_string())]))
    }
}

impl SourceQueue for Sqs {
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
        let mut room = MAX_MESSAGE_BYTES.saturating_sub(letter.body.len());
        // A message that fills SQS's limit by itself is kept without what is said about it rather than not at all.
        let attributes = letter.attributes.iter().filter_map(|(name, attribute)| {
            let (data_type, value) = match attribute {
                Attribute::Text(text) => ("String", text.clone()),
                Attribute::Number(number) => ("Number", number.to_string()),
            };
            room = room.checked_sub(name.len() + data_type.len() + value.len())?;
            Some((*name, data_type, value))
        });
        self.send(letter.body.to_owned(), message_attributes(attributes))
    }
}

fn message_attributes<'a>(
    attributes: impl IntoIterator<Item = (&'a str, &'a str, String)>,
) -> HashMap<String, MessageAttributeValue> {
    let attributes = attributes.into_iter().filter_map(|(name, data_type, value)| {
        // A builder without a value or a type is the only one that fails, and these have both.
        let value = MessageAttributeValue::builder().data_type(data_type).string_value(value).build().ok()?;
        Some((name.to_owned(), value))
    });
    attributes.collect()
}
