//! What the deliver handler is told through its environment.

use std::num::NonZeroUsize;
use std::time::Duration;

use crate::command::sources::Sources;
use crate::lambda::environment::{Environment, SettingsError};
use crate::momento::api_key::ApiKeySettings;

use super::call_rates::CallRates;
use super::rate_limit::CallRate;
use super::retry_policy::RetryPolicy;

const DEFAULT_MAX_COMMAND_AGE: Duration = Duration::from_hours(1);
/// EventBridge's own default for its targets.
const DEFAULT_RETRY_ATTEMPTS: u32 = 185;
const DEFAULT_MAX_CONCURRENT_CALLS: usize = 10;

/// The deliver handler's settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliverSettings {
    /// `MOMENTO_ENDPOINT`: the URL of Momento's HTTP API.
    pub momento_endpoint: String,
    /// `MOMENTO_API_KEY_SECRET_ID` and `MOMENTO_API_KEY_FIELD`.
    pub api_key: ApiKeySettings,
    /// `EVENT_BUS_NAME`: name or ARN of the event bus that the commands come from. Each dead letter says it.
    pub event_bus_name: String,
    /// `COMMAND_QUEUE_URL`: where the commands come from.
    pub command_queue_url: String,
    /// `DEAD_LETTER_QUEUE_URL`: where a command ends that cannot be delivered.
    pub dead_letter_queue_url: String,
    /// `MAX_EVENT_AGE_MS` (default 3600000, an hour) and `RETRY_ATTEMPTS` (default 185).
    pub retry_policy: RetryPolicy,
    /// `SOURCES`: a JSON array of the sources that commands are taken from (default: every source).
    pub sources: Sources,
    /// `MAX_CONCURRENT_CALLS` (default 10).
    pub max_concurrent_calls: usize,
    /// `CACHE_SET_PER_SECOND`, `CACHE_DELETE_PER_SECOND` and `TOPIC_PUBLISH_PER_SECOND` (default: no limit).
    pub call_rates: CallRates,
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
            api_key: ApiKeySettings::read(&environment)?,
            event_bus_name: environment.required("EVENT_BUS_NAME")?,
            command_queue_url: environment.required("COMMAND_QUEUE_URL")?,
            dead_letter_queue_url: environment.required("DEAD_LETTER_QUEUE_URL")?,
            retry_policy: RetryPolicy {
                max_event_age: environment.positive_millis("MAX_EVENT_AGE_MS", DEFAULT_MAX_COMMAND_AGE)?,
                retry_attempts: environment.or_default("RETRY_ATTEMPTS", DEFAULT_RETRY_ATTEMPTS, |value| {
                    value.parse().map_err(|_| "a whole number of 0 or more")
                })?,
            },
            sources: environment.or_default("SOURCES", Sources::default(), |value| {
                value.parse().map_err(|_| "a JSON array of one source or more")
            })?,
            max_concurrent_calls: environment.or_default(
                "MAX_CONCURRENT_CALLS",
                DEFAULT_MAX_CONCURRENT_CALLS,
                |value| value.parse().map(NonZeroUsize::get).map_err(|_| "a whole number above 0"),
            )?,
            call_rates: CallRates {
                cache_set: call_rate(&environment, "CACHE_SET_PER_SECOND")?,
                cache_delete: call_rate(&environment, "CACHE_DELETE_PER_SECOND")?,
                topic_publish: call_rate(&environment, "TOPIC_PUBLISH_PER_SECOND")?,
            },
        })
    }
}

fn call_rate<V: Fn(&str) -> Option<String>>(
    environment: &Environment<V>,
    name: &'static str,
) -> Result<Option<CallRate>, SettingsError> {
    environment.or_default(name, None, |value| {
        let rate = value.parse().ok().and_then(CallRate::per_second);
        rate.map(Some).ok_or("a number above 0")
    })
}
