//! What the handler is told through its environment.

use std::num::NonZeroU64;
use std::time::Duration;

use tracing::level_filters::LevelFilter;

use crate::freshness::Freshness;
use crate::signature::SignatureAlgorithm;

const DEFAULT_MAX_EVENT_AGE: Duration = Duration::from_mins(1);
const DEFAULT_MAX_CLOCK_SKEW: Duration = Duration::from_secs(10);

/// The handler's settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
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
    /// `LOG_LEVEL`: `error`, `warn`, `info` (default), `debug`, `trace` or `off`.
    pub log_level: LevelFilter,
}

/// A setting that is no use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// It has no default and is absent or empty.
    #[error("the environment variable {0} is missing")]
    Missing(&'static str),
    /// It is there, but not what it has to be.
    #[error("the environment variable {name} is `{value}`, not {expected}")]
    Malformed {
        /// Its name.
        name: &'static str,
        /// What it is.
        value: String,
        /// What it has to be.
        expected: &'static str,
    },
}

impl Settings {
    /// Reads the settings; `variable` looks one up.
    ///
    /// # Errors
    /// See [`SettingsError`].
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let optional = |name| variable(name).filter(|value| !value.is_empty());
        let required = |name| optional(name).ok_or(SettingsError::Missing(name));
        Ok(Self {
            event_bus_name: required("EVENT_BUS_NAME")?,
            momento_secret_id: required("MOMENTO_SECRET_ID")?,
            fallback_queue_url: required("FALLBACK_QUEUE_URL")?,
            freshness: Freshness {
                max_age: or_default("MAX_EVENT_AGE_MS", optional, DEFAULT_MAX_EVENT_AGE, |value| {
                    let millis: NonZeroU64 = value.parse().map_err(|_| "a whole number of milliseconds above 0")?;
                    Ok(Duration::from_millis(millis.get()))
                })?,
                max_clock_skew: or_default("MAX_CLOCK_SKEW_MS", optional, DEFAULT_MAX_CLOCK_SKEW, |value| {
                    value.parse().map(Duration::from_millis).map_err(|_| "a whole number of milliseconds")
                })?,
            },
            signature_algorithm: or_default("SIGNATURE_ALGORITHM", optional, SignatureAlgorithm::default(), |value| {
                match value {
                    "HMAC_SHA3_256" => Ok(SignatureAlgorithm::HmacSha3_256),
                    "HMAC_SHA256" => Ok(SignatureAlgorithm::HmacSha256),
                    _ => Err("HMAC_SHA3_256 or HMAC_SHA256"),
                }
            })?,
            log_level: or_default("LOG_LEVEL", optional, LevelFilter::INFO, |value| {
                value.parse().map_err(|_| "error, warn, info, debug, trace or off")
            })?,
        })
    }
}

fn or_default<T>(
    name: &'static str,
    variable: impl Fn(&'static str) -> Option<String>,
    default: T,
    parse: impl Fn(&str) -> Result<T, &'static str>,
) -> Result<T, SettingsError> {
    variable(name).map_or(Ok(default), |value| {
        parse(&value).map_err(|expected| SettingsError::Malformed { name, value, expected })
    })
}
