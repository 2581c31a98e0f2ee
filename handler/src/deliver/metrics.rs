//! What is counted of a batch of commands.

use crate::lambda::metrics::{Metric, Metrics};

/// The outcome of a batch.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Commands that Momento has done.
    pub delivered: usize,
    /// Commands that wait in the queue for the next time.
    pub postponed: usize,
    /// Commands that are in the dead-letter queue.
    pub dead_lettered: usize,
}

impl Tally {
    /// The metrics of a batch.
    #[must_use]
    pub fn metrics(&self) -> Metrics<'static> {
        Metrics::from(vec![
            Metric::Count("Delivered", self.delivered),
            Metric::Count("Postponed", self.postponed),
            Metric::Count("DeadLettered", self.dead_lettered),
        ])
    }
}
