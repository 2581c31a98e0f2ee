//! One process of a handler, from its start to its last invocation.

use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, bail};
use tokio::time::sleep;

use crate::handler::Handler;
use crate::process::Process;
use crate::runtime_api::{Ready, RuntimeApi};
use crate::spread::percentile;
use crate::usage::Usage;
use crate::world::Place;

/// What a handler is given to do.
pub(crate) trait Work {
    /// The events in one invocation.
    const EVENTS: u32;
    /// Invocations of each process after its first.
    const WARM_INVOCATIONS: u32;

    /// An invocation that no other is like.
    fn invocation(&mut self, number: u64) -> Result<String>;

    /// Fails unless what was last given has been done, once and to the byte.
    fn check(&mut self, answer: &[u8]) -> Result<()>;
}

/// How long a process is left alone before its CPU time is read, so that what it does on the side is counted.
const SETTLE: Duration = Duration::from_millis(20);
/// The same under valgrind, which slows a process some fifty times down.
pub(crate) const SETTLE_COUNTED: Duration = Duration::from_secs(1);

/// What one process took.
pub(crate) struct Measurement {
    /// From `exec` to asking for work.
    pub(crate) start: Duration,
    /// CPU time until then.
    pub(crate) start_cpu: Duration,
    /// The first invocation.
    pub(crate) first: Duration,
    /// The median of the others.
    pub(crate) warm: Duration,
    /// Their 99th percentile.
    pub(crate) warm_p99: Duration,
    /// CPU time of one event.
    pub(crate) event_cpu: Duration,
    /// In bytes, until the end.
    pub(crate) peak_memory: u64,
}

/// Runs a process of `handler` and measures it. Fails unless all that it is given is done: the time that errors take is of no
/// interest.
pub(crate) async fn measure(handler: &Handler, place: &Place, work: impl Work) -> Result<Measurement> {
    let api = RuntimeApi::start().await?;
    let mut process = Process::start(&handler.binary, api.address(), place)?;
    let (started, usage) = (process.started, process.usage());
    let measurement = tokio::select! {
        // First what it told Lambda, then that it has ended.
        biased;
        measurement = drive(started, usage, api, work) => measurement,
        status = process.ended() => status.and_then(|status| bail!("it ended by itself: {status}")),
    };
    let measurement = measurement.map_err(|error| {
        anyhow!("the {} handler cannot be measured: {error:#}\nIt last said:\n{}", handler.name, process.last_words())
    })?;
    process.kill().await?;
    Ok(measurement)
}

async fn drive<W: Work>(started: Instant, usage: Usage, api: RuntimeApi, work: W) -> Result<Measurement> {
    let mut lambda = Lambda::new(api, work);
    let ready = lambda.ready().await?;
    let start = ready.at - started;
    sleep(SETTLE).await;
    let start_cpu = usage.cpu()?;

    let (first, mut ready) = lambda.invoke(ready).await?;
    sleep(SETTLE).await;
    let before = usage.cpu()?;
    let mut warm = Vec::new();
    for _ in 0..W::WARM_INVOCATIONS {
        let (took, next) = lambda.invoke(ready).await?;
        warm.push(took);
        ready = next;
    }
    sleep(SETTLE).await;
    let event_cpu = usage.cpu()?.saturating_sub(before) / (W::WARM_INVOCATIONS * W::EVENTS);
    warm.sort_unstable();
    Ok(Measurement {
        start,
        start_cpu,
        first,
        warm: percentile(&warm, 50),
        warm_p99: percentile(&warm, 99),
        event_cpu,
        peak_memory: usage.peak_memory()?,
    })
}

/// Who calls the handler and looks at what comes of it.
pub(crate) struct Lambda<W> {
    api: RuntimeApi,
    work: W,
    invocations: u64,
}

impl<W: Work> Lambda<W> {
    pub(crate) fn new(api: RuntimeApi, work: W) -> Self {
        Self { api, work, invocations: 0 }
    }

    /// Waits until it is ready for work.
    pub(crate) async fn ready(&mut self) -> Result<Ready> {
        self.api.ready().await
    }

    /// Invokes it; returns how long that took, and the process when it is ready for the next one.
    pub(crate) async fn invoke(&mut self, ready: Ready) -> Result<(Duration, Ready)> {
        self.invocations += 1;
        let event = self.work.invocation(self.invocations)?;
        let outcome = self.api.invoke(ready, self.invocations, event).await?;
        self.work.check(&outcome.answer)?;
        Ok((outcome.took, self.ready().await?))
    }
}
