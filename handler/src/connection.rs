//! A connection of EventBridge's, which has a copy of the API key.

use crate::momento::api_key::ApiKey;
use crate::service_error::ServiceError;

/// The header that carries the API key.
pub(crate) const API_KEY_HEADER: &str = "Authorization";

/// An EventBridge connection.
pub trait Connection {
    /// What it is set to.
    async fn describe(&self) -> Result<ConnectionState, ServiceError>;

    /// Sets the API key, and all of its state, of which EventBridge sets back what an update does not repeat.
    async fn update(&self, key: &ApiKey, state: &ConnectionState) -> Result<(), ServiceError>;
}

/// What a connection is set to besides the API key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConnectionState {
    /// What it says of itself.
    pub description: Option<String>,
    /// The KMS key that it is encrypted with, where it is not AWS's own.
    pub kms_key: Option<String>,
    /// The ARN of the resource configuration of a private API, where it leads to one.
    pub private_resource: Option<String>,
}
