use std::future::Future;

use aws_config::SdkConfig;
use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::primitives::DateTime;
use aws_sdk_eventbridge::types::{PutEventsRequestEntry, PutEventsResultEntry};

use super::delivery_error;
use crate::bus_event::BusEvent;
use crate::publisher::{DeliveryError, EventBus};

/// An EventBridge event bus.
#[derive(Debug, Clone)]
pub struct EventBridge {
    client: Client,
    bus: String,
}

impl EventBridge {
    /// The bus with this name or ARN.
    #[must_use]
    pub fn new(config: &SdkConfig, bus: String) -> Self {
        Self { client: Client::new(config), bus }
    }
}

impl EventBus for EventBridge {
    fn put(&self, event: &BusEvent) -> impl Future<Output = Result<String, DeliveryError>> + Send {
        let entry = PutEventsRequestEntry::builder()
            .event_bus_name(&self.bus)
            .source(&event.source)
            .detail_type(&event.detail_type)
            .detail(&event.detail)
            .time(DateTime::from_millis(i64::try_from(event.time).unwrap_or(i64::MAX)))
            .set_trace_header(event.trace_header.clone())
            .build();
        let call = self.client.put_events().entries(entry).send();
        async move {
            let output = call.await.map_err(|error| delivery_error(&error))?;
            // A call that succeeds may still say, entry by entry, that it took nothing.
            output.entries().first().map_or_else(|| Err(DeliveryError::Unavailable("NoEntry".to_owned())), event_id)
        }
    }
}

fn event_id(entry: &PutEventsResultEntry) -> Result<String, DeliveryError> {
    match (entry.error_code(), entry.event_id()) {
        (Some(code), _) if is_final(code) => Err(DeliveryError::Refused(code.to_owned())),
        (Some(code), _) => Err(DeliveryError::Unavailable(code.to_owned())),
        (None, Some(id)) => Ok(id.to_owned()),
        (None, None) => Err(DeliveryError::Unavailable("NoEventId".to_owned())),
    }
}

/// The codes of an entry that would fail again (`PutEventsResultEntry` in EventBridge's API reference).
fn is_final(code: &str) -> bool {
    matches!(
        code,
        "AccessDeniedException"
            | "InvalidAccountIdException"
            | "InvalidArgument"
            | "MalformedDetail"
            | "NotAuthorizedForDetailTypeException"
            | "NotAuthorizedForSourceException"
            | "RedactionFailure"
    )
}
