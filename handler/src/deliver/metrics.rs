//! What is counted of a batch of commands.

use crate::lambda::metrics::{Metric, Metrics};
use crate::queue::tally::Tally;

/// The outcome of a batch.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct BatchCounts {
    /// The outcome of its messages.
    pub tally: Tally,
    /// Commands for which Momento did not accept the API key, not even as it was read again.
    pub api_key_refused: usize,
}

impl BatchCounts {
    /// The metrics of a batch. `Delivered` counts the commands that Momento has done. `ApiKeyRefused` is written only when it is
    /// not zero: CloudWatch bills a metric that has data.
    #[must_use]
    pub fn metrics(&self) -> Metrics<'static> {
        let mut metrics = self.tally.metrics("Delivered");
        if self.api_key_refused > 0 {
            metrics.metrics.push(Metric::Count("ApiKeyRefused", self.api_key_refused));
        }
        metrics
    }
}
