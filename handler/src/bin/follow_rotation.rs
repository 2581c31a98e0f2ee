//! The Lambda that follows the rotation of the API key: makes the clients once, and at each event has [`FollowRotation`] look.
//! What the event says does not matter: the secret does.

use std::process::ExitCode;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use momento_eventbridge::aws::{ApiKeyConnection, SecretsManager, shared_config};
use momento_eventbridge::follow_rotation::FollowRotation;
use momento_eventbridge::follow_rotation::log::log_followed;
use momento_eventbridge::follow_rotation::settings::FollowRotationSettings;
use momento_eventbridge::lambda::{Function, serve};
use serde::de::IgnoredAny;

#[tokio::main(flavor = "local")]
async fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), FollowRotationSettings::read, run).await
}

async fn run(settings: FollowRotationSettings, _: Function) -> Result<(), Error> {
    let config = shared_config();
    let follow_rotation = FollowRotation::new(
        SecretsManager::new(&config, settings.api_key.secret_id),
        settings.api_key.field,
        ApiKeyConnection::new(&config, settings.connection_name),
    );
    lambda_runtime::run(service_fn(async |_: LambdaEvent<IgnoredAny>| -> Result<(), Error> {
        let followed = Box::pin(follow_rotation.follow()).await;
        log_followed(&followed);
        // Lambda tries an event again that ends in an error.
        followed.map(|_| ()).map_err(Error::from)
    }))
    .await
}
