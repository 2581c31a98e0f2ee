//! Keeps calls apart, so that no more are made a second than Momento takes.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How many calls a second are made at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallRate {
    interval: Duration,
}

impl CallRate {
    /// So many a second. `None` where that is not a number above 0, or one so small that a call takes centuries.
    #[must_use]
    pub fn per_second(calls: f64) -> Option<Self> {
        if calls > 0. { Some(Self { interval: Duration::try_from_secs_f64(calls.recip()).ok()? }) } else { None }
    }
}

/// Gives out turns, evenly spaced: in no second are there more of them than the rate, plus one.
#[derive(Debug)]
pub struct RateLimit {
    rate: CallRate,
    turns: Mutex<Turns>,
}

#[derive(Debug, Default)]
struct Turns {
    /// The next one that can be taken.
    next: Option<Instant>,
    /// The next one to expect for who is sent away.
    next_to_expect: Option<Instant>,
}

impl RateLimit {
    /// A limit of which nothing is used up.
    #[must_use]
    pub fn new(rate: CallRate) -> Self {
        Self { rate, turns: Mutex::default() }
    }

    /// The next turn, where there is one until `last`; it is then taken.
    ///
    /// # Errors
    /// How long to wait before asking again. Those sent away are spread over the turns to come, one behind the other, so
    /// that they find a turn when they come back, unless others have taken it.
    pub fn turn(&self, now: Instant, last: Instant) -> Result<Instant, Duration> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = turns.next.map_or(now, |next| next.max(now));
        if turn <= last {
            // A rate of so few that the next turn is beyond all time is one turn.
            turns.next = turn.checked_add(self.rate.interval).or(Some(turn));
            return Ok(turn);
        }
        let expected = turns.next_to_expect.map_or(turn, |expected| expected.max(turn));
        turns.next_to_expect = expected.checked_add(self.rate.interval).or(Some(expected));
        Err(expected.duration_since(now))
    }
}
