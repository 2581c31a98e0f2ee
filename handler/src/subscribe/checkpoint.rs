//! How far a topic has been published, and the writing of its checkpoint after it: what is published is written soon, and
//! however fast messages come, at most once an interval, or once in so many messages.

use std::cell::Cell;
use std::time::Duration;

use tokio::sync::{Notify, Semaphore};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use crate::checkpoints::{Checkpoint, CheckpointTable, Fence, Fenced};
use crate::momento::pubsub::Topic;
use crate::retry::Backoff;
use crate::service_error::ServiceError;

use super::position::Position;

/// How often a topic's checkpoint is written at most: what a busy topic costs, against the copies after a crash.
const INTERVAL: Duration = Duration::from_secs(1);
/// After how many messages it is written sooner, but not within the short interval: a holder that dies leaves this many copies,
/// and those of the calls that run. Ten messages cost 16 times as much at the bus as a write at the table.
const FEW_UNWRITTEN: usize = 10;
const SHORT_INTERVAL: Duration = Duration::from_millis(100);
/// After how many messages it is written in any case: the copies of a holder that dies while it catches up. A write takes about
/// as much of the processor as a call to the bus with its ten messages.
const MAX_UNWRITTEN: usize = 100;
/// How soon, from one half of it up, a checkpoint that could not be written is tried again. The longest wait is [`INTERVAL`].
const FIRST_BACKOFF: Duration = Duration::from_millis(100);
/// The longest wait for one call to the table. Its calls take milliseconds.
const CALL_TIMEOUT: Duration = Duration::from_secs(1);

/// How far a topic has been published: all before is on the bus, parked, or reported as missed.
#[derive(Debug)]
pub(super) struct Progress {
    published: Cell<Option<Position>>,
    /// The checkpoint in the table.
    written: Cell<Option<Position>>,
    /// How many messages were published since a checkpoint was last begun to be written.
    unwritten: Cell<usize>,
    is_finished: Cell<bool>,
    changed: Notify,
    was_written: Notify,
}

impl Progress {
    /// That of a topic with this checkpoint, if there is one.
    pub(super) fn new(checkpoint: Option<Position>) -> Self {
        Self {
            published: Cell::new(checkpoint),
            written: Cell::new(checkpoint),
            unwritten: Cell::new(0),
            is_finished: Cell::new(false),
            changed: Notify::new(),
            was_written: Notify::new(),
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

    /// Waits until the table has a checkpoint of the topic, and one with a number as soon as any is known: what is published
    /// without it could be missed by the next holder without anybody knowing.
    pub(super) async fn recorded(&self) {
        while !self.is_recorded() {
            self.was_written.notified().await;
        }
    }

    fn is_recorded(&self) -> bool {
        let has_number = |position: Option<Position>| position.and_then(Position::due).is_some();
        let (published, written) = (self.published.get(), self.written.get());
        written.is_some() && (has_number(written) || !has_number(published))
    }

    /// Writes checkpoints until the last one is written. `random` spreads the retries.
    pub(super) async fn write<T: CheckpointTable>(
        &self,
        table: &T,
        calls: &Semaphore,
        topic: &Topic,
        fence: Fence,
        random: fn() -> f64,
    ) -> Result<(), Fenced> {
        let mut revision = 0;
        let mut backoff = Backoff::new(FIRST_BACKOFF, INTERVAL, random);
        loop {
            let Some(position) = self.published.get().filter(|position| Some(*position) != self.written.get()) else {
                if self.is_finished.get() {
                    return Ok(());
                }
                self.changed.notified().await;
                continue;
            };
            let started = Instant::now();
            self.unwritten.set(0);
            revision += 1;
            let is_waited_for = !self.is_recorded();
            let checkpoint = Checkpoint { fence, revision, resume_at: position.resume_at() };
            // Never closed.
            let turn = calls.acquire().await;
            let answer = timeout(CALL_TIMEOUT, table.write(topic, &checkpoint)).await;
            drop(turn);
            match answer.unwrap_or(Err(ServiceError::TimedOut)) {
                Ok(Ok(())) => {
                    self.written.set(Some(position));
                    self.was_written.notify_one();
                    backoff.reset();
                    // What is published after the first number has a checkpoint at once, as after any pause.
                    if !is_waited_for {
                        self.save_writes_until(started + SHORT_INTERVAL, MAX_UNWRITTEN).await;
                        self.save_writes_until(started + INTERVAL, FEW_UNWRITTEN).await;
                    }
                }
                Ok(Err(fenced)) => return Err(fenced),
                Err(error) => {
                    tracing::warn!(%topic, %error, "a checkpoint could not be written");
                    sleep(backoff.next()).await;
                }
            }
        }
    }

    /// Waits, unless the next checkpoint must not wait.
    async fn save_writes_until(&self, time: Instant, most: usize) {
        let may_wait = || !self.is_finished.get() && self.unwritten.get() < most && self.is_recorded();
        while may_wait() && timeout_at(time, self.changed.notified()).await.is_ok() {}
    }
}
