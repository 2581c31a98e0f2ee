//! Logs: one JSON object a line on standard output. No secret, no signature and no message text, with one exception:
//! an event that neither the bus nor the queue took is logged whole, since it would be nowhere else.

use std::fmt::Display;

use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;

use crate::bus::event::BusEvent;
use crate::service_error::DeliveryError;
use crate::webhook::Verdict;

/// Logs what this crate says at `level` to `writer`. Other crates are heard from `WARN` up only: further down, HTTP
/// clients show what they send and receive.
pub fn json_logs<W>(level: LevelFilter, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let targets =
        Targets::new().with_default(level.min(LevelFilter::WARN)).with_target(env!("CARGO_CRATE_NAME"), level);
    let lines = tracing_subscriber::fmt::layer().json().flatten_event(true).with_target(false).with_writer(writer);
    tracing_subscriber::registry().with(targets).with(lines)
}

/// Logs what became of a request.
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

/// Logs an event that neither the bus nor the fallback queue took, whole.
pub fn log_lost(event: &BusEvent, bus: &DeliveryError, queue: &DeliveryError) {
    let event = event.to_parked();
    tracing::error!(%bus, %queue, event, "neither the event bus nor the fallback queue took the event");
}

/// Logs whether the dead-letter queue took a message.
pub fn log_burial(message_id: &str, reason: &impl Display, buried: &Result<(), DeliveryError>) {
    match buried {
        Ok(()) => tracing::warn!(message_id, %reason, "moved to the dead-letter queue"),
        Err(error) => tracing::error!(message_id, %error, "the dead-letter queue did not take a message"),
    }
}
