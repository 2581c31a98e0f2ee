//! The deliver Lambda: reads its settings, makes the clients once, and hands each batch to [`Deliver`].

use std::env;
use std::io::{self, Write as _};
use std::process::ExitCode;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use momento_eventbridge::aws::{SecretsManager, Sqs, shared_config};
use momento_eventbridge::clock::{Clock as _, SystemClock, UnixMillis};
use momento_eventbridge::deliver::{Deliver, Queues};
use momento_eventbridge::lambda::environment::DeliverSettings;
use momento_eventbridge::lambda::exit::exit_code;
use momento_eventbridge::lambda::logging::json_logs;
use momento_eventbridge::lambda::metrics::{Metric, embedded_metrics};
use momento_eventbridge::momento::api_key::ApiKeyReader;
use momento_eventbridge::momento::http::MomentoHttp;
use momento_eventbridge::queue::sqs_batch::{BatchResponse, SqsBatch};
use momento_eventbridge::secret::store::SecretStore;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    exit_code(env!("CARGO_BIN_NAME"), serve().await)
}

async fn serve() -> Result<(), Error> {
    let settings = DeliverSettings::read(|name| env::var(name).ok())?;
    tracing::subscriber::set_global_default(json_logs(settings.log_level, io::stdout))?;
    let function_name = env::var("AWS_LAMBDA_FUNCTION_NAME")?;
    let config = shared_config().await;
    let deliver = Deliver::new(
        MomentoHttp::new(&settings.momento_endpoint),
        SecretStore::new(ApiKeyReader {
            source: SecretsManager::new(&config, settings.api_key.secret_id),
            field: settings.api_key.field,
        }),
        Queues {
            commands: Sqs::new(&config, settings.command_queue_url),
            dead_letters: Sqs::new(&config, settings.dead_letter_queue_url),
        },
        settings.retry_policy,
        settings.call_rates,
        settings.max_concurrent_calls,
        SystemClock,
    );
    deliver.warm_up().await;
    lambda_runtime::run(service_fn(async |batch: LambdaEvent<SqsBatch>| -> Result<BatchResponse, Error> {
        let (response, tally) = deliver.handle(batch.payload, UnixMillis(batch.context.deadline)).await;
        let metrics = [
            Metric::Count("Delivered", tally.delivered),
            Metric::Count("Postponed", tally.postponed),
            Metric::Count("DeadLettered", tally.dead_lettered),
        ];
        let line = embedded_metrics(&metrics, &function_name, None, SystemClock.now());
        // A line that cannot be written is no reason to have what is delivered sent again.
        let _ = writeln!(io::stdout(), "{line}");
        Ok(response)
    }))
    .await
}
