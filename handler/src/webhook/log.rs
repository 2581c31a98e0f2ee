//! What is logged of a request.

use crate::bus::event::BusEvent;
use crate::service_error::ServiceError;

use super::verdict::Verdict;

/// Logs the outcome of a request.
pub fn log_verdict(verdict: &Verdict) {
    match verdict {
        Verdict::Published { event_id, arrival, publish_time } => tracing::info!(
            event_id,
            webhook = arrival.webhook,
            detail_type = arrival.detail_type,
            topic_sequence_number = arrival.topic_sequence_number,
            age_ms = arrival.age.as_millis(),
            publish_ms = publish_time.as_millis(),
            "published"
        ),
        Verdict::Parked { bus, arrival } => tracing::warn!(
            webhook = arrival.webhook,
            detail_type = arrival.detail_type,
            topic_sequence_number = arrival.topic_sequence_number,
            %bus,
            "parked in the fallback queue"
        ),
        Verdict::Duplicate { arrival } => tracing::info!(
            webhook = arrival.webhook,
            detail_type = arrival.detail_type,
            topic_sequence_number = arrival.topic_sequence_number,
            "seen before"
        ),
        // Where it was lost, see `log_lost`.
        Verdict::Lost { .. } => {}
        Verdict::Rejected(reason) => tracing::warn!(%reason, "rejected"),
    }
}

/// Logs an event that neither the bus nor the fallback queue took, whole and with the name or ARN of its event bus: the log
/// is where it is put on the bus from (`redrive --file` of the CLI), and no tool should have to guess which.
pub(super) fn log_lost(event: &BusEvent, event_bus: &str, bus: &ServiceError, queue: &ServiceError) {
    let event = event.to_parked();
    tracing::error!(%bus, %queue, event_bus, event, "neither the event bus nor the fallback queue took the event");
}
