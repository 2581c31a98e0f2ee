//! What is logged while topics are held.

use crate::message::missed::Gap;
use crate::momento::pubsub::{StreamError, Topic};

use super::metrics::PublishedCall;
use super::position::Position;
use super::stream_end::StreamEnd;

/// Logs why a stream is read no longer.
pub(super) fn log_end(topic: &Topic, end: &StreamEnd) {
    match end {
        StreamEnd::Stopped => {}
        StreamEnd::Stream(error @ StreamError::Unavailable(_)) => tracing::warn!(%topic, %error, "the stream ended"),
        StreamEnd::Stream(error) => tracing::error!(%topic, %error, "no subscription"),
        StreamEnd::NoKey(error) => tracing::error!(%topic, %error, "there is no API key to subscribe with"),
        StreamEnd::Silent => tracing::warn!(%topic, "the stream was silent for too long"),
        StreamEnd::Blocked { bus, queue } => {
            tracing::error!(%topic, %bus, %queue, "neither the event bus nor the fallback queue took an event: reading stops");
        }
    }
}

/// Logs that messages are missing.
pub(super) fn log_gap(topic: &Topic, gap: &Gap) {
    tracing::warn!(
        %topic,
        missed = gap.missed(),
        due_page = gap.due.map(|(page, _)| page),
        due_number = gap.due.map(|(_, number)| number),
        new_page = gap.new_page,
        new_number = gap.new_number,
        "messages are missing"
    );
}

/// Logs a call to the bus, and how far the topic is published with it.
pub(super) fn log_published(topic: &Topic, position: Option<Position>, call: &PublishedCall) {
    let (page, next) = position.and_then(Position::due).unzip();
    let publish_ms = call.took.as_millis();
    match &call.refusal {
        None => tracing::info!(%topic, events = call.accepted, page, next, publish_ms, "published"),
        Some(bus) => tracing::warn!(
            %topic,
            events = call.accepted,
            parked = call.parked,
            page,
            next,
            publish_ms,
            %bus,
            "parked in the fallback queue"
        ),
    }
}
