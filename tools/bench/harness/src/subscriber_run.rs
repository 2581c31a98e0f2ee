//! What one process of a subscriber takes.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use tokio::time::sleep;

use crate::backlog::{MESSAGES, check, input};
use crate::contender::Contender;
use crate::run::{SETTLE, Start, in_process};
use crate::world::{Place, World};

/// How long one is watched that has nothing to do: long enough for heartbeats and the renewals of a lease.
pub(crate) const IDLE: Duration = Duration::from_secs(20);
/// What Lambda allows at most.
const FUNCTION_TIMEOUT: Duration = Duration::from_mins(15);
/// The longest wait for the backlog.
const PATIENCE: Duration = Duration::from_mins(1);
/// How often the bus is looked at.
const LOOK: Duration = Duration::from_millis(2);

/// A process's measurements.
pub(crate) struct SubscriberRun {
    pub(crate) start: Start,
    /// From its invocation until the whole backlog is on the bus.
    pub(crate) backlog: Duration,
    /// Events in a call to the bus, on average.
    pub(crate) events_a_call: f64,
    /// CPU time of one message of it.
    pub(crate) message_cpu: Duration,
    /// In bytes, until then.
    pub(crate) peak_memory: u64,
    /// CPU time in [`IDLE`], when there is nothing more to do.
    pub(crate) idle_cpu: Duration,
}

impl SubscriberRun {
    /// Starts a process and measures it.
    pub(crate) async fn of(contender: &Contender, place: &Place, world: &World) -> Result<Self> {
        world.aws.clear_table();
        in_process(&contender.binary, place, async |mut session| {
            let start = session.start().await?;
            world.aws.take_calls();
            let put_before = world.aws.events();
            let given = Instant::now();
            session.give(input(), FUNCTION_TIMEOUT).await?;
            while world.aws.events() - put_before < u64::from(MESSAGES) {
                ensure!(given.elapsed() < PATIENCE, "{} events are on the bus", world.aws.events() - put_before);
                sleep(LOOK).await;
            }
            let backlog = given.elapsed();
            sleep(SETTLE).await;
            let cpu = session.usage.cpu()?;
            let message_cpu = cpu.saturating_sub(start.cpu) / MESSAGES;
            let peak_memory = session.usage.peak_memory()?;
            sleep(IDLE).await;
            let idle_cpu = session.usage.cpu()?.saturating_sub(cpu);
            let calls = world.aws.take_calls();
            check(&calls.concat())?;
            let events_a_call = f64::from(MESSAGES) / f64::from(u32::try_from(calls.len())?);
            Ok(Self { start, backlog, events_a_call, message_cpu, peak_memory, idle_cpu })
        })
        .await
    }
}
