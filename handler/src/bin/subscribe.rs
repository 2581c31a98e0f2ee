//! The subscribe Lambda: makes the clients once, and hands each invocation of the schedule to [`Subscribe`].

use std::process::ExitCode;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use momento_eventbridge::aws::{Checkpoints, EventBridge, SecretsManager, Sqs, shared_config};
use momento_eventbridge::clock::{Clock, UnixMillis};
use momento_eventbridge::https::roots;
use momento_eventbridge::lambda::{Function, serve};
use momento_eventbridge::momento::api_key::ApiKeyReader;
use momento_eventbridge::momento::grpc::MomentoGrpc;
use momento_eventbridge::secret::store::SecretStore;
use momento_eventbridge::subscribe::metrics::Meter;
use momento_eventbridge::subscribe::settings::SubscribeSettings;
use momento_eventbridge::subscribe::{Invocation, Services, Subscribe};
use serde_json::Value;

#[tokio::main(flavor = "local")]
async fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), SubscribeSettings::read, run).await
}

async fn run(settings: SubscribeSettings, function: Function) -> Result<(), Error> {
    let config = shared_config();
    let event_bus = settings.event_bus_name.clone();
    let services = Services {
        source: MomentoGrpc::new(settings.momento_endpoint.clone(), roots::trusted()),
        keys: SecretStore::new(ApiKeyReader {
            source: SecretsManager::new(&config, settings.api_key.secret_id.clone()),
            field: settings.api_key.field.clone(),
            random: fastrand::f64,
        }),
        bus: EventBridge::new(&config, event_bus.clone()),
        queue: Sqs::new(&config, settings.fallback_queue_url.clone()).of_event_bus(event_bus),
        table: Checkpoints::new(&config, settings.checkpoint_table_name.clone()),
    };
    let meter = Meter::new(move |metrics| function.count(metrics));
    let subscribe = Subscribe::new(services, settings, meter, Clock::system(), fastrand::f64);
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| -> Result<(), Error> {
        let deadline = UnixMillis(event.context.deadline);
        let invocation = Invocation { id: event.context.request_id, deadline };
        let handled = Box::pin(subscribe.handle(&invocation, &event.payload)).await;
        handled.inspect_err(|error| tracing::error!(%error, "the invocation failed"))?;
        Ok(())
    }))
    .await
}
