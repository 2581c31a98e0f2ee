//! Momento's API key, and the document in Secrets Manager that holds it.

use std::fmt;
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use crate::clock::UnixMillis;
use crate::lambda::environment::{Environment, SettingsError};
use crate::retry::hedge;
use crate::secret::store::{SecretError, SecretReader, SecretSource, SecretVersion};

/// Momento's API key. Shows nothing of itself, so that it cannot slip into a log.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(String);

/// Why a secret's document has no API key. Names fields, never values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApiKeyError {
    /// There is nothing where the key should be.
    #[error("the API key in it is empty: put Momento's API key in it")]
    Empty,
    /// A field is asked for, and the document is not a JSON object.
    #[error("it is not a JSON object, so it has no field `{0}`")]
    NoObject(String),
    /// The JSON object has no such field, or one that is not a string.
    #[error("it has no field `{0}` that is a string")]
    NoField(String),
    /// The document is a JSON object, and no field is asked for.
    #[error("it is a JSON object, and MOMENTO_API_KEY_FIELD does not say which of its fields is the API key")]
    WhichField,
    /// It has characters that no header can carry.
    #[error("the API key in it has white space inside, or characters that are not ASCII")]
    Unsendable,
}

impl From<ApiKeyError> for SecretError {
    fn from(error: ApiKeyError) -> Self {
        Self::UnusableDocument(error.to_string())
    }
}

impl ApiKey {
    /// Reads a document: the key itself, or a JSON object with the key in `field`. White space around the key, such as a
    /// line break that slipped in with it, does not belong to it.
    ///
    /// # Errors
    /// See [`ApiKeyError`].
    pub fn from_document(document: &str, field: Option<&str>) -> Result<Self, ApiKeyError> {
        let Some(field) = field else {
            // Momento's keys begin with a letter.
            return if document.trim_start().starts_with('{') {
                Err(ApiKeyError::WhichField)
            } else {
                Self::new(document)
            };
        };
        match serde_json::from_str(document) {
            Ok(Value::Object(members)) => match members.get(field) {
                Some(Value::String(key)) => Self::new(key),
                _ => Err(ApiKeyError::NoField(field.to_owned())),
            },
            _ => Err(ApiKeyError::NoObject(field.to_owned())),
        }
    }

    fn new(key: &str) -> Result<Self, ApiKeyError> {
        let key = key.trim();
        if key.is_empty() {
            Err(ApiKeyError::Empty)
        } else if key.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(key.to_owned()))
        } else {
            Err(ApiKeyError::Unsendable)
        }
    }

    /// The key itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(..)")
    }
}

/// Where Momento's API key is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeySettings {
    /// `MOMENTO_API_KEY_SECRET_ID`: name or ARN of the secret.
    pub secret_id: String,
    /// `MOMENTO_API_KEY_FIELD`: the field that the key is in, where the secret is a JSON object.
    pub field: Option<String>,
}

impl ApiKeySettings {
    pub(crate) fn read<V: Fn(&str) -> Option<String>>(environment: &Environment<V>) -> Result<Self, SettingsError> {
        let secret_id = environment.required("MOMENTO_API_KEY_SECRET_ID")?;
        Ok(Self { secret_id, field: environment.optional("MOMENTO_API_KEY_FIELD") })
    }
}

/// How long a read goes without an answer before another is made beside it.
const PACE: Duration = Duration::from_secs(1);

/// Reads the API key of a document's current version.
#[derive(Debug, Clone)]
pub struct ApiKeyReader<S> {
    /// Where the document is kept.
    pub source: S,
    /// The field that the key is in, where the document is a JSON object.
    pub field: Option<String>,
    /// Spreads the retries: a number from 0 to 1, another one each time.
    pub random: fn() -> f64,
}

impl<S: SecretSource> SecretReader for ApiKeyReader<S> {
    type Secret = ApiKey;

    async fn read(&self, _known: Option<&ApiKey>, _now: UnixMillis, deadline: Instant) -> Result<ApiKey, SecretError> {
        let read = hedge(deadline, PACE, self.random, || self.source.read(SecretVersion::Current));
        Ok(ApiKey::from_document(&read.await?.text, self.field.as_deref())?)
    }
}
