//! Whose turn it is in a batch: each kind of command gets its share, so that no kind holds up the others.

use std::collections::VecDeque;

use crate::command::CommandKind;

/// What waits in a batch, by the kind of command; what is not a command is a kind of its own.
#[derive(Debug)]
pub(super) struct Lanes<T>(Vec<Lane<T>>);

#[derive(Debug)]
struct Lane<T> {
    kind: Option<CommandKind>,
    waiting: VecDeque<T>,
    running: usize,
    started: usize,
}

impl<T> Lanes<T> {
    pub(super) fn new() -> Self {
        Self(Vec::new())
    }

    /// Has one more wait.
    pub(super) fn add(&mut self, kind: Option<CommandKind>, item: T) {
        if let Some(lane) = self.lane(kind) {
            lane.waiting.push_back(item);
        } else {
            self.0.push(Lane { kind, waiting: VecDeque::from([item]), running: 0, started: 0 });
        }
    }

    /// The next to start, of the kind of which the fewest run, and of those the one of which the fewest have started.
    pub(super) fn start(&mut self) -> Option<(Option<CommandKind>, T)> {
        let waiting = self.0.iter_mut().filter(|lane| !lane.waiting.is_empty());
        let lane = waiting.min_by_key(|lane| (lane.running, lane.started))?;
        lane.running += 1;
        lane.started += 1;
        Some((lane.kind, lane.waiting.pop_front()?))
    }

    /// One of this kind is done.
    pub(super) fn done(&mut self, kind: Option<CommandKind>) {
        if let Some(lane) = self.lane(kind) {
            lane.running -= 1;
        }
    }

    fn lane(&mut self, kind: Option<CommandKind>) -> Option<&mut Lane<T>> {
        self.0.iter_mut().find(|lane| lane.kind == kind)
    }
}
