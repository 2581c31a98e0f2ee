//! What the webhook handler is told through its environment.

use std::time::Duration;

use momento_signature::SignatureAlgorithm;

use crate::lambda::environment::{Environment, SettingsError};

use super::freshness::Freshness;
use super::replay_guard::TableOutage;

const DEFAULT_MAX_EVENT_AGE: Duration = Duration::from_mins(1);
const DEFAULT_MAX_CLOCK_SKEW: Duration = Duration::from_secs(10);
const DEFAULT_PREVIOUS_SECRET_VALIDITY: Duration = Duration::from_hours(24);

/// The webhook handler's settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookSettings {
    /// `EVENT_BUS_NAME`: name or ARN of the event bus.
    pub event_bus_name: String,
    /// `MOMENTO_SECRET_ID`: name or ARN of the signing secret.
    pub momento_secret_id: String,
    /// `FALLBACK_QUEUE_URL`: where an event that the bus did not take is parked.
    pub fallback_queue_url: String,
    /// `MAX_EVENT_AGE_MS` (default 60000) and `MAX_CLOCK_SKEW_MS` (default 10000).
    pub freshness: Freshness,
    /// `SIGNATURE_ALGORITHM`: `HMAC_SHA3_256` (default) or `HMAC_SHA256`.
    pub signature_algorithm: SignatureAlgorithm,
    /// `REPLAY_TABLE_NAME`: name or ARN of the replay guard's table, if there is one, and `REPLAY_TABLE_OUTAGE`: what to do
    /// while it is unavailable, `ACCEPT` (default) or `REFUSE`.
    pub replay_table: Option<(String, TableOutage)>,
    /// `PREVIOUS_SECRET_VALIDITY_MS` (default 86400000, a day): how long after a rotation the previous signing secret counts.
    pub previous_secret_validity: Duration,
}

impl WebhookSettings {
    /// Reads the settings; `variable` looks one up.
    ///
    /// # Errors
    /// See [`SettingsError`].
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let environment = Environment(variable);
        let outage = environment.or_default("REPLAY_TABLE_OUTAGE", TableOutage::default(), |value| match value {
            "ACCEPT" => Ok(TableOutage::Accept),
            "REFUSE" => Ok(TableOutage::Refuse),
            _ => Err("ACCEPT or REFUSE"),
        })?;
        Ok(Self {
            event_bus_name: environment.required("EVENT_BUS_NAME")?,
            momento_secret_id: environment.required("MOMENTO_SECRET_ID")?,
            fallback_queue_url: environment.required("FALLBACK_QUEUE_URL")?,
            freshness: Freshness {
                max_age: environment.positive_millis("MAX_EVENT_AGE_MS", DEFAULT_MAX_EVENT_AGE)?,
                max_clock_skew: environment.millis("MAX_CLOCK_SKEW_MS", DEFAULT_MAX_CLOCK_SKEW)?,
            },
            signature_algorithm: environment.or_default(
                "SIGNATURE_ALGORITHM",
                SignatureAlgorithm::default(),
                |value| match value {
                    "HMAC_SHA3_256" => Ok(SignatureAlgorithm::HmacSha3_256),
                    "HMAC_SHA256" => Ok(SignatureAlgorithm::HmacSha256),
                    _ => Err("HMAC_SHA3_256 or HMAC_SHA256"),
                },
            )?,
            previous_secret_validity: environment
                .millis("PREVIOUS_SECRET_VALIDITY_MS", DEFAULT_PREVIOUS_SECRET_VALIDITY)?,
            replay_table: environment.optional("REPLAY_TABLE_NAME").map(|table| (table, outage)),
        })
    }
}
