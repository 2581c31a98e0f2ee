//! Remembers which requests this environment took, for as long as they stay fresh.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use crate::clock::UnixMillis;
use momento_signature::Signature;

/// How many requests are remembered at most: over twice what five webhooks (Momento's limit for a cache) deliver at
/// 5 a second each (their limit too) in the default window of 70 s, in about half a megabyte.
pub const CAPACITY: usize = 4096;

/// The requests taken in the last freshness window. Bounded: where more come, the oldest are forgotten first.
#[derive(Debug)]
pub struct TakenRequests {
    window: Duration,
    taken: HashSet<Signature>,
    in_order: VecDeque<(UnixMillis, Signature)>,
}

impl TakenRequests {
    /// A memory that keeps each request for `window`, after which it is no longer fresh.
    #[must_use]
    pub fn new(window: Duration) -> Self {
        Self { window, taken: HashSet::new(), in_order: VecDeque::new() }
    }

    /// Claims a request, named by its signature; `false` if that was claimed before.
    pub fn claim(&mut self, signature: Signature, now: UnixMillis) -> bool {
        self.forget_expired(now);
        if !self.taken.insert(signature) {
            return false;
        }
        self.in_order.push_back((now, signature));
        true
    }

    /// Gives a claim back, so that the request can be sent again: it reached neither the bus nor the queue.
    pub fn release(&mut self, signature: &Signature) {
        self.taken.remove(signature);
        self.in_order.retain(|(_, taken)| taken != signature);
    }

    fn forget_expired(&mut self, now: UnixMillis) {
        while let Some((at, oldest)) = self.in_order.front() {
            if self.in_order.len() < CAPACITY && now.since(*at) <= self.window {
                break;
            }
            self.taken.remove(oldest);
            self.in_order.pop_front();
        }
    }
}
