//! Who reads the topics, and how far: a lease and a checkpoint for each topic, in a table that invocations share.
//!
//! Each holder of the lease has a fencing number, one greater than the last one's. A holder takes each topic over before it
//! reads it, and from then on no earlier holder can write the topic's checkpoint, however late it wakes up.

use crate::clock::UnixMillis;
use crate::momento::pubsub::{ResumeAt, Topic};
use crate::service_error::ServiceError;

/// A holder's number. That of a later one is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fence(pub u64);

/// Who holds the lease, or held it last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The holder's number.
    pub fence: Fence,
    /// Who it is.
    pub holder: String,
    /// What it does: another plan is a reason to take over.
    pub plan: String,
    /// Until when it holds, by the holder's clock; 0 once it has given the lease up.
    pub expires: UnixMillis,
    /// From when on it looks for a successor often, by its clock.
    pub hands_over_from: UnixMillis,
    /// Who waits for it, if somebody does.
    pub successor: Option<String>,
}

/// Who wants the lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bid {
    /// Who.
    pub holder: String,
    /// What for.
    pub plan: String,
    /// Until when.
    pub expires: UnixMillis,
    /// From when on it will look for a successor often.
    pub hands_over_from: UnixMillis,
}

/// The checkpoint of a topic: where its next holder goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    /// The holder's number.
    pub fence: Fence,
    /// Which of the holder's checkpoints of this topic it is, from 1: one that arrives late must not replace a later one.
    pub revision: u64,
    /// Where to go on.
    pub resume_at: ResumeAt,
}

/// The answer to who holds a number that is no longer the newest: somebody else has taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("another invocation has taken over")]
pub struct Fenced;

/// The table.
pub trait CheckpointTable {
    /// The lease, if anybody ever held it.
    async fn lease(&self) -> Result<Option<Lease>, ServiceError>;

    /// Takes the lease over from the holder that was `seen`, if nobody else has since. Asked again after an answer that was
    /// lost, it may say `None` to who has it: see who holds it then.
    async fn acquire(&self, bid: &Bid, seen: Option<Fence>) -> Result<Option<Fence>, ServiceError>;

    /// Holds the lease until `expires`, and says who waits for it, if anybody does.
    async fn renew(&self, fence: Fence, expires: UnixMillis) -> Result<Result<Option<String>, Fenced>, ServiceError>;

    /// Tells the holder that somebody waits.
    async fn announce(&self, holder: Fence, successor: &str) -> Result<Result<(), Fenced>, ServiceError>;

    /// Gives the lease up.
    async fn release(&self, fence: Fence) -> Result<Result<(), Fenced>, ServiceError>;

    /// Keeps earlier holders from writing a topic's checkpoint from now on, and says what it is, if there is one.
    async fn take_over(&self, topic: &Topic, fence: Fence) -> Result<Result<Option<ResumeAt>, Fenced>, ServiceError>;

    /// Writes a topic's checkpoint, unless a later one of the same holder is there.
    async fn write(&self, topic: &Topic, checkpoint: &Checkpoint) -> Result<Result<(), Fenced>, ServiceError>;
}
