//! What the handlers are told through their environment.

use std::num::{NonZeroU64, NonZeroUsize};
use std::time::Duration;

use tracing::level_filters::LevelFilter;

use crate::deliver::rate_limit::CallRate;
use crate::deliver::{CallRates, RetryPolicy};
use crate::webhook::freshness::Freshness;
use crate::webhook::replay_guard::TableOutage;
use momento_signature::SignatureAlgorithm;

const DEFAULT_MAX_EVENT_AGE: Duration = Duration::from_mins(1);
const DEFAULT_MAX_CLOCK_SKEW: Duration = Duration::from_secs(10);
const DEFAULT_PATIENCE: Duration = Duration::from_hours(24);
const DEFAULT_MAX_COMMAND_AGE: Duration = Duration::from_hours(1);
/// EventBridge's own default for its targets.
const DEFAULT_RETRY_ATTEMPTS: u32 = 185;
const DEFAULT_MAX_CONCURRENT_CALLS: usize = 10;

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
    /// `LOG_LEVEL`: `error`, `warn`, `info` (default), `debug`, `trace` or `off`.
    pub log_level: LevelFilter,
}

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
    /// `LOG_LEVEL`, as for the webhook handler.
    pub log_level: LevelFilter,
}

/// The deliver handler's settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliverSettings {
    /// `MOMENTO_ENDPOINT`: the URL of Momento's HTTP API.
    pub momento_endpoint: String,
    /// `MOMENTO_API_KEY_SECRET_ID` and `MOMENTO_API_KEY_FIELD`.
    pub api_key: ApiKeySettings,
    /// `COMMAND_QUEUE_URL`: where the commands come from.
    pub command_queue_url: String,
    /// `DEAD_LETTER_QUEUE_URL`: where a command ends that cannot be delivered.
    pub dead_letter_queue_url: String,
    /// `MAX_EVENT_AGE_MS` (default 3600000, an hour) and `RETRY_ATTEMPTS` (default 185).
    pub retry_policy: RetryPolicy,
    /// `MAX_CONCURRENT_CALLS` (default 10).
    pub max_concurrent_calls: usize,
    /// `CACHE_SET_PER_SECOND`, `CACHE_DELETE_PER_SECOND` and `TOPIC_PUBLISH_PER_SECOND` (default: no limit).
    pub call_rates: CallRates,
    /// `LOG_LEVEL`, as for the webhook handler.
    pub log_level: LevelFilter,
}

/// The settings of the handler that follows the rotation of the API key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowRotationSettings {
    /// `CONNECTION_NAME`: name of the EventBridge connection.
    pub connection_name: String,
    /// `MOMENTO_API_KEY_SECRET_ID` and `MOMENTO_API_KEY_FIELD`.
    pub api_key: ApiKeySettings,
    /// `LOG_LEVEL`, as for the webhook handler.
    pub log_level: LevelFilter,
}

/// Where Momento's API key is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeySettings {
    /// `MOMENTO_API_KEY_SECRET_ID`: name or ARN of the secret.
    pub secret_id: String,
    /// `MOMENTO_API_KEY_FIELD`: the field that the key is in, where the secret is a JSON object.
    pub field: Option<String>,
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
                max_clock_skew: environment.or_default("MAX_CLOCK_SKEW_MS", DEFAULT_MAX_CLOCK_SKEW, |value| {
                    value.parse().map(Duration::from_millis).map_err(|_| "a whole number of milliseconds")
                })?,
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
            replay_table: environment.optional("REPLAY_TABLE_NAME").map(|table| (table, outage)),
            log_level: environment.log_level()?,
        })
    }
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
            log_level: environment.log_level()?,
        })
    }
}

impl DeliverSettings {
    /// Reads the settings; `variable` looks one up.
    ///
    /// # Errors
    /// See [`SettingsError`].
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let environment = Environment(variable);
        Ok(Self {
            momento_endpoint: environment.endpoint("MOMENTO_ENDPOINT")?,
            api_key: environment.api_key()?,
            command_queue_url: environment.required("COMMAND_QUEUE_URL")?,
            dead_letter_queue_url: environment.required("DEAD_LETTER_QUEUE_URL")?,
            retry_policy: RetryPolicy {
                max_event_age: environment.positive_millis("MAX_EVENT_AGE_MS", DEFAULT_MAX_COMMAND_AGE)?,
                retry_attempts: environment.or_default("RETRY_ATTEMPTS", DEFAULT_RETRY_ATTEMPTS, |value| {
                    value.parse().map_err(|_| "a whole number of 0 or more")
                })?,
            },
            max_concurrent_calls: environment.or_default(
                "MAX_CONCURRENT_CALLS",
                DEFAULT_MAX_CONCURRENT_CALLS,
                |value| value.parse().map(NonZeroUsize::get).map_err(|_| "a whole number above 0"),
            )?,
            call_rates: CallRates {
                cache_set: environment.call_rate("CACHE_SET_PER_SECOND")?,
                cache_delete: environment.call_rate("CACHE_DELETE_PER_SECOND")?,
                topic_publish: environment.call_rate("TOPIC_PUBLISH_PER_SECOND")?,
            },
            log_level: environment.log_level()?,
        })
    }
}

impl FollowRotationSettings {
    /// Reads the settings; `variable` looks one up.
    ///
    /// # Errors
    /// See [`SettingsError`].
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let environment = Environment(variable);
        Ok(Self {
            connection_name: environment.required("CONNECTION_NAME")?,
            api_key: environment.api_key()?,
            log_level: environment.log_level()?,
        })
    }
}

/// Variables by name. One that is empty counts as absent.
pub(crate) struct Environment<V>(pub(crate) V);

impl<V: Fn(&str) -> Option<String>> Environment<V> {
    pub(crate) fn optional(&self, name: &'static str) -> Option<String> {
        (self.0)(name).filter(|value| !value.is_empty())
    }

    pub(crate) fn required(&self, name: &'static str) -> Result<String, SettingsError> {
        self.optional(name).ok_or(SettingsError::Missing(name))
    }

    pub(crate) fn or_default<T>(
        &self,
        name: &'static str,
        default: T,
        parse: impl Fn(&str) -> Result<T, &'static str>,
    ) -> Result<T, SettingsError> {
        self.optional(name).map_or(Ok(default), |value| {
            parse(&value).map_err(|expected| SettingsError::Malformed { name, value, expected })
        })
    }

    fn positive_millis(&self, name: &'static str, default: Duration) -> Result<Duration, SettingsError> {
        self.or_default(name, default, |value| {
            let millis: NonZeroU64 = value.parse().map_err(|_| "a whole number of milliseconds above 0")?;
            Ok(Duration::from_millis(millis.get()))
        })
    }

    /// A URL of which every other is a continuation.
    fn endpoint(&self, name: &'static str) -> Result<String, SettingsError> {
        let value = self.required(name)?;
        let host = value.strip_prefix("https://").or_else(|| value.strip_prefix("http://"));
        let well_formed = |host: &str| {
            !host.starts_with('/') && host.bytes().all(|byte| byte.is_ascii_graphic() && !b"?#@".contains(&byte))
        };
        match host.filter(|host| !host.is_empty() && well_formed(host)) {
            Some(_) => Ok(value),
            None => Err(SettingsError::Malformed { name, value, expected: "a URL such as https://example.com" }),
        }
    }

    fn api_key(&self) -> Result<ApiKeySettings, SettingsError> {
        let secret_id = self.required("MOMENTO_API_KEY_SECRET_ID")?;
        Ok(ApiKeySettings { secret_id, field: self.optional("MOMENTO_API_KEY_FIELD") })
    }

    fn call_rate(&self, name: &'static str) -> Result<Option<CallRate>, SettingsError> {
        self.or_default(name, None, |value| {
            let rate = value.parse().ok().and_then(CallRate::per_second);
            rate.map(Some).ok_or("a number above 0")
        })
    }

    pub(crate) fn log_level(&self) -> Result<LevelFilter, SettingsError> {
        self.or_default("LOG_LEVEL", LevelFilter::INFO, |value| {
            value.parse().map_err(|_| "error, warn, info, debug, trace or off")
        })
    }
}
