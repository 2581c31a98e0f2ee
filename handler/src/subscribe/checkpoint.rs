//! How far a topic has been published, and the writing of its checkpoint after it: what is published is written soon, and
//! however fast messages come, at most once an interval, or once in so many messages.

use std::cell::Cell;
use std::time::Duration;

use tokio::sync::{Notify, Semaphore};
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

use crate::checkpoints::{Checkpoint, CheckpointTable, Fence, Fenced};
use crate::momento::pubsub::Topic;
use crate::service_error::ServiceError;

use super::position::Position;

/// How often a topic's checkpoint is written at most: what a busy topic costs, against the copies after a crash.
const INTERVAL: Duration = Duration::from_secs(1);
/// After how many messages it is written sooner: a holder that dies while it catches up leaves this many copies, and those of the
/// calls that run, not a second's.
const MAX_UNWRITTEN: usize = 100;
/// How soon the last checkpoint is tried again.
const LAST_INTERVAL: Duration = Duration::from_millis(100);
/// The longest wait for one call to the table.
const CALL_TIMEOUT: Duration = Duration::from_secs(2);

/// How far a topic has been published: all before is on the bus, parked, or reported as missed.
#[derive(Debug)]
pub(super) struct Progress {
    published: Cell<Option<Position>>,
    /// How many messages were published since a checkpoint was last written.
    unwritten: Cell<usize>,
    is_finished: Cell<bool>,
    changed: Notify,
}

impl Progress {
    /// That of a topic with this checkpoint, if there is one.
    pub(super) fn new(checkpoint: Option<Position>) -> Self {
        Self {
            published: Cell::new(checkpoint),
            unwritten: Cell::new(0),
            is_finished: Cell::new(false),
            changed: Notify::new(),
        }
    }

    /// How far the topic has been published; `None` as long as no subscription was accepted.
    pub(super) fn published(&self) -> Option<Position> {
        self.published.get()
    }

    pub(super) fn advance(&self, position: Position) {
        self.published.set(Some(position));
        self.unwritten.set(self.unwritten.get() + 1);
        self.changed.notify_one();
    }

    /// Nothing more will be published.
    pub(super) fn finish(&self) {
        self.is_finished.set(true);
        self.changed.notify_one();
    }

    /// Writes checkpoints until the last one is written.
    pub(super) async fn write<T: CheckpointTable>(
        &self,
        table: &T,
        calls: &Semaphore,
        topic: &Topic,
        fence: Fence,
    ) -> Result<(), Fenced> {
        let mut written = self.published.get();
        let mut revision = 0;
        loop {
            let Some(position) = self.published.get().filter(|position| Some(*position) != written) else {
                if self.is_finished.get() {
                    return Ok(());
                }
                self.changed.notified().await;
                continue;
            };
            let started = Instant::now();
            self.unwritten.set(0);
            revision += 1;
            let checkpoint = Checkpoint { fence, revision, resume_at: position.resume_at() };
            // Never closed.
            let turn = calls.acquire().await;
            let answer = timeout(CALL_TIMEOUT, table.write(topic, &checkpoint)).await;
            drop(turn);
            match answer.unwrap_or(Err(ServiceError::TimedOut)) {
                Ok(Ok(())) => written = Some(position),
                Ok(Err(fenced)) => return Err(fenced),
                Err(error) => tracing::warn!(%topic, %error, "a checkpoint could not be written"),
            }
            let may_wait = || !self.is_finished.get() && self.unwritten.get() < MAX_UNWRITTEN;
            while may_wait() && Instant::now() < started + INTERVAL {
                let _ = timeout_at(started + INTERVAL, self.changed.notified()).await;
            }
            if written != Some(position) {
                sleep_until(started + LAST_INTERVAL).await;
            }
        }
    }
}
