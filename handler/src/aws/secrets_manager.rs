use aws_config::SdkConfig;
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::operation::get_secret_value::{GetSecretValueError, GetSecretValueOutput};

use super::error::error_code;
use crate::secret::store::{CurrentSecret, VersionedSecret};
use crate::secret::store::{SecretError, SecretSource, SecretVersion};

/// A secret in Secrets Manager.
#[derive(Debug, Clone)]
pub struct SecretsManager {
    client: Client,
    secret_id: String,
}

impl SecretsManager {
    /// The secret with this name or ARN.
    #[must_use]
    pub fn new(config: &SdkConfig, secret_id: String) -> Self {
        Self { client: Client::new(config), secret_id }
    }
}

impl SecretsManager {
    /// The value at a stage, or `None` where there is none (yet).
    async fn get(&self, stage: &str) -> Result<Option<GetSecretValueOutput>, SecretError> {
        match self.client.get_secret_value().secret_id(&self.secret_id).version_stage(stage).send().await {
            Ok(value) => Ok(Some(value)),
            Err(error)
                if error.as_service_error().is_some_and(GetSecretValueError::is_resource_not_found_exception) =>
            {
                Ok(None)
            }
            Err(error) => Err(SecretError::Service(error_code(&error))),
        }
    }
}

impl SecretSource for SecretsManager {
    async fn read(&self, version: SecretVersion) -> Result<Option<String>, SecretError> {
        let value = self.get(match version {
            SecretVersion::Current => "AWSCURRENT",
            SecretVersion::Previous => "AWSPREVIOUS",
        });
        value.await?.map(|value| value.secret_string.ok_or(SecretError::Binary)).transpose()
    }
}

impl VersionedSecret for SecretsManager {
    async fn current(&self) -> Result<Option<CurrentSecret>, SecretError> {
        let Some(value) = self.get("AWSCURRENT").await? else { return Ok(None) };
        let document = value.secret_string.ok_or(SecretError::Binary)?;
        let version_id = value.version_id.ok_or_else(|| SecretError::Service("NoVersionId".to_owned()))?;
        Ok(Some(CurrentSecret { version_id, document }))
    }
}
