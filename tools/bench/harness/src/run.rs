//! One process of a contender, from its start to its last invocation.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, bail};
use tokio::time::sleep;

use crate::process::Process;
use crate::runtime_api::{Ready, RuntimeApi};
use crate::spread::percentile;
use crate::usage::Usage;
use crate::world::Place;

/// What a handler is given to do.
pub(crate) trait Work {
    /// The events in one invocation.
    const EVENTS: u32;

    /// An invocation that no other is like.
    fn invocation(&mut self, number: u64) -> Result<String>;

    /// What has to happen before the next invocation, outside of its time.
    async fn prepare(&mut self) {}

    /// Fails unless what was last given has been done, once and to the byte.
    fn check(&mut self, answer: &[u8]) -> Result<()>;
}

/// How long a process is left alone before its CPU time is read, so that what it does on the side is counted.
pub(crate) const SETTLE: Duration = Duration::from_millis(20);

/// A running process, and who calls it.
pub(crate) struct Session {
    /// Its number.
    pub(crate) id: u32,
    /// What it uses.
    pub(crate) usage: Usage,
    started: Instant,
    lambda: Lambda,
}

/// How it started.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Start {
    /// From `exec` to asking for work.
    pub(crate) time: Duration,
    /// CPU time until then.
    pub(crate) cpu: Duration,
}

/// What many invocations took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Phase {
    /// The median of their times.
    pub(crate) median: Duration,
    /// The 99th percentile.
    pub(crate) p99: Duration,
    /// CPU time of one event.
    pub(crate) cpu: Duration,
}

/// Runs a process of `binary` and calls it as `drive` says. Fails unless all that it is given is done: the time that errors
/// take is of no interest.
pub(crate) async fn in_process<T>(
    binary: &Path,
    place: &Place,
    drive: impl AsyncFnOnce(Session) -> Result<T>,
) -> Result<T> {
    let api = RuntimeApi::start().await?;
    let mut process = Process::start(binary, api.address(), place)?;
    let session =
        Session { id: process.id(), usage: process.usage(), started: process.started, lambda: Lambda::new(api) };
    let result = tokio::select! {
        // First what it told Lambda, then that it has ended.
        biased;
        result = drive(session) => result,
        status = process.ended() => status.and_then(|status| bail!("it ended by itself: {status}")),
    };
    let result = result.map_err(|error| {
        anyhow!("{} cannot be measured: {error:#}\nIt last said:\n{}", binary.display(), process.last_words())
    })?;
    process.kill().await?;
    Ok(result)
}

impl Session {
    /// Waits until it is ready for work, and has done what it does on the side.
    pub(crate) async fn start(&mut self) -> Result<Start> {
        let time = self.lambda.ready().await? - self.started;
        sleep(SETTLE).await;
        Ok(Start { time, cpu: self.usage.cpu()? })
    }

    /// How long after its start this was.
    pub(crate) fn since_start(&self, time: Instant) -> Duration {
        time - self.started
    }

    /// Invokes it; returns how long that took.
    pub(crate) async fn invoke(&mut self, work: &mut impl Work) -> Result<Duration> {
        self.lambda.invoke(work).await
    }

    /// Gives it work that ends only with it, if it may take so long.
    pub(crate) async fn give(&mut self, event: String, timeout: Duration) -> Result<()> {
        self.lambda.give(event, timeout).await
    }

    /// Invokes it so many times.
    pub(crate) async fn repeat<W: Work>(&mut self, work: &mut W, times: u32) -> Result<Phase> {
        sleep(SETTLE).await;
        let before = self.usage.cpu()?;
        let mut took = Vec::new();
        for _ in 0..times {
            took.push(self.lambda.invoke(work).await?);
        }
        sleep(SETTLE).await;
        let cpu = self.usage.cpu()?.saturating_sub(before) / (times * W::EVENTS);
        took.sort_unstable();
        Ok(Phase { median: percentile(&took, 50), p99: percentile(&took, 99), cpu })
    }
}

/// Who calls the handler and looks at what comes of it.
pub(crate) struct Lambda {
    api: RuntimeApi,
    ready: Option<Ready>,
    invocations: u64,
}

impl Lambda {
    pub(crate) fn new(api: RuntimeApi) -> Self {
        Self { api, ready: None, invocations: 0 }
    }

    /// Waits until it is ready for work; returns since when.
    pub(crate) async fn ready(&mut self) -> Result<Instant> {
        let ready = self.take_ready().await?;
        Ok(self.ready.insert(ready).at)
    }

    async fn take_ready(&mut self) -> Result<Ready> {
        match self.ready.take() {
            Some(ready) => Ok(ready),
            None => self.api.ready().await,
        }
    }

    /// Gives it work, and does not wait for the answer.
    async fn give(&mut self, event: String, timeout: Duration) -> Result<()> {
        let ready = self.take_ready().await?;
        self.invocations += 1;
        RuntimeApi::give(ready, self.invocations, event, timeout).map(drop)
    }

    /// Invokes it, and waits until it is ready for the next one; returns how long the invocation took.
    pub(crate) async fn invoke(&mut self, work: &mut impl Work) -> Result<Duration> {
        let ready = self.take_ready().await?;
        work.prepare().await;
        self.invocations += 1;
        let event = work.invocation(self.invocations)?;
        let outcome = self.api.invoke(ready, self.invocations, event).await?;
        work.check(&outcome.answer)?;
        self.ready().await?;
        Ok(outcome.took)
    }
}
