//! The Lambda between a table's stream and the bus: reads its settings, makes the client once, and hands each batch to
//! [`Handler`].

use std::env;
use std::io::{self, Write as _};
use std::process::ExitCode;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use momento_eventbridge::aws::{Sqs, shared_config};
use momento_eventbridge::changes::Handler;
use momento_eventbridge::changes::pipe_event::PipeEvent;
use momento_eventbridge::changes::settings::ChangesSettings;
use momento_eventbridge::clock::{Clock as _, SystemClock};
use momento_eventbridge::lambda::exit::exit_code;
use momento_eventbridge::lambda::logging::json_logs;
use momento_eventbridge::lambda::metrics::{Metric, embedded_metrics};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    exit_code(env!("CARGO_BIN_NAME"), serve().await)
}

async fn serve() -> Result<(), Error> {
    let settings = ChangesSettings::read(|name| env::var(name).ok())?;
    tracing::subscriber::set_global_default(json_logs(settings.log_level, io::stdout))?;
    let function_name = env::var("AWS_LAMBDA_FUNCTION_NAME")?;
    let config = shared_config().await;
    let dead_letters = Sqs::new(&config, settings.dead_letter_queue_url);
    let handler = Handler::new(settings.mapping, dead_letters, SystemClock, fastrand::f64);
    lambda_runtime::run(service_fn(async |batch: LambdaEvent<Vec<Value>>| -> Result<Vec<PipeEvent>, Error> {
        let (events, tally) = handler.handle(&batch.payload).await?;
        let metrics = [
            Metric::Count("Changes", batch.payload.len()),
            Metric::Count("Commands", tally.commands),
            Metric::Count("DeadLettered", tally.dead_lettered),
        ];
        let line = embedded_metrics(&metrics, &function_name, None, SystemClock.now());
        // A line that cannot be written is no reason to have the batch handed over again.
        let _ = writeln!(io::stdout(), "{line}");
        Ok(events)
    }))
    .await
}
