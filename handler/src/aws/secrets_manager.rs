use aws_config::SdkConfig;
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError;

use super::error_code;
use crate::secret_store::{SecretError, SecretSource, SecretVersion};

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

impl SecretSource for SecretsManager {
    async fn read(&self, version: SecretVersion) -> Result<Option<String>, SecretError> {
        let stage = match version {
            SecretVersion::Current => "AWSCURRENT",
            SecretVersion::Previous => "AWSPREVIOUS",
        };
        match self.client.get_secret_value().secret_id(&self.secret_id).version_stage(stage).send().await {
            Ok(value) => value.secret_string.map(Some).ok_or(SecretError::Binary),
            Err(error)
                if error.as_service_error().is_some_and(GetSecretValueError::is_resource_not_found_exception) =>
            {
                Ok(None)
            }
            Err(error) => Err(SecretError::Service(error_code(&error))),
        }
    }
}
