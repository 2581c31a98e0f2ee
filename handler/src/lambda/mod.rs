//! What every Lambda function needs: environment variables, logs, metrics, and how its process ends.

pub mod environment;
mod exit;
pub mod logging;
pub mod metrics;
pub mod output;

use std::env;
use std::io::{self, Stdout, Write as _};
use std::process::ExitCode;

use lambda_runtime::Error;
use tokio::task::spawn_local;

use crate::clock::Clock;

use environment::{SettingsError, log_level};
use exit::exit_code;
use logging::json_logs;
use metrics::Metrics;
use output::Output;

/// The Lambda function that this process is.
#[derive(Debug)]
pub struct Function {
    name: String,
    clock: Clock,
    output: Output<Stdout>,
}

impl Function {
    /// Has these metrics counted. A failure to write the line is ignored: to fail would repeat the work.
    pub fn count(&self, metrics: &Metrics<'_>) {
        let _ = writeln!(self.output.clone(), "{}", metrics.to_line(&self.name, self.clock.now()));
    }

    /// The same, in one piece with the lines that `log` logs before.
    pub fn log_and_count(&self, log: impl FnOnce(), metrics: &Metrics<'_>) {
        let _ = self.output.in_one_piece(|| {
            log();
            self.count(metrics);
        });
    }
}

/// Serves as the Lambda function of this name: reads its settings with `read` and `LOG_LEVEL`, starts the log, and leaves the
/// rest to `run`. A function that cannot start says why in one line.
pub async fn serve<S>(
    handler: &str,
    read: impl FnOnce(fn(&str) -> Option<String>) -> Result<S, SettingsError>,
    run: impl AsyncFnOnce(S, Function) -> Result<(), Error> + 'static,
) -> ExitCode
where
    S: 'static,
{
    exit_code(handler, start(read, run).await)
}

async fn start<S>(
    read: impl FnOnce(fn(&str) -> Option<String>) -> Result<S, SettingsError>,
    run: impl AsyncFnOnce(S, Function) -> Result<(), Error> + 'static,
) -> Result<(), Error>
where
    S: 'static,
{
    let settings = read(variable)?;
    let log_level = log_level(variable)?;
    let output = Output::new(io::stdout());
    let logs = output.clone();
    tracing::subscriber::set_global_default(json_logs(log_level, move || logs.clone()))?;
    let name = env::var("AWS_LAMBDA_FUNCTION_NAME")?;
    let function = Function { name, clock: Clock::system(), output };
    // As a task of its own: the runtime looks for events (a system call) each time that it has polled its main future, and not
    // each time that it has polled a task: 12 system calls an event rather than 17.
    spawn_local(async move { run(settings, function).await }).await?
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok()
}
