//! What is counted of a batch of parked events.

use crate::lambda::metrics::{Metric, Metrics};

/// The outcome of a batch.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Messages that are on the bus.
    pub redriven: usize,
    /// Messages that wait in the queue for the next time.
    pub postponed: usize,
    /// Messages that are in the dead-letter queue.
    pub dead_lettered: usize,
}

impl Tally {
    /// The metrics of a batch.
    #[must_use]
    pub fn metrics(&self) -> Metrics<'static> {
        Metrics::from(vec![
            Metric::Count("Redriven", self.redriven),
            Metric::Count("Postponed", self.postponed),
            Metric::Count("DeadLettered", self.dead_lettered),
        ])
    }
}
