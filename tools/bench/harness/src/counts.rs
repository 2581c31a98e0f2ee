//! The instructions of each thing that a handler does, as differences between processes that do more and less of it.

use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};

use crate::batch::Batches;
use crate::instructions::count;
use crate::message::{TEXT, Webhooks};
use crate::world::World;

/// What a handler of webhooks executes.
pub(crate) struct WebhookCounts {
    /// From `exec` until it waits for work.
    pub(crate) start: u64,
    /// Its first event.
    pub(crate) first: u64,
    /// A later one, with a text of 256 bytes.
    pub(crate) warm: u64,
    /// One with a text of 4,096 bytes.
    pub(crate) warm_4_kb: u64,
    /// One with a text of 102,400 bytes.
    pub(crate) warm_100_kb: u64,
    /// A request that somebody else has signed; none of a handler that does not look.
    pub(crate) refused: Option<u64>,
}

impl WebhookCounts {
    pub(crate) async fn of(binary: &Path, world: &World, checks_signatures: bool) -> Result<Self> {
        let place = world.for_webhooks();
        let run = async |bytes: usize, invocations: u32| {
            count(binary, &place, || Webhooks::for_bus_of(&world.aws).of_size(bytes), invocations).await
        };
        let warm = async |bytes: usize, invocations: u32| -> Result<u64> {
            let fewer = run(bytes, 1).await?;
            Ok((run(bytes, 1 + invocations).await?.saturating_sub(fewer)) / u64::from(invocations))
        };
        let (warm_4_kb, warm_100_kb) = (warm(4_096, 50).await?, warm(102_400, 20).await?);
        let (start, first) = (run(TEXT.len(), 0).await?, run(TEXT.len(), 1).await?);
        let warm = (run(TEXT.len(), 101).await? - first) / 100;
        // The first of them make the handler read its secret again, of which it does not do much.
        let forged = async |invocations: u32| {
            count(binary, &place, || Webhooks::for_bus_of(&world.aws).then_forged(), invocations).await
        };
        let refused = if checks_signatures { Some((forged(1_020).await? - forged(20).await?) / 1_000) } else { None };
        Ok(Self { start, first: first - start, warm, warm_4_kb, warm_100_kb, refused })
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({
            "start": self.start,
            "first": self.first,
            "warm": self.warm,
            "warm4KB": self.warm_4_kb,
            "warm100KB": self.warm_100_kb,
            "refused": self.refused,
        })
    }
}

/// What the handler of commands executes.
pub(crate) struct DeliverCounts {
    /// From `exec` until it waits for work.
    pub(crate) start: u64,
    /// Its first full batch.
    pub(crate) first_batch: u64,
    /// A later one, when all connections are open.
    pub(crate) batch: u64,
}

impl DeliverCounts {
    pub(crate) async fn of(binary: &Path, world: &World) -> Result<Self> {
        let place = world.for_commands("10");
        let run = async |batches: u32| count(binary, &place, || Batches::for_momento(&world.momento), batches).await;
        let (start, first) = (run(0).await?, run(1).await?);
        // Until then it may still open connections.
        let third = run(3).await?;
        let batch = (run(23).await? - third) / 20;
        Ok(Self { start, first_batch: first - start, batch })
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({ "start": self.start, "firstBatch": self.first_batch, "batch": self.batch })
    }
}
