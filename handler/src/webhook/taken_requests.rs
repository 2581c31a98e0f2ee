//! Remembers which requests this environment took, for as long as they stay fresh.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use momento_signature::Signature;

use crate::clock::UnixMillis;

/// How many requests are remembered at most, in some 3 MB: 700 a second in the default window of 70 s, where Momento delivers 5
/// a second for a webhook, and an environment handles one request at a time.
pub const CAPACITY: usize = 50_000;

/// The requests taken in the last freshness window. Only genuine and fresh ones are, so a stranger cannot fill the memory.
/// Where more come than it holds, the oldest are forgotten, and so is whether an unknown request, published no later than
/// one of those, was one of them.
#[derive(Debug)]
pub struct TakenRequests {
    window: Duration,
    taken: HashSet<u128>,
    in_order: VecDeque<Taken>,
    /// When the newest of those was published that were forgotten before they were stale.
    forgotten_until: Option<UnixMillis>,
}

#[derive(Debug)]
struct Taken {
    at: UnixMillis,
    published: UnixMillis,
    /// [`Signature::id`]: half of a signature takes half the memory.
    id: u128,
}

/// What the memory says of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recall {
    /// It was not taken before, and is claimed now.
    New,
    /// It was taken before.
    Taken,
    /// It may have been taken before, and forgotten. It is not claimed.
    Forgotten,
}

impl TakenRequests {
    /// A memory that keeps each request for `window`, after which it is no longer fresh.
    #[must_use]
    pub fn new(window: Duration) -> Self {
        Self { window, taken: HashSet::new(), in_order: VecDeque::new(), forgotten_until: None }
    }

    /// Claims a request, named by its signature, whose message was published then.
    pub fn claim(&mut self, signature: Signature, published: UnixMillis, now: UnixMillis) -> Recall {
        while self.in_order.front().is_some_and(|oldest| now.since(oldest.at) > self.window) {
            self.forget_oldest();
        }
        let id = signature.id();
        if self.taken.contains(&id) {
            return Recall::Taken;
        }
        if self.forgotten_until.is_some_and(|forgotten_until| published <= forgotten_until) {
            return Recall::Forgotten;
        }
        if self.in_order.len() >= CAPACITY {
            self.forgotten_until = self.forgotten_until.max(self.forget_oldest());
        }
        self.taken.insert(id);
        self.in_order.push_back(Taken { at: now, published, id });
        Recall::New
    }

    /// Gives a claim back, so that the request can be sent again: it reached neither the bus nor the queue.
    pub fn release(&mut self, signature: &Signature) {
        let id = signature.id();
        self.taken.remove(&id);
        self.in_order.retain(|taken| taken.id != id);
    }

    /// Says when the message of that request was published.
    fn forget_oldest(&mut self) -> Option<UnixMillis> {
        let oldest = self.in_order.pop_front()?;
        self.taken.remove(&oldest.id);
        Some(oldest.published)
    }
}
