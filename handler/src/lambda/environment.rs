//! Environment variables, and what is wrong with one.

use std::num::NonZeroU64;
use std::time::Duration;

use tracing::level_filters::LevelFilter;

/// An invalid setting.
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

    pub(crate) fn millis(&self, name: &'static str, default: Duration) -> Result<Duration, SettingsError> {
        self.or_default(name, default, |value| {
            value.parse().map(Duration::from_millis).map_err(|_| "a whole number of milliseconds")
        })
    }

    pub(crate) fn positive_millis(&self, name: &'static str, default: Duration) -> Result<Duration, SettingsError> {
        self.or_default(name, default, |value| {
            let millis: NonZeroU64 = value.parse().map_err(|_| "a whole number of milliseconds above 0")?;
            Ok(Duration::from_millis(millis.get()))
        })
    }

    /// A URL of which every other is a continuation.
    pub(crate) fn endpoint(&self, name: &'static str) -> Result<String, SettingsError> {
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
}

/// `LOG_LEVEL`: `error`, `warn`, `info` (default), `debug`, `trace` or `off`.
///
/// # Errors
/// See [`SettingsError`].
pub fn log_level(variable: impl Fn(&str) -> Option<String>) -> Result<LevelFilter, SettingsError> {
    Environment(variable).or_default("LOG_LEVEL", LevelFilter::INFO, |value| {
        value.parse().map_err(|_| "error, warn, info, debug, trace or off")
    })
}
