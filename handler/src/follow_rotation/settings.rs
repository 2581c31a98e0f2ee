//! What the handler that follows the rotation of the API key is told through its environment.

use crate::lambda::environment::{Environment, SettingsError};
use crate::momento::api_key::ApiKeySettings;

/// The settings of the handler that follows the rotation of the API key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowRotationSettings {
    /// `CONNECTION_NAME`: name of the EventBridge connection.
    pub connection_name: String,
    /// `MOMENTO_API_KEY_SECRET_ID` and `MOMENTO_API_KEY_FIELD`.
    pub api_key: ApiKeySettings,
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
            api_key: ApiKeySettings::read(&environment)?,
        })
    }
}
