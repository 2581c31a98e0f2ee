//! The webhook Lambda: makes the clients once, and hands each request to [`Webhook`].

use std::process::ExitCode;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use momento_eventbridge::aws::{DynamoDb, EventBridge, SecretsManager, Sqs, shared_config};
use momento_eventbridge::clock::Clock;
use momento_eventbridge::lambda::{Function, serve};
use momento_eventbridge::message::publisher::Publisher;
use momento_eventbridge::secret::store::SecretStore;
use momento_eventbridge::webhook::Webhook;
use momento_eventbridge::webhook::function_url::{Answer, FunctionUrlEvent};
use momento_eventbridge::webhook::log::log_verdict;
use momento_eventbridge::webhook::replay_guard::{ReplayGuard, SharedGuard};
use momento_eventbridge::webhook::settings::WebhookSettings;
use momento_eventbridge::webhook::signing_secrets::SigningSecretsReader;
use tokio::task::spawn_local;

#[tokio::main(flavor = "local")]
async fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), WebhookSettings::read, run).await
}

async fn run(settings: WebhookSettings, function: Function) -> Result<(), Error> {
    let config = shared_config();
    let shared_guard =
        settings.replay_table.map(|(table, outage)| SharedGuard { table: DynamoDb::new(&config, table), outage });
    let bus = EventBridge::new(&config, settings.event_bus_name.clone());
    // Beside the start, which neither waits for it nor fails with it.
    spawn_local({
        let bus = bus.clone();
        async move { bus.connect().await }
    });
    let webhook = Webhook::new(
        settings.signature_algorithm,
        settings.freshness,
        SecretStore::new(SigningSecretsReader {
            source: SecretsManager::new(&config, settings.momento_secret_id),
            previous_validity: settings.previous_secret_validity,
            random: fastrand::f64,
        }),
        ReplayGuard::new(settings.freshness.window(), shared_guard, fastrand::f64),
        Publisher::new(
            bus,
            Sqs::new(&config, settings.fallback_queue_url).of_event_bus(settings.event_bus_name.clone()),
            fastrand::f64,
        ),
        settings.event_bus_name,
        Clock::system(),
    );
    // Boxed, here and below, or the compiler gives up on the depth of the nested types.
    Box::pin(webhook.warm_up()).await;
    lambda_runtime::run(service_fn(async |request: LambdaEvent<FunctionUrlEvent>| -> Result<Answer, Error> {
        let verdict = Box::pin(webhook.handle(request.payload, request.context.xray_trace_id.as_deref())).await;
        function.log_and_count(|| log_verdict(&verdict), &verdict.metrics());
        Ok(verdict.answer())
    }))
    .await
}
