//! What one process of the handler of commands takes.

use std::time::Duration;

use anyhow::Result;

use crate::batch::Batches;
use crate::contender::Contender;
use crate::momento::FakeMomento;
use crate::run::{Phase, Start, in_process};
use crate::world::Place;

/// Batches of each process after its first. One at a time, each of these takes as long as ten answers.
pub(crate) const WARM: u32 = 40;

/// A process's measurements.
pub(crate) struct BatchRun {
    pub(crate) start: Start,
    /// The first batch.
    pub(crate) first: Duration,
    /// The others.
    pub(crate) warm: Phase,
    /// In bytes.
    pub(crate) peak_memory: u64,
}

impl BatchRun {
    /// Starts a process and measures it.
    pub(crate) async fn of(deliver: &Contender, place: &Place, momento: &FakeMomento) -> Result<Self> {
        in_process(&deliver.binary, place, async |mut session| {
            let start = session.start().await?;
            let mut batches = Batches::for_momento(momento);
            let first = session.invoke(&mut batches).await?;
            let warm = session.repeat(&mut batches, WARM).await?;
            Ok(Self { start, first, warm, peak_memory: session.usage.peak_memory()? })
        })
        .await
    }
}
