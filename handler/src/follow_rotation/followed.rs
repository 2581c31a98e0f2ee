//! The outcome of an attempt to follow a rotation.

use crate::momento::api_key::ApiKeyError;
use crate::secret::store::SecretError;
use crate::service_error::ServiceError;

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Followed {
    /// The connection had this version already.
    Unchanged(String),
    /// The connection has this version now.
    Updated(String),
}

/// Why the connection may not have the current API key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FollowError {
    /// The secret cannot be read, or has no API key. The connection is as it was.
    #[error("the connection keeps the key it has: {0}")]
    Secret(#[from] SecretError),
    /// The connection cannot be described. It is as it was.
    #[error("the connection cannot be described: {0}")]
    Describe(ServiceError),
    /// The connection cannot be updated.
    #[error("the connection cannot be updated: {0}")]
    Update(ServiceError),
    /// The secret changed each time that the connection had been updated.
    #[error("the secret changes faster than the connection can be updated")]
    TooFast,
}

impl From<ApiKeyError> for FollowError {
    fn from(error: ApiKeyError) -> Self {
        Self::Secret(error.into())
    }
}
