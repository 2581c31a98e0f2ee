//! Keeps the API key that an EventBridge connection has a copy of the same as the one in Secrets Manager.
//!
//! Which version of the secret a connection has is written in its description, in the same call that sets the key. So an
//! environment that has just started, which remembers nothing, need not set it again, and a deployment that sets the
//! connection back is noticed.

pub mod followed;
pub mod log;
pub mod settings;

use std::future::Future;
use std::time::Duration;

use tokio::time::timeout;

use crate::connection::{Connection, ConnectionState};
use crate::momento::api_key::ApiKey;
use crate::retry::Retryable as _;
use crate::secret::store::{CurrentSecret, SecretError, VersionedSecret};
use crate::service_error::ServiceError;

use followed::{FollowError, Followed};

/// The longest wait for one call.
const CALL_TIMEOUT: Duration = Duration::from_secs(5);
/// How often the key is set at most, if it changes again each time.
const MAX_UPDATES: u32 = 3;

/// The handler, with all that it reaches for passed in.
#[derive(Debug)]
pub struct FollowRotation<S, C> {
    secret: S,
    field: Option<String>,
    connection: C,
}

impl<S: VersionedSecret, C: Connection> FollowRotation<S, C> {
    /// A handler that sets the key of `connection` to that in `secret`, or in its `field`.
    pub fn new(secret: S, field: Option<String>, connection: C) -> Self {
        Self { secret, field, connection }
    }

    /// Has the connection have the secret's current version.
    ///
    /// # Errors
    /// See [`FollowError`].
    pub async fn follow(&self) -> Result<Followed, FollowError> {
        let mut secret = self.current().await?;
        let state = within_time(self.connection.describe()).await.map_err(FollowError::Describe)?;
        if state.description.as_deref() == Some(&description(&secret.version_id)) {
            return Ok(Followed::Unchanged(secret.version_id));
        }
        for _ in 0..MAX_UPDATES {
            let key = ApiKey::from_document(&secret.document, self.field.as_deref())?;
            let state = ConnectionState { description: Some(description(&secret.version_id)), ..state.clone() };
            within_time(self.connection.update(&key, &state)).await.map_err(FollowError::Update)?;
            // Another invocation may have set a newer key, and this one the older over it.
            let current = self.current().await?;
            if current.version_id == secret.version_id {
                return Ok(Followed::Updated(secret.version_id));
            }
            secret = current;
        }
        Err(FollowError::TooFast)
    }

    async fn current(&self) -> Result<CurrentSecret, SecretError> {
        timeout(CALL_TIMEOUT, self.secret.current()).await.unwrap_or_else(|_| Err(SecretError::timed_out()))
    }
}

/// The description of a connection with this version.
fn description(version_id: &str) -> String {
    format!("Momento API key, version {version_id} of the secret")
}

async fn within_time<T>(call: impl Future<Output = Result<T, ServiceError>>) -> Result<T, ServiceError> {
    timeout(CALL_TIMEOUT, call).await.unwrap_or(Err(ServiceError::TimedOut))
}
