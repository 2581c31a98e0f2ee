//! The outcome of the messages of a batch.

use crate::lambda::metrics::{Metric, Metrics};

/// How many messages of a batch ended in which way.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Messages that are where they were to go.
    pub done: usize,
    /// Messages that wait in the queue for the next attempt.
    pub postponed: usize,
    /// Messages that are in the dead-letter queue.
    pub dead_lettered: usize,
}

impl Tally {
    /// The metrics of a batch, in which `done` is what the handler calls a message that it is done with.
    pub(crate) fn metrics(self, done: &'static str) -> Metrics<'static> {
        Metrics::from(vec![
            Metric::Count(done, self.done),
            Metric::Count("Postponed", self.postponed),
            Metric::Count("DeadLettered", self.dead_lettered),
        ])
    }
}
