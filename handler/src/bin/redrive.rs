//! The redrive Lambda: reads its settings, makes the clients once, and hands each batch to [`Redrive`].

use std::env;
use std::io::{self, Write as _};
use std::process::ExitCode;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use momento_eventbridge::aws::{EventBridge, Sqs, shared_config};
use momento_eventbridge::clock::{Clock as _, SystemClock};
use momento_eventbridge::lambda::environment::RedriveSettings;
use momento_eventbridge::lambda::exit::exit_code;
use momento_eventbridge::lambda::logging::json_logs;
use momento_eventbridge::lambda::metrics::{Metric, embedded_metrics};
use momento_eventbridge::queue::sqs_batch::{BatchResponse, SqsBatch};
use momento_eventbridge::redrive::Redrive;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    exit_code(env!("CARGO_BIN_NAME"), serve().await)
}

async fn serve() -> Result<(), Error> {
    let settings = RedriveSettings::read(|name| env::var(name).ok())?;
    tracing::subscriber::set_global_default(json_logs(settings.log_level, io::stdout))?;
    let function_name = env::var("AWS_LAMBDA_FUNCTION_NAME")?;
    let config = shared_config().await;
    let redrive = Redrive::new(
        EventBridge::new(&config, settings.event_bus_name),
        Sqs::new(&config, settings.fallback_queue_url),
        Sqs::new(&config, settings.dead_letter_queue_url),
        settings.patience,
        SystemClock,
    );
    lambda_runtime::run(service_fn(async |batch: LambdaEvent<SqsBatch>| -> Result<BatchResponse, Error> {
        let (response, tally) = redrive.handle(batch.payload).await;
        let metrics = [
            Metric::Count("Redriven", tally.redriven),
            Metric::Count("Postponed", tally.postponed),
            Metric::Count("DeadLettered", tally.dead_lettered),
        ];
        let line = embedded_metrics(&metrics, &function_name, None, SystemClock.now());
        // A line that cannot be written is no reason to have what is on the bus put there again.
        let _ = writeln!(io::stdout(), "{line}");
        Ok(response)
    }))
    .await
}
