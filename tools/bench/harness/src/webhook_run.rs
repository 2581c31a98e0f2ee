//! What one process of a handler of webhooks takes.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use crate::contender::Contender;
use crate::message::Webhooks;
use crate::run::{Phase, Start, in_process};
use crate::world::World;

/// Invocations of each process after its first, by what they carry. The larger, the fewer: they take longer, and spread less.
pub(crate) const WARM: u32 = 2_000;
const OF_4_KB: u32 = 300;
const OF_100_KB: u32 = 60;
const REFUSED: u32 = 500;
const DISCONNECTED: u32 = 10;
/// The first refusals make a handler read its secret again, of which it does not do much.
const REFUSED_FIRST: u32 = 20;

/// A process's measurements.
pub(crate) struct WebhookRun {
    pub(crate) start: Start,
    /// From `exec` until it is ready for work and connected to the bus. For one that connects with its first event: what that takes
    /// until then is added to its start.
    pub(crate) connected: Duration,
    /// The first invocation.
    pub(crate) first: Duration,
    /// Events with a text of 256 bytes.
    pub(crate) warm: Phase,
    /// In bytes, until then.
    pub(crate) peak_memory: u64,
    /// Events with a text of 4,096 bytes.
    pub(crate) of_4_kb: Phase,
    /// Events with a text of 102,400 bytes.
    pub(crate) of_100_kb: Phase,
    /// Events whose connection to the bus has been closed since the one before.
    pub(crate) disconnected: Phase,
    /// Requests that somebody else has signed, of a handler that looks.
    pub(crate) refused: Option<Phase>,
}

impl WebhookRun {
    /// Starts a process and measures it.
    pub(crate) async fn of(contender: &Contender, world: &World) -> Result<Self> {
        let aws = &world.aws;
        in_process(&contender.binary, &world.for_webhooks(), async |mut session| {
            let before = aws.bus_connected();
            let opened = || aws.bus_connected().filter(|at| before.is_none_or(|before| *at > before));
            let start = session.start().await?;
            let connected_early = opened();
            let mut webhooks = Webhooks::for_bus_of(aws);
            let invoked = Instant::now();
            let first = session.invoke(&mut webhooks).await?;
            let connected = match connected_early {
                Some(at) => session.since_start(at).max(start.time),
                None => start.time + (opened().context("the bus has no connection")? - invoked),
            };
            let warm = session.repeat(&mut webhooks, WARM).await?;
            let peak_memory = session.usage.peak_memory()?;
            let of_4_kb = session.repeat(&mut Webhooks::for_bus_of(aws).of_size(4_096), OF_4_KB).await?;
            let of_100_kb = session.repeat(&mut Webhooks::for_bus_of(aws).of_size(102_400), OF_100_KB).await?;
            let disconnected = session.repeat(&mut Webhooks::for_bus_of(aws).disconnected(), DISCONNECTED).await?;
            let refused = if contender.checks_signatures {
                let mut forged = Webhooks::for_bus_of(aws).then_forged();
                session.repeat(&mut forged, REFUSED_FIRST).await?;
                Some(session.repeat(&mut forged, REFUSED).await?)
            } else {
                None
            };
            Ok(Self { start, connected, first, warm, peak_memory, of_4_kb, of_100_kb, disconnected, refused })
        })
        .await
    }
}
