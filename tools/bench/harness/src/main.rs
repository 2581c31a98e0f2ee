//! Measures the webhook handler beside the reference handler, and the deliver handler with many calls at once beside one at a time. See the README beside this workspace.

mod aws;
mod batch;
mod cargo;
mod certificates;
mod handler;
mod http;
mod machine;
mod message;
mod momento;
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
use crate::batch::Batches;
use crate::certificates::Certificates;
use crate::handler::Handler;
use crate::message::Webhooks;
use crate::momento::{ANSWER_TIME, FakeMomento};
use crate::run::{Measurement, Place, Work, measure};

const USAGE: &str = "usage: npm run bench -- [--runs N]    (N processes of each handler, 21 unless given)";
const DEFAULT_RUNS: usize = 21;
const QUEUE_URL: &str = "https://sqs.us-east-1.amazonaws.com/123456789012/bench";

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
    let (webhook, reference) = (Handler::webhook().await?, Handler::reference().await?);
    let deliver = Handler::deliver().await?;
    let folder = TempDir::new().context("no temporary folder")?;
    let certificates = Certificates::generate()?;
    let trusted = folder.path().join("trusted.pem");
    fs::write(&trusted, certificates.trusted_pem())?;
    let tls = certificates.server()?;
    let mut aws = FakeAws::start(&tls, trusted).await?;
    let mut momento = FakeMomento::start(&tls).await?;
    let place = |settings: &[(&str, &str)]| {
        let settings = settings.iter().map(|&(name, value)| (name.to_owned(), value.to_owned()));
        Place { environment: aws.environment().into_iter().chain(settings).collect(), folder: folder.path() }
    };
    let webhooks =
        place(&[("EVENT_BUS_NAME", "bench"), ("FALLBACK_QUEUE_URL", QUEUE_URL), ("MOMENTO_SECRET_ID", "bench")]);
    let batches = ["10", "1"].map(|calls| {
        place(&[
            ("COMMAND_QUEUE_URL", QUEUE_URL),
            ("DEAD_LETTER_QUEUE_URL", QUEUE_URL),
            ("MAX_CONCURRENT_CALLS", calls),
            ("MOMENTO_API_KEY_FIELD", "momentoSecret"),
            ("MOMENTO_API_KEY_SECRET_ID", "bench"),
            ("MOMENTO_ENDPOINT", &momento.endpoint()),
        ])
    });

    eprintln!("bench: measuring {runs} processes of each");
    let of_webhooks = in_turns(runs, [&webhook, &reference], async |handler: &Handler| {
        measure(handler, &webhooks, Webhooks::for_bus_of(&mut aws)).await
    });
    let of_webhooks = of_webhooks.await?;
    let of_batches = in_turns(runs, batches.each_ref(), async |place: &Place<'_>| {
        measure(&deliver, place, Batches::for_momento(&mut momento)).await
    });
    let of_batches = of_batches.await?;

    println!("{}", machine::describe(certificates.system_roots())?);
    let invocations = <Webhooks<'_> as Work>::WARM_INVOCATIONS;
    println!("{runs} processes of each in turns, {invocations} warm invocations each; median (min–max)\n");
    println!("{}", table::of_webhooks([&webhook, &reference], &of_webhooks));
    let (invocations, events) = (<Batches<'_> as Work>::WARM_INVOCATIONS, <Batches<'_> as Work>::EVENTS);
    println!(
        "deliver: {runs} processes of each in turns, {invocations} warm batches of {events} each; Momento takes {} ms to answer\n",
        ANSWER_TIME.as_millis(),
    );
    print!("{}", table::of_batches(["10 calls at once", "1 at a time"], events, &of_batches));
    Ok(())
}

/// Measures two things by turns, so that whatever else the machine is doing disturbs both.
async fn in_turns<T: Copy>(
    runs: usize,
    both: [T; 2],
    mut measure: impl AsyncFnMut(T) -> Result<Measurement>,
) -> Result<[Vec<Measurement>; 2]> {
    // The first processes only bring the binaries into memory.
    for one in both {
        measure(one).await?;
    }
    let mut measurements: [Vec<Measurement>; 2] = Default::default();
    for _ in 0..runs {
        for (one, measurements) in both.into_iter().zip(&mut measurements) {
            measurements.push(measure(one).await?);
        }
    }
    Ok(measurements)
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
