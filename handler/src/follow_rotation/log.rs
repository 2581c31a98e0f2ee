//! What is logged of an attempt to follow a rotation.

use super::followed::{FollowError, Followed};

/// Logs the outcome of an attempt.
pub fn log_followed(followed: &Result<Followed, FollowError>) {
    match followed {
        Ok(Followed::Unchanged(version_id)) => tracing::info!(version_id, "the connection has the current API key"),
        Ok(Followed::Updated(version_id)) => tracing::info!(version_id, "the connection has got the current API key"),
        Err(error) => tracing::error!(%error, "the connection may not have the current API key"),
    }
}
