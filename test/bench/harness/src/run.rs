//! One process of a handler, from its start to its last invocation.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, bail, ensure};
use serde_json::Value;
use tokio::time::sleep;

use crate::aws::FakeAws;
use crate::handler::Handler;
use crate::message::Message;
use crate::process::Process;
use crate::runtime_api::{Ready, RuntimeApi};
use crate::spread::percentile;
use crate::usage::Usage;

/// Invocations of each process after its first.
pub(crate) const WARM_INVOCATIONS: u32 = 2_000;

/// How long a process is left alone before its CPU time is read, so that what it does on the side is counted.
const SETTLE: Duration = Duration::from_millis(20);

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
    /// CPU time of one of them.
    pub(crate) event_cpu: Duration,
    /// In bytes, until the end.
    pub(crate) peak_memory: u64,
}

/// Runs a process of `handler` and measures it. Fails unless every message is answered with success and is on the bus,
/// once and to the byte: the time that errors take is of no interest.
pub(crate) async fn measure(handler: &Handler, aws: &mut FakeAws, folder: &Path) -> Result<Measurement> {
    let api = RuntimeApi::start().await?;
    let mut process = Process::start(&handler.binary, api.address(), aws, folder)?;
    let (started, usage) = (process.started, process.usage());
    let measurement = tokio::select! {
        // First what it told Lambda, then that it has ended.
        biased;
        measurement = drive(started, usage, api, aws) => measurement,
        status = process.ended() => status.and_then(|status| bail!("it ended by itself: {status}")),
    };
    let measurement = measurement.map_err(|error| {
        anyhow!("the {} handler is of no use here: {error:#}\nIt last said:\n{}", handler.name, process.last_words())
    })?;
    process.kill().await?;
    Ok(measurement)
}

async fn drive(started: Instant, usage: Usage, api: RuntimeApi, aws: &mut FakeAws) -> Result<Measurement> {
    let mut lambda = Lambda { api, aws, invocations: 0 };
    let ready = lambda.api.ready().await?;
    let start = ready.at - started;
    sleep(SETTLE).await;
    let start_cpu = usage.cpu()?;

    let (first, mut ready) = lambda.invoke(ready).await?;
    sleep(SETTLE).await;
    let before = usage.cpu()?;
    let mut warm = Vec::new();
    for _ in 0..WARM_INVOCATIONS {
        let (took, next) = lambda.invoke(ready).await?;
        warm.push(took);
        ready = next;
    }
    sleep(SETTLE).await;
    let event_cpu = usage.cpu()?.saturating_sub(before) / WARM_INVOCATIONS;
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
struct Lambda<'a> {
    api: RuntimeApi,
    aws: &'a mut FakeAws,
    invocations: u64,
}

impl Lambda<'_> {
    /// Delivers a message; returns how long that took, and the process when it is ready for the next one.
    async fn invoke(&mut self, ready: Ready) -> Result<(Duration, Ready)> {
        self.invocations += 1;
        let message = Message::now(self.invocations)?;
        let outcome = self.api.invoke(ready, self.invocations, message.invocation()).await?;
        let answer: Value = serde_json::from_slice(&outcome.answer)?;
        ensure!(answer.get("statusCode").and_then(Value::as_u64) == Some(200), "it answered {answer}");
        let events = self.aws.take_events();
        ensure!(matches!(events.as_slice(), [event] if message.is(event)), "the bus was sent {events:?}");
        Ok((outcome.took, self.api.ready().await?))
    }
}
