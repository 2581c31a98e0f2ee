//! What is counted of a batch of parked events.

use crate::lambda::metrics::Metrics;
use crate::queue::tally::Tally;

/// The metrics of a batch. `Redriven` counts the events that are on the bus.
#[must_use]
pub fn batch_metrics(tally: Tally) -> Metrics<'static> {
    tally.metrics("Redriven")
}
