//! What the redrive handler is told through its environment.

use std::time::Duration;

use crate::lambda::environment::{Environment, SettingsError};

const DEFAULT_PATIENCE: Duration = Duration::from_hours(24);

/// The redrive handler's settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedriveSettings {
    /// `EVENT_BUS_NAME`: name or ARN of the event bus.
    pub event_bus_name: String,
    /// `FALLBACK_QUEUE_URL`: where the parked events come from.
    pub fallback_queue_url: String,
    /// `DEAD_LETTER_QUEUE_URL`: where an event ends that cannot be put on the bus.
    pub dead_letter_queue_url: String,
    /// `PATIENCE_MS` (default 86400000, a day): how long to try.
    pub patience: Duration,
}

impl RedriveSettings {
    /// Reads the settings; `variable` looks one up.
    ///
    /// # Errors
    /// See [`SettingsError`].
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let environment = Environment(variable);
        Ok(Self {
            event_bus_name: environment.required("EVENT_BUS_NAME")?,
            fallback_queue_url: environment.required("FALLBACK_QUEUE_URL")?,
            dead_letter_queue_url: environment.required("DEAD_LETTER_QUEUE_URL")?,
            patience: environment.positive_millis("PATIENCE_MS", DEFAULT_PATIENCE)?,
        })
    }
}
