//! Measures the webhook handler beside the reference handler, and the deliver handler with many calls at once beside one at a time. See the README beside this workspace.

mod aws;
mod batch;
mod cargo;
mod certificates;
mod counts;
mod handler;
mod http;
mod instructions;
mod machine;
mod message;
mod momento;
mod process;
mod run;
mod runtime_api;
mod spread;
mod table;
mod usage;
mod world;

use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, bail, ensure};
use serde_json::{Map, Value, json};
use tokio::signal::unix::{SignalKind, signal};

use crate::batch::Batches;
use crate::counts::{DeliverCounts, WebhookCounts};
use crate::handler::Handler;
use crate::instructions::valgrind_is_here;
use crate::message::Webhooks;
use crate::momento::ANSWER_TIME;
use crate::run::{Measurement, Work, measure};
use crate::world::{Place, World};

const USAGE: &str = "usage: npm run bench -- [--runs N] [--json]  (N processes of each handler, 21 unless given)
       npm run bench -- --count FOLDER     (instructions of the handlers in a folder, as JSON; needs valgrind)";
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
    let Some(job) = Job::from_arguments(env::args().skip(1))? else {
        println!("{USAGE}");
        return Ok(());
    };
    let (mut interrupted, mut terminated) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let done = async {
        match job {
            Job::Bench { runs, json } => bench(runs, json).await,
            Job::Count { folder } => count(&folder).await,
        }
    };
    // Whichever way this ends, what is dropped here kills the processes that it holds.
    tokio::select! {
        result = done => result,
        _ = interrupted.recv() => bail!("interrupted"),
        _ = terminated.recv() => bail!("terminated"),
    }
}

/// What there is to do.
#[derive(Debug, PartialEq, Eq)]
enum Job {
    Bench { runs: usize, json: bool },
    Count { folder: PathBuf },
}

impl Job {
    /// What is asked for; none if it is only help.
    fn from_arguments(arguments: impl Iterator<Item = String>) -> Result<Option<Self>> {
        let arguments: Vec<String> = arguments.collect();
        let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let (json, words) = match words.as_slice() {
            [words @ .., "--json"] => (true, words),
            words => (false, words),
        };
        match words {
            [] => Ok(Some(Self::Bench { runs: DEFAULT_RUNS, json })),
            ["--runs", runs] => match runs.parse() {
                Ok(runs) if runs > 0 => Ok(Some(Self::Bench { runs, json })),
                _ => bail!("--runs takes a number above 0, not {runs}\n{USAGE}"),
            },
            ["--help" | "-h"] if !json => Ok(None),
            ["--count", folder] if !json => Ok(Some(Self::Count { folder: folder.into() })),
            _ => bail!(USAGE),
        }
    }
}

/// Counts the instructions of those handlers that lie in a folder.
async fn count(folder: &Path) -> Result<()> {
    let (webhook, deliver) = (folder.join("webhook"), folder.join("deliver"));
    ensure!(webhook.exists() || deliver.exists(), "neither webhook nor deliver is in {}", folder.display());
    let world = World::start().await?;
    let mut counts = Map::new();
    if webhook.exists() {
        counts.insert("webhook".to_owned(), WebhookCounts::of(&webhook, &world).await?.to_json());
    }
    if deliver.exists() {
        counts.insert("deliver".to_owned(), DeliverCounts::of(&deliver, &world).await?.to_json());
    }
    println!("{:#}", Value::Object(counts));
    Ok(())
}

async fn bench(runs: usize, json: bool) -> Result<()> {
    let (webhook, reference) = (Handler::webhook().await?, Handler::reference().await?);
    let deliver = Handler::deliver().await?;
    let world = World::start().await?;
    let webhooks = world.for_webhooks();
    let batches = ["10", "1"].map(|calls| world.for_commands(calls));

    eprintln!("bench: measuring {runs} processes of each");
    let of_webhooks = in_turns(runs, [&webhook, &reference], async |handler: &Handler| {
        measure(handler, &webhooks, Webhooks::for_bus_of(&world.aws)).await
    });
    let of_webhooks = of_webhooks.await?;
    let of_batches = in_turns(runs, batches.each_ref(), async |place: &Place| {
        measure(&deliver, place, Batches::for_momento(&world.momento)).await
    });
    let of_batches = of_batches.await?;

    let counts = if valgrind_is_here().await {
        eprintln!("bench: counting instructions");
        Some([WebhookCounts::of(&webhook.binary, &world).await?, WebhookCounts::of(&reference.binary, &world).await?])
    } else {
        eprintln!("bench: no valgrind, so no instructions are counted");
        None
    };

    let events = <Batches<'_> as Work>::EVENTS;
    let webhooks = table::of_webhooks([&webhook, &reference], &of_webhooks, counts.as_ref());
    let batches = table::of_batches(["10 calls at once", "1 at a time"], events, &of_batches);
    if json {
        let (machine, webhooks, batches) = (machine::describe()?, webhooks.to_json(), batches.to_json());
        println!("{:#}", json!({ "machine": machine, "runs": runs, "webhook": webhooks, "deliver": batches }));
        return Ok(());
    }
    println!("{}", machine::describe()?);
    let invocations = <Webhooks<'_> as Work>::WARM_INVOCATIONS;
    println!("{runs} processes of each in turns, {invocations} warm invocations each; median (min–max)\n");
    println!("{}", webhooks.to_text());
    let invocations = <Batches<'_> as Work>::WARM_INVOCATIONS;
    println!(
        "deliver: {runs} processes of each in turns, {invocations} warm batches of {events} each; Momento takes {} ms to answer\n",
        ANSWER_TIME.as_millis(),
    );
    print!("{}", batches.to_text());
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

    fn given(arguments: &[&str]) -> Result<Option<Job>> {
        Job::from_arguments(arguments.iter().map(ToString::to_string))
    }

    #[test]
    fn takes_a_number_of_runs_or_a_folder() {
        let bench = |runs, json| Some(Job::Bench { runs, json });
        assert_eq!(given(&[]).unwrap(), bench(DEFAULT_RUNS, false));
        assert_eq!(given(&["--json"]).unwrap(), bench(DEFAULT_RUNS, true));
        assert_eq!(given(&["--runs", "3"]).unwrap(), bench(3, false));
        assert_eq!(given(&["--runs", "3", "--json"]).unwrap(), bench(3, true));
        assert_eq!(given(&["--count", "here"]).unwrap(), Some(Job::Count { folder: "here".into() }));
        assert_eq!(given(&["--help"]).unwrap(), None);
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        for arguments in [
            &["--runs"][..],
            &["--runs", "0"],
            &["--runs", "x"],
            &["--runs", "1", "2"],
            &["3"],
            &["--count"],
            &["--count", "here", "--json"],
            &["--help", "--json"],
        ] {
            assert!(given(arguments).is_err(), "{arguments:?}");
        }
    }
}
