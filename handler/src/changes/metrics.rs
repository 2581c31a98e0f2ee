//! What is counted of a batch of a table's changes.

use crate::lambda::metrics::{Metric, Metrics};

/// The outcome of a batch.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Records of the table's stream.
    pub changes: usize,
    /// Commands for the bus.
    pub commands: usize,
    /// Records in the dead-letter queue. One may have become a command anyway.
    pub dead_lettered: usize,
}

impl Tally {
    /// The metrics of a batch.
    #[must_use]
    pub fn metrics(&self) -> Metrics<'static> {
        Metrics::from(vec![
            Metric::Count("Changes", self.changes),
            Metric::Count("Commands", self.commands),
            Metric::Count("DeadLettered", self.dead_lettered),
        ])
    }
}
