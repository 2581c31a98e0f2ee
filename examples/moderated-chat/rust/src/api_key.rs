//! The Momento API key, which is in Secrets Manager.

use aws_config::SdkConfig;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use serde::Deserialize;
use tokio::sync::Mutex;

use crate::aws::code_of;

/// Why there is no API key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApiKeyError {
    /// Secrets Manager did not give it. The text is its error code.
    #[error("the API key cannot be read: {0}")]
    Unavailable(String),
    /// The secret has bytes instead of a text.
    #[error("the API key cannot be read: the secret is binary")]
    Binary,
}

/// The API key, read once and again when it was refused.
#[derive(Debug)]
pub struct ApiKey {
    secrets: aws_sdk_secretsmanager::Client,
    secret_id: String,
    known: Mutex<Option<String>>,
}

impl ApiKey {
    /// The string of the secret with this name or ARN.
    #[must_use]
    pub fn new(config: &SdkConfig, secret_id: String) -> Self {
        Self { secrets: aws_sdk_secretsmanager::Client::new(config), secret_id, known: Mutex::new(None) }
    }

    /// The key.
    ///
    /// # Errors
    /// See [`ApiKeyError`].
    pub async fn get(&self) -> Result<String, ApiKeyError> {
        let mut known = self.known.lock().await;
        if let Some(key) = &*known {
            return Ok(key.clone());
        }
        let read = self.secrets.get_secret_value().secret_id(&self.secret_id).send().await;
        let secret = read.map_err(|error| ApiKeyError::Unavailable(code_of(&error)))?;
        let key = unwrapped(secret.secret_string().ok_or(ApiKeyError::Binary)?);
        Ok(known.insert(key).clone())
    }

    /// Momento has refused the key: it may have been rotated.
    pub async fn forget(&self) {
        *self.known.lock().await = None;
    }
}

/// Keys of the older kind come wrapped up with the endpoint, as base64 of JSON. The services take what is inside.
fn unwrapped(key: &str) -> String {
    #[derive(Deserialize)]
    struct Wrapped {
        api_key: String,
    }
    let wrapped = URL_SAFE.decode(key).ok().and_then(|json| serde_json::from_slice::<Wrapped>(&json).ok());
    wrapped.map_or_else(|| key.to_owned(), |wrapped| wrapped.api_key)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE;

    use super::unwrapped;

    #[test]
    fn an_older_key_is_unwrapped_and_a_newer_one_taken_as_it_is() {
        let older = URL_SAFE.encode(r#"{"endpoint":"cell-us-east-1-1.prod.a.momentohq.com","api_key":"abc"}"#);
        assert_eq!(unwrapped(&older), "abc");
        assert_eq!(unwrapped("eyJhbGciOiJIUzUxMiJ9.eyJ0IjoiZyJ9.c2ln"), "eyJhbGciOiJIUzUxMiJ9.eyJ0IjoiZyJ9.c2ln");
    }
}
