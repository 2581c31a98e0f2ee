//! What is counted of a batch of commands.

use crate::lambda::metrics::Metrics;
use crate::queue::tally::Tally;

/// The metrics of a batch. `Delivered` counts the commands that Momento has done.
#[must_use]
pub fn batch_metrics(tally: Tally) -> Metrics<'static> {
    tally.metrics("Delivered")
}
