use aws_sdk_secretsmanager::operation::get_secret_value::{GetSecretValueError, GetSecretValueOutput};
use aws_sdk_secretsmanager::{Client, config};

use super::error::service_error;
use super::user_agent::OwnUserAgent;
use crate::clock::UnixMillis;
use crate::secret::store::{CurrentSecret, SecretError, SecretSource, SecretValue, SecretVersion, VersionedSecret};
use crate::service_error::ServiceError;

/// A secret in Secrets Manager.
#[derive(Debug, Clone)]
pub struct SecretsManager {
    client: Client,
    secret_id: String,
}
use aws_types::SdkConfig;

impl SecretsManager {
    /// The secret with this name or ARN.
    #[must_use]
    pub fn new(config: &SdkConfig, secret_id: String) -> Self {
        Self { client: Client::from_conf(config::Builder::from(config).interceptor(OwnUserAgent).build()), secret_id }
    }
}

impl SecretsManager {
    /// The value at a stage.
    async fn get(&self, stage: &str) -> Result<GetSecretValueOutput, SecretError> {
        let value = self.client.get_secret_value().secret_id(&self.secret_id).version_stage(stage).send().await;
        value.map_err(|error| match error.as_service_error() {
            Some(GetSecretValueError::ResourceNotFoundException(not_found)) => absence(not_found.message()),
            _ => SecretError::Service(service_error(&error)),
        })
    }
}

/// What is absent. One error code says both, and only its text tells which: "Secrets Manager can't find the specified
/// secret." or "... the specified secret value for staging label: AWSCURRENT".
fn absence(message: Option<&str>) -> SecretError {
    if message.is_some_and(|message| message.contains("secret value")) {
        SecretError::NoValue
    } else {
        SecretError::NotFound
    }
}

/// The value's text. An answer without any value is not from Secrets Manager: the next one may be.
fn text(value: GetSecretValueOutput) -> Result<String, SecretError> {
    match (value.secret_string, value.secret_binary) {
        (Some(text), _) => Ok(text),
        (None, Some(_)) => Err(SecretError::Binary),
        (None, None) => Err(ServiceError::Unavailable("NoSecretValue".to_owned()).into()),
    }
}

impl SecretSource for SecretsManager {
    async fn read(&self, version: SecretVersion) -> Result<SecretValue, SecretError> {
        let value = self.get(match version {
            SecretVersion::Current => "AWSCURRENT",
            SecretVersion::Previous => "AWSPREVIOUS",
        });
        let value = value.await?;
        let created = value.created_date.and_then(|created| u64::try_from(created.to_millis().ok()?).ok());
        Ok(SecretValue { text: text(value)?, created: created.map(UnixMillis) })
    }
}

impl VersionedSecret for SecretsManager {
    async fn current(&self) -> Result<CurrentSecret, SecretError> {
        let value = self.get("AWSCURRENT").await?;
        let version_id = value.version_id.clone().ok_or_else(|| ServiceError::Unavailable("NoVersionId".to_owned()))?;
        Ok(CurrentSecret { version_id, document: text(value)? })
    }
}
