use std::cell::OnceCell;
use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_sqs::operation::send_message::SendMessageOutput;
use aws_sdk_sqs::types::MessageAttributeValue;
use aws_sdk_sqs::{Client, config};
use aws_types::SdkConfig;
use md5::{Digest as _, Md5};

use super::error::service_error;
use super::user_agent::OwnUserAgent;
use crate::bus::event::BusEvent;
use crate::queue::dead_letter::{DeadLetter, DeadLetterQueue, MessageAttribute};
use crate::queue::fallback::FallbackQueue;
use crate::queue::sqs_batch::SourceQueue;
use crate::service_error::ServiceError;

/// The message attribute that says why an event is not on the bus.
const REASON: &str = "Reason";
/// The message attribute that says which event bus a message belongs to, by name or ARN, so that no tool has to guess it.
const EVENT_BUS: &str = "EventBus";
/// The most bytes that SQS takes as one message, its body and its attributes together (`SendMessage` in its API reference).
const MAX_MESSAGE_BYTES: usize = 1024 * 1024;

/// An SQS queue.
#[derive(Debug, Clone)]
pub struct Sqs {
    config: SdkConfig,
    /// Made when it is first needed, which in most environments is never: 0.2 M instructions of a start.
    client: OnceCell<Client>,
    queue_url: String,
    event_bus: Option<String>,
}

impl Sqs {
    /// The queue with this URL.
    #[must_use]
    pub fn new(config: &SdkConfig, queue_url: String) -> Self {
        Self { config: config.clone(), client: OnceCell::new(), queue_url, event_bus: None }
    }

    /// Has each message say that it belongs to this event bus, given by name or ARN.
    #[must_use]
    pub fn of_event_bus(self, event_bus: String) -> Self {
        Self { event_bus: Some(event_bus), ..self }
    }

    fn client(&self) -> &Client {
        self.client
            .get_or_init(|| Client::from_conf(config::Builder::from(&self.config).interceptor(OwnUserAgent).build()))
    }

    fn event_bus_attribute(&self) -> Option<(&'static str, &'static str, String)> {
        Some((EVENT_BUS, "String", self.event_bus.clone()?))
    }

    async fn send(&self, body: String, attributes: HashMap<String, MessageAttributeValue>) -> Result<(), ServiceError> {
        let digest = Md5::digest(body.as_bytes());
        let call = self.client().send_message().queue_url(&self.queue_url).message_body(body);
        let answer =
            call.set_message_attributes(Some(attributes)).send().await.map_err(|error| service_error(&error))?;
        check_receipt(&answer, &digest)
    }
}

/// A queue that took a message names it, and gives the MD5 of the body that it took (`SendMessage` in SQS's API reference).
/// An answer without them is not from SQS, or is about another message.
fn check_receipt(answer: &SendMessageOutput, digest: &[u8]) -> Result<(), ServiceError> {
    let missing = |what: &str| Err(ServiceError::Unavailable(what.to_owned()));
    if answer.message_id().is_none_or(str::is_empty) {
        return missing("NoMessageId");
    }
    match answer.md5_of_message_body() {
        None => missing("NoChecksum"),
        Some(md5) if md5.eq_ignore_ascii_case(&base16ct::lower::encode_string(digest)) => Ok(()),
        Some(_) => missing("ChecksumMismatch"),
    }
}

impl FallbackQueue for Sqs {
    async fn park(&self, event: &BusEvent, reason: &ServiceError) -> Result<(), ServiceError> {
        let attributes = self.event_bus_attribute().into_iter().chain([(REASON, "String", reason.to_string())]);
        self.send(event.to_parked(), message_attributes(attributes)).await
    }
}

impl SourceQueue for Sqs {
    async fn postpone(&self, receipt_handle: &str, wait: Duration) -> Result<(), ServiceError> {
        let call = self.client().change_message_visibility().queue_url(&self.queue_url).receipt_handle(receipt_handle);
        match call.visibility_timeout(i32::try_from(wait.as_secs()).unwrap_or(i32::MAX)).send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(service_error(&error)),
        }
    }
}

impl DeadLetterQueue for Sqs {
    async fn bury(&self, letter: &DeadLetter<'_>) -> Result<(), ServiceError> {
        let mut room = MAX_MESSAGE_BYTES.saturating_sub(letter.body.len());
        // A message that fills SQS's limit by itself is kept without what is said about it rather than not at all.
        let attributes = letter.attributes.iter().map(|(name, attribute)| match attribute {
            MessageAttribute::Text(text) => (*name, "String", text.clone()),
            MessageAttribute::Number(number) => (*name, "Number", number.to_string()),
        });
        let attributes = self.event_bus_attribute().into_iter().chain(attributes).filter(|(name, data_type, value)| {
            let left = room.checked_sub(name.len() + data_type.len() + value.len());
            room = left.unwrap_or(room);
            left.is_some()
        });
        self.send(letter.body.to_owned(), message_attributes(attributes)).await
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
