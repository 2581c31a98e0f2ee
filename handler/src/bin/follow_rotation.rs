//! The Lambda that follows the rotation of the API key: reads its settings, makes the clients once, and at each event has
//! [`FollowRotation`] look. What the event says does not matter: the secret does.

use std::env;
use std::io;
use std::process::ExitCode;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use momento_eventbridge::aws::{ApiKeyConnection, SecretsManager, shared_config};
use momento_eventbridge::follow_rotation::{FollowRotation, Followed};
use momento_eventbridge::lambda::environment::FollowRotationSettings;
use momento_eventbridge::lambda::exit::exit_code;
use momento_eventbridge::lambda::logging::json_logs;
use serde::de::IgnoredAny;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    exit_code(env!("CARGO_BIN_NAME"), serve().await)
}

async fn serve() -> Result<(), Error> {
    let settings = FollowRotationSettings::read(|name| env::var(name).ok())?;
    tracing::subscriber::set_global_default(json_logs(settings.log_level, io::stdout))?;
    let config = shared_config().await;
    let follow_rotation = FollowRotation::new(
        SecretsManager::new(&config, settings.api_key.secret_id),
        settings.api_key.field,
        ApiKeyConnection::new(&config, settings.connection_name),
    );
    lambda_runtime::run(service_fn(async |_: LambdaEvent<IgnoredAny>| -> Result<(), Error> {
        match Box::pin(follow_rotation.follow()).await {
            Ok(Followed::Unchanged(version_id)) => {
                tracing::info!(version_id, "the connection has the current API key");
                Ok(())
            }
            Ok(Followed::Updated(version_id)) => {
                tracing::info!(version_id, "the connection has got the current API key");
                Ok(())
            }
            // Lambda tries an event again that ends in an error.
            Err(error) => {
                tracing::error!(%error, "the connection may not have the current API key");
                Err(error.into())
            }
        }
    }))
    .await
}
