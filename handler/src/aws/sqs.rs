use std::future::Future;

use aws_config::SdkConfig;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::MessageAttributeValue;

use super::delivery_error;
use crate::bus_event::BusEvent;
use crate::publisher::{DeliveryError, FallbackQueue};

/// The message attribute that says why an event is not on the bus.
const REASON: &str = "Reason";

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
}

impl FallbackQueue for Sqs {
    fn park(&self, event: &BusEvent, reason: &DeliveryError) -> impl Future<Output = Result<(), DeliveryError>> + Send {
        // A builder without a value or a type is the only one that fails, and this one has both.
        let reason = MessageAttributeValue::builder().data_type("String").string_value(reason.to_string()).build().ok();
        let call = self
            .client
            .send_message()
            .queue_url(&self.queue_url)
            .message_body(event.to_parked())
            .set_message_attributes(reason.map(|reason| [(REASON.to_owned(), reason)].into()))
            .send();
        async move { call.await.map(|_| ()).map_err(|error| delivery_error(&error)) }
    }
}
