//! The instructions of each thing that a handler does.

use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::batch::Batches;
use crate::instructions::{Counted, in_processes};
use crate::message::{TEXT, Webhooks};
use crate::world::World;

/// So many signatures that match none make the webhook handler read its secret again at once; later ones do once in 5 s.
const READS_AT_ONCE: u32 = 12;

/// What a handler of webhooks executes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
        let count = async |process: &mut Counted| Self::count(process, world, checks_signatures).await;
        let counts = in_processes(binary, &place, count).await?;
        counts.into_iter().reduce(Self::least).context("no process was counted")
    }

    async fn count(process: &mut Counted, world: &World, checks_signatures: bool) -> Result<Self> {
        let messages = |bytes| Webhooks::for_bus_of(&world.aws).of_size(bytes);
        let start = process.start().await?.instructions;
        let first = process.invoke(&mut messages(TEXT.len())).await?.instructions;
        let warm = process.repeat(&mut messages(TEXT.len())).await?.instructions;
        let warm_4_kb = process.repeat(&mut messages(4_096)).await?.instructions;
        let warm_100_kb = process.repeat(&mut messages(102_400)).await?.instructions;
        let refused = if checks_signatures {
            let mut forged = messages(TEXT.len()).then_forged();
            // These make the handler read its secret again, of which it does not do much.
            for _ in 0..READS_AT_ONCE {
                process.invoke(&mut forged).await?;
            }
            Some(process.repeat(&mut forged).await?.instructions)
        } else {
            None
        };
        Ok(Self { start, first, warm, warm_4_kb, warm_100_kb, refused })
    }

    /// What is least of each. A start and a first event stay together: what one does not do, the other one does.
    fn least(self, other: Self) -> Self {
        let (start, first) = cheaper((self.start, self.first), (other.start, other.first));
        Self {
            start,
            first,
            warm: self.warm.min(other.warm),
            warm_4_kb: self.warm_4_kb.min(other.warm_4_kb),
            warm_100_kb: self.warm_100_kb.min(other.warm_100_kb),
            refused: self.refused.min(other.refused),
        }
    }

    pub(crate) fn to_json(self) -> Value {
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
        let count = async |process: &mut Counted| Self::count(process, world).await;
        let counts = in_processes(binary, &place, count).await?;
        counts.into_iter().reduce(Self::least).context("no process was counted")
    }

    async fn count(process: &mut Counted, world: &World) -> Result<Self> {
        let mut batches = Batches::for_momento(&world.momento);
        let start = process.start().await?.instructions;
        let first_batch = process.invoke(&mut batches).await?.instructions;
        // Until then it may still open connections.
        for _ in 0..2 {
            process.invoke(&mut batches).await?;
        }
        Ok(Self { start, first_batch, batch: process.repeat(&mut batches).await?.instructions })
    }

    fn least(self, other: Self) -> Self {
        let (start, first_batch) = cheaper((self.start, self.first_batch), (other.start, other.first_batch));
        Self { start, first_batch, batch: self.batch.min(other.batch) }
    }

    pub(crate) fn to_json(self) -> Value {
        json!({ "start": self.start, "firstBatch": self.first_batch, "batch": self.batch })
    }
}

/// Of two starts, each with the first invocation after it, the one that is less together.
fn cheaper(one: (u64, u64), other: (u64, u64)) -> (u64, u64) {
    [one, other].into_iter().min_by_key(|(start, first)| start + first).unwrap_or(one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_least_of_each_but_start_and_first_event_of_one_process() {
        let one = WebhookCounts { start: 14, first: 7, warm: 3, warm_4_kb: 4, warm_100_kb: 5, refused: Some(2) };
        let other = WebhookCounts { start: 19, first: 1, warm: 2, warm_4_kb: 5, warm_100_kb: 6, refused: Some(1) };
        let least = WebhookCounts { start: 19, first: 1, warm: 2, warm_4_kb: 4, warm_100_kb: 5, refused: Some(1) };
        assert_eq!(one.least(other), least);
        assert_eq!(other.least(one), least);
    }
}
