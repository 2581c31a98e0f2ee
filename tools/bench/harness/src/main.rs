//! Measures the webhook handler beside a reference and two floors, the deliver handler with many calls at once beside one at a
//! time, and the subscriber beside a plain one. See the README beside this workspace.

mod aws;
mod backlog;
mod batch;
mod batch_run;
mod cargo;
mod certificates;
mod contender;
mod counts;
mod http;
mod instructions;
mod machine;
mod message;
mod momento;
mod order;
mod plot;
mod process;
mod report;
mod run;
mod runtime_api;
mod spread;
mod subscriber_run;
mod system_calls;
mod table;
mod table_service;
mod usage;
mod webhook_run;
mod world;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail, ensure};
use lexopt::{Arg, Parser, ValueExt as _};
use serde_json::{Map, Value, json};
use tokio::signal::unix::{SignalKind, signal};

use crate::backlog::{Backlog, MESSAGES};
use crate::batch::Batches;
use crate::batch_run::BatchRun;
use crate::cargo::{Profile, build_release, tools_workspace};
use crate::contender::Contender;
use crate::counts::{DeliverCounts, WebhookCounts};
use crate::instructions::valgrind_is_here;
use crate::momento::ANSWER_TIME;
use crate::order::functions_in_order;
use crate::report::Counted;
use crate::run::Work;
use crate::subscriber_run::SubscriberRun;
use crate::system_calls::{strace_is_here, system_calls};
use crate::webhook_run::WebhookRun;
use crate::world::{Place, World};

const USAGE: &str = "usage: npm run bench -- [--runs N] [--json] [--plot FILE]
       npm run bench -- --count FOLDER
       npm run bench -- --order FOLDER

  --runs N        processes of each contender; 21 unless given
  --json          every figure as JSON on standard output; the tables then go to standard error
  --plot FILE     where to draw start and CPU, as SVG
  --count FOLDER  only the instructions of the handlers in a folder, as JSON; needs valgrind
  --order FOLDER  only the symbols of the functions that the webhook and deliver handlers in a folder execute, in the order
                  in which they should lie; needs valgrind";
const DEFAULT_RUNS: usize = 21;
/// The most processes of each subscriber: most of their time they are watched while they have nothing to do.
const MOST_SUBSCRIBERS: usize = 3;

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
    let Some(job) = Job::from_arguments(Parser::from_env()).with_context(|| USAGE)? else {
        println!("{USAGE}");
        return Ok(());
    };
    let (mut interrupted, mut terminated) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let done = async {
        match job {
            Job::Bench(settings) => bench(&settings).await,
            Job::Count { folder } => count(&folder).await,
            Job::Order { folder } => order(&folder).await,
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
    Bench(Settings),
    Count { folder: PathBuf },
    Order { folder: PathBuf },
}

/// How to measure, and what to make of it.
#[derive(Debug, PartialEq, Eq)]
struct Settings {
    runs: usize,
    json: bool,
    plot: Option<PathBuf>,
}

impl Job {
    /// What is asked for; none if it is only help.
    fn from_arguments(mut arguments: Parser) -> Result<Option<Self>> {
        let (mut settings, mut only) = (Settings { runs: DEFAULT_RUNS, json: false, plot: None }, None);
        let mut measures = false;
        while let Some(argument) = arguments.next()? {
            match argument {
                Arg::Long("runs") => settings.runs = arguments.value()?.parse()?,
                Arg::Long("json") => settings.json = true,
                Arg::Long("plot") => settings.plot = Some(arguments.value()?.into()),
                Arg::Long("count") => {
                    only = Some(Self::Count { folder: arguments.value()?.into() });
                    continue;
                }
                Arg::Long("order") => {
                    only = Some(Self::Order { folder: arguments.value()?.into() });
                    continue;
                }
                Arg::Long("help") | Arg::Short('h') => return Ok(None),
                other => return Err(other.unexpected().into()),
            }
            measures = true;
        }
        ensure!(settings.runs > 0, "--runs takes a number above 0");
        match only {
            Some(_) if measures => bail!("--count and --order take no other option"),
            Some(job) => Ok(Some(job)),
            None => Ok(Some(Self::Bench(settings))),
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
        counts.insert("webhook".to_owned(), WebhookCounts::of(&webhook, &world, true).await?.to_json());
    }
    if deliver.exists() {
        counts.insert("deliver".to_owned(), DeliverCounts::of(&deliver, &world).await?.to_json());
    }
    println!("{:#}", Value::Object(counts));
    Ok(())
}

/// Says which functions of the handlers in a folder should lie next to each other.
async fn order(folder: &Path) -> Result<()> {
    let world = World::start().await?;
    for function in functions_in_order(&folder.join("webhook"), &folder.join("deliver"), &world).await? {
        println!("{function}");
    }
    Ok(())
}

async fn bench(Settings { runs, json, plot }: &Settings) -> Result<()> {
    let contenders = Contender::of_webhooks().await?;
    let deliver = Contender::deliver().await?;
    let subscribers = Contender::of_topics().await?;
    let local_momento = build_release(&tools_workspace(), "local-momento", "local-momento", Profile::Own).await?;
    let world = World::start().await?;
    let machine = machine::describe()?;

    let mut counted = Vec::new();
    for contender in &contenders {
        counted.push(count_webhooks(contender, &world).await?);
    }
    let deliver_counts = if valgrind_is_here().await {
        let counts = DeliverCounts::of(&deliver.binary, &world).await;
        counts.inspect_err(|error| eprintln!("bench: not counted: {error:#}")).ok()
    } else {
        None
    };

    eprintln!("bench: measuring {runs} processes of each");
    let of_webhooks =
        in_turns(*runs, &contenders, async |contender: &Contender| WebhookRun::of(contender, &world).await).await?;
    let batches = ["10", "1"].map(|calls| world.for_commands(calls));
    let of_batches =
        in_turns(*runs, &batches, async |place: &Place| BatchRun::of(&deliver, place, &world.momento).await);
    let of_batches = of_batches.await?;

    let backlog = Backlog::publish(&local_momento).await?;
    let topics = world.for_topics(&backlog.endpoint);
    let subscriber_runs = (*runs).min(MOST_SUBSCRIBERS);
    let of_topics = in_turns(subscriber_runs, &subscribers, async |contender: &Contender| {
        SubscriberRun::of(contender, &topics, &world).await
    });
    let of_topics = of_topics.await?;

    let webhooks = report::of_webhooks(&contenders, &of_webhooks, &counted);
    let of_webhooks = report::targets_of_webhooks(&webhooks);
    let events = <Batches<'_> as Work>::EVENTS;
    let batches = report::of_batches(vec!["10 at once", "1 at a time"], events, &of_batches, &[deliver_counts, None]);
    let of_batches = report::targets_of_batches(&batches);
    let topics = report::of_subscribers(&subscribers, &of_topics);
    let of_topics = report::targets_of_subscribers(&topics);
    if let Some(plot) = plot {
        let note = format!("Medians of {runs} processes each; {machine}");
        let svg = plot::draw("Start and CPU by contender", &note, &report::panels(&webhooks));
        fs::write(plot, svg).with_context(|| format!("{} cannot be written", plot.display()))?;
    }
    let text = format!(
        "{machine}\n{runs} processes of each in turns, medians (minima); {} warm invocations each\n\n{}\n\
         deliver: {} warm batches of {events} each; Momento takes {} ms to answer\n\n{}\n\
         subscribe: {subscriber_runs} processes of each, a backlog of {MESSAGES} messages\n\n{}",
        webhook_run::WARM,
        report::to_text(&webhooks, &of_webhooks),
        batch_run::WARM,
        ANSWER_TIME.as_millis(),
        report::to_text(&batches, &of_batches),
        report::to_text(&topics, &of_topics),
    );
    if *json {
        eprint!("{text}");
        let json = json!({
            "machine": machine,
            "runs": runs,
            "webhook": report::to_json(&webhooks, &of_webhooks),
            "deliver": report::to_json(&batches, &of_batches),
            "subscribe": report::to_json(&topics, &of_topics),
        });
        println!("{json:#}");
    } else {
        print!("{text}");
    }
    Ok(())
}

/// What there are tools for to count.
async fn count_webhooks(contender: &Contender, world: &World) -> Result<Counted> {
    let mut counted = Counted::default();
    if valgrind_is_here().await {
        eprintln!("bench: counting the instructions of {}", contender.name);
        let counts = WebhookCounts::of(&contender.binary, world, contender.checks_signatures).await;
        // Every answer is checked again when times are measured.
        counted.instructions = counts.inspect_err(|error| eprintln!("bench: not counted: {error:#}")).ok();
    } else {
        eprintln!("bench: valgrind is not installed, so no instructions are counted");
    }
    if strace_is_here().await {
        counted.system_calls = Some(system_calls(contender, world).await?);
    } else {
        eprintln!("bench: strace is not installed, so no system calls are counted");
    }
    Ok(counted)
}

/// Measures some things by turns, so that whatever else the machine is doing disturbs all.
async fn in_turns<'a, T, R>(
    runs: usize,
    all: &'a [T],
    mut measure: impl AsyncFnMut(&'a T) -> Result<R>,
) -> Result<Vec<Vec<R>>> {
    // The first processes only bring the binaries into memory.
    for one in all {
        measure(one).await?;
    }
    let mut measurements: Vec<Vec<R>> = all.iter().map(|_| Vec::new()).collect();
    for run in 1..=runs {
        eprintln!("bench: {run} of {runs}");
        for (one, measurements) in all.iter().zip(&mut measurements) {
            measurements.push(measure(one).await?);
        }
    }
    Ok(measurements)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(arguments: &[&str]) -> Result<Option<Job>> {
        Job::from_arguments(Parser::from_args(arguments))
    }

    #[test]
    fn takes_how_to_measure_or_a_folder() {
        let bench =
            |runs, json, plot: Option<&str>| Some(Job::Bench(Settings { runs, json, plot: plot.map(Into::into) }));
        assert_eq!(given(&[]).unwrap(), bench(DEFAULT_RUNS, false, None));
        assert_eq!(given(&["--json"]).unwrap(), bench(DEFAULT_RUNS, true, None));
        assert_eq!(given(&["--runs", "3"]).unwrap(), bench(3, false, None));
        assert_eq!(given(&["--plot", "x.svg", "--runs", "3", "--json"]).unwrap(), bench(3, true, Some("x.svg")));
        assert_eq!(given(&["--count", "here"]).unwrap(), Some(Job::Count { folder: "here".into() }));
        assert_eq!(given(&["--order", "here"]).unwrap(), Some(Job::Order { folder: "here".into() }));
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
            &["--plot"],
            &["--count"],
            &["--count", "here", "--json"],
            &["--order", "here", "--runs", "3"],
        ] {
            assert!(given(arguments).is_err(), "{arguments:?}");
        }
    }
}
