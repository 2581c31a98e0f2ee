//! The redrive Lambda: makes the clients once, and hands each batch to [`Redrive`].

use std::process::ExitCode;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use momento_eventbridge::aws::{EventBridge, Sqs, shared_config};
use momento_eventbridge::clock::Clock;
use momento_eventbridge::lambda::{Function, serve};
use momento_eventbridge::queue::sqs_batch::{BatchResponse, SqsBatch};
use momento_eventbridge::redrive::Redrive;
use momento_eventbridge::redrive::metrics::batch_metrics;
use momento_eventbridge::redrive::settings::RedriveSettings;

#[tokio::main(flavor = "local")]
async fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), RedriveSettings::read, run).await
}

async fn run(settings: RedriveSettings, function: Function) -> Result<(), Error> {
    let config = shared_config();
    let redrive = Redrive::new(
        EventBridge::new(&config, settings.event_bus_name.clone()),
        Sqs::new(&config, settings.fallback_queue_url),
        Sqs::new(&config, settings.dead_letter_queue_url).of_event_bus(settings.event_bus_name),
        settings.patience,
        Clock::system(),
    );
    lambda_runtime::run(service_fn(async |batch: LambdaEvent<SqsBatch>| -> Result<BatchResponse, Error> {
        let (response, tally) = redrive.handle(batch.payload).await;
        function.count(&batch_metrics(tally));
        Ok(response)
    }))
    .await
}
