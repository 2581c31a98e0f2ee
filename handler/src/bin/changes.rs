//! The Lambda between a table's stream and the bus: makes the client once, and hands each batch to [`Changes`].

use std::process::ExitCode;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use momento_eventbridge::aws::{Sqs, shared_config};
use momento_eventbridge::changes::Changes;
use momento_eventbridge::changes::pipe_event::PipeEvent;
use momento_eventbridge::changes::settings::ChangesSettings;
use momento_eventbridge::clock::Clock;
use momento_eventbridge::lambda::{Function, serve};
use serde_json::Value;

#[tokio::main(flavor = "local")]
async fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), ChangesSettings::read, run).await
}

async fn run(settings: ChangesSettings, function: Function) -> Result<(), Error> {
    let config = shared_config();
    let dead_letters = Sqs::new(&config, settings.dead_letter_queue_url);
    let changes = Changes::new(settings.mapping, dead_letters, Clock::system(), fastrand::f64);
    lambda_runtime::run(service_fn(async |batch: LambdaEvent<Vec<Value>>| -> Result<Vec<PipeEvent>, Error> {
        let (events, tally) = changes.handle(&batch.payload).await?;
        function.count(&tally.metrics());
        Ok(events)
    }))
    .await
}
