//! The deliver Lambda: makes the clients once, and hands each batch to [`Deliver`].

use std::process::ExitCode;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use momento_eventbridge::aws::{SecretsManager, Sqs, shared_config};
use momento_eventbridge::clock::{Clock, UnixMillis};
use momento_eventbridge::deliver::settings::DeliverSettings;
use momento_eventbridge::deliver::{Deliver, Queues};
use momento_eventbridge::https::roots;
use momento_eventbridge::lambda::{Function, serve};
use momento_eventbridge::momento::api_key::ApiKeyReader;
use momento_eventbridge::momento::http::MomentoHttp;
use momento_eventbridge::queue::sqs_batch::{BatchResponse, SqsBatch};
use momento_eventbridge::secret::store::SecretStore;

#[tokio::main(flavor = "local")]
async fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), DeliverSettings::read, run).await
}

async fn run(settings: DeliverSettings, function: Function) -> Result<(), Error> {
    let config = shared_config();
    let deliver = Deliver::new(
        MomentoHttp::new(&settings.momento_endpoint, roots::trusted()),
        SecretStore::new(ApiKeyReader {
            source: SecretsManager::new(&config, settings.api_key.secret_id),
            field: settings.api_key.field,
            random: fastrand::f64,
        }),
        Queues {
            commands: Sqs::new(&config, settings.command_queue_url),
            dead_letters: Sqs::new(&config, settings.dead_letter_queue_url).of_event_bus(settings.event_bus_name),
        },
        settings.retry_policy,
        settings.call_rates,
        settings.max_concurrent_calls,
        Clock::system(),
    )
    .from_sources(settings.sources);
    deliver.warm_up().await;
    lambda_runtime::run(service_fn(async |batch: LambdaEvent<SqsBatch>| -> Result<BatchResponse, Error> {
        let (response, counts) = deliver.handle(batch.payload, UnixMillis(batch.context.deadline)).await;
        function.count(&counts.metrics());
        Ok(response)
    }))
    .await
}
