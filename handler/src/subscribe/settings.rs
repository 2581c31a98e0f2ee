//! What the subscribe handler is told through its environment.

use std::time::Duration;

use sha2::{Digest as _, Sha256};

use crate::lambda::environment::{Environment, SettingsError};
use crate::momento::api_key::ApiKeySettings;

use super::schedule_input::ScheduleInput;

const DEFAULT_LEASE_VALIDITY: Duration = Duration::from_secs(30);
const DEFAULT_LEASE_RENEWAL: Duration = Duration::from_secs(10);
const DEFAULT_HAND_OVER: Duration = Duration::from_secs(90);
const DEFAULT_SILENCE: Duration = Duration::from_mins(1);

/// The subscribe handler's settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscribeSettings {
    /// `EVENT_BUS_NAME`: name or ARN of the event bus.
    pub event_bus_name: String,
    /// `FALLBACK_QUEUE_URL`: where an event that the bus did not take is parked.
    pub fallback_queue_url: String,
    /// `MOMENTO_ENDPOINT`: where Momento's topics are, such as `https://cache.cell-us-east-1-1.prod.a.momentohq.com`.
    pub momento_endpoint: String,
    /// `MOMENTO_API_KEY_SECRET_ID` and `MOMENTO_API_KEY_FIELD`.
    pub api_key: ApiKeySettings,
    /// `CHECKPOINT_TABLE_NAME`: name or ARN of the table with the lease and the checkpoints.
    pub checkpoint_table_name: String,
    /// The times.
    pub times: Times,
}

/// How long things may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// `LEASE_VALIDITY_MS` (default 30000): how long a lease holds that is not renewed.
    pub lease_validity: Duration,
    /// `LEASE_RENEWAL_MS` (default 10000): how often it is renewed. At most half of its validity.
    pub lease_renewal: Duration,
    /// `HAND_OVER_MS` (default 90000): how long before the invocation's deadline the holder begins to look for a successor
    /// often. It gives the topics up 5 s before the deadline in any case, so that a hand-over needs more than that.
    pub hand_over: Duration,
    /// `SILENCE_MS` (default 60000): how long a stream may bring nothing, not even a heartbeat, before it is opened again.
    pub silence: Duration,
}

impl Default for Times {
    fn default() -> Self {
        Self {
            lease_validity: DEFAULT_LEASE_VALIDITY,
            lease_renewal: DEFAULT_LEASE_RENEWAL,
            hand_over: DEFAULT_HAND_OVER,
            silence: DEFAULT_SILENCE,
        }
    }
}

impl SubscribeSettings {
    /// Reads the settings; `variable` looks one up.
    ///
    /// # Errors
    /// See [`SettingsError`].
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let environment = Environment(variable);
        let lease_validity = environment.positive_millis("LEASE_VALIDITY_MS", DEFAULT_LEASE_VALIDITY)?;
        let lease_renewal = environment.positive_millis("LEASE_RENEWAL_MS", DEFAULT_LEASE_RENEWAL)?;
        if lease_renewal * 2 > lease_validity {
            return Err(SettingsError::Malformed {
                name: "LEASE_RENEWAL_MS",
                value: lease_renewal.as_millis().to_string(),
                expected: "at most half of LEASE_VALIDITY_MS",
            });
        }
        Ok(Self {
            event_bus_name: environment.required("EVENT_BUS_NAME")?,
            fallback_queue_url: environment.required("FALLBACK_QUEUE_URL")?,
            momento_endpoint: environment.endpoint("MOMENTO_ENDPOINT")?,
            api_key: ApiKeySettings::read(&environment)?,
            checkpoint_table_name: environment.required("CHECKPOINT_TABLE_NAME")?,
            times: Times {
                lease_validity,
                lease_renewal,
                hand_over: environment.positive_millis("HAND_OVER_MS", DEFAULT_HAND_OVER)?,
                silence: environment.positive_millis("SILENCE_MS", DEFAULT_SILENCE)?,
            },
        })
    }

    /// What a holder with these settings does with this input, in one word: another one is a reason to take over from it. A
    /// change of a topic, of the bus or of this crate's version makes another.
    #[must_use]
    pub fn plan(&self, input: &ScheduleInput) -> String {
        let plan = format!("{} {self:?} {input:?}", env!("CARGO_PKG_VERSION"));
        base16ct::lower::encode_string(&Sha256::digest(plan))
    }
}
