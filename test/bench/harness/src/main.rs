//! Measures the webhook handler beside the reference handler and prints one table. See the README beside this workspace.

mod aws;
mod cargo;
mod certificates;
mod handler;
mod http;
mod machine;
mod message;
mod process;
mod run;
mod runtime_api;
mod spread;
mod table;
mod usage;

use std::env;
use std::fs;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use tempfile::TempDir;
use tokio::signal::unix::{SignalKind, signal};

use crate::aws::FakeAws;
use crate::certificates::Certificates;
use crate::handler::Handler;
use crate::run::{Measurement, measure};

const USAGE: &str = "usage: npm run bench -- [--runs N]    (N processes of each handler, 21 unless given)";
const DEFAULT_RUNS: usize = 21;

// One thread, so that one core is left for the handler: who calls it, the Lambda API and AWS take turns anyway.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run_until_stopped().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run_until_stopped() -> Result<()> {
    let Some(runs) = runs(env::args().skip(1))? else {
        println!("{USAGE}");
        return Ok(());
    };
    let (mut interrupted, mut terminated) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    // Whichever way this ends, what is dropped here kills the processes that it holds.
    tokio::select! {
        result = bench(runs) => result,
        _ = interrupted.recv() => bail!("interrupted"),
        _ = terminated.recv() => bail!("terminated"),
    }
}

/// How many runs are asked for; none if it is only help.
fn runs(mut arguments: impl Iterator<Item = String>) -> Result<Option<usize>> {
    match (arguments.next().as_deref(), arguments.next(), arguments.next()) {
        (None, ..) => Ok(Some(DEFAULT_RUNS)),
        (Some("--help" | "-h"), None, _) => Ok(None),
        (Some("--runs"), Some(runs), None) => match runs.parse() {
            Ok(runs) if runs > 0 => Ok(Some(runs)),
            _ => bail!("--runs takes a number above 0, not {runs}\n{USAGE}"),
        },
        _ => bail!(USAGE),
    }
}

async fn bench(runs: usize) -> Result<()> {
    let handlers = [Handler::webhook().await?, Handler::reference().await?];
    let folder = TempDir::new().context("no temporary folder")?;
    let certificates = Certificates::generate()?;
    let trusted = folder.path().join("trusted.pem");
    fs::write(&trusted, certificates.trusted_pem())?;
    let mut aws = FakeAws::start(&certificates.server()?, trusted).await?;

    eprintln!("bench: measuring {runs} processes of each");
    // The first processes only bring the binaries into memory.
    for handler in &handlers {
        measure(handler, &mut aws, folder.path()).await?;
    }
    let mut measurements: [Vec<Measurement>; 2] = Default::default();
    for _ in 0..runs {
        // In turns, so that whatever else the machine is doing disturbs both.
        for (handler, measurements) in handlers.iter().zip(&mut measurements) {
            measurements.push(measure(handler, &mut aws, folder.path()).await?);
        }
    }
    println!("{}", machine::describe(certificates.system_roots())?);
    println!("{runs} processes of each in turns, {} warm invocations each; median (min–max)\n", run::WARM_INVOCATIONS);
    print!("{}", table::render(&handlers, &measurements));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(arguments: &[&str]) -> Result<Option<usize>> {
        runs(arguments.iter().map(ToString::to_string))
    }

    #[test]
    fn takes_a_number_of_runs() {
        assert_eq!(given(&[]).unwrap(), Some(DEFAULT_RUNS));
        assert_eq!(given(&["--runs", "3"]).unwrap(), Some(3));
        assert_eq!(given(&["--help"]).unwrap(), None);
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        for arguments in [&["--runs"][..], &["--runs", "0"], &["--runs", "x"], &["--runs", "1", "2"], &["3"]] {
            assert!(given(arguments).is_err(), "{arguments:?}");
        }
    }
}
