//! Calls a service again, with growing waits, as long as there is time and hope.

use std::future::Future;
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt as _};
use tokio::time::{Instant, sleep_until, timeout_at};

/// The longest wait for one call before another is tried. The services called answer in tens of milliseconds.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(1);
/// No call is given less time than this, unless there is less in all: a new connection costs some of it.
const SHORTEST_ATTEMPT: Duration = Duration::from_millis(300);
/// The wait before the second attempt is about this, before the third twice this, and so on.
const FIRST_BACKOFF: Duration = Duration::from_millis(50);
/// The longest wait between two attempts.
const LONGEST_BACKOFF: Duration = Duration::from_millis(800);

/// Why a call failed, as far as it matters to whether it is made again.
pub(crate) trait Retryable {
    /// Whether the same call may succeed later.
    fn is_retryable(&self) -> bool;
    /// There was no answer in time.
    fn timed_out() -> Self;
}

/// Calls `attempt` until it succeeds, fails for good, or it is `deadline`. `random` spreads the waits: a number from 0 to
/// 1, another one each time. No attempt uses up more than half of the time left, so that one on a connection that has
/// silently died leaves room for another.
///
/// # Errors
/// That of the last attempt.
pub(crate) async fn retry<T, E, F>(deadline: Instant, random: fn() -> f64, attempt: impl Fn() -> F) -> Result<T, E>
where
    E: Retryable,
    F: Future<Output = Result<T, E>>,
{
    let mut backoff = Backoff::new(FIRST_BACKOFF, LONGEST_BACKOFF, random);
    loop {
        let now = Instant::now();
        let share = deadline.saturating_duration_since(now) / 2;
        let attempt_ends = deadline.min(now + share.clamp(SHORTEST_ATTEMPT, ATTEMPT_TIMEOUT));
        let error = match timeout_at(attempt_ends, attempt()).await.unwrap_or_else(|_| Err(E::timed_out())) {
            Ok(taken) => return Ok(taken),
            Err(error) if !error.is_retryable() => return Err(error),
            Err(error) => error,
        };
        let next = Instant::now() + backoff.next();
        if next >= deadline {
            return Err(error);
        }
        sleep_until(next).await;
    }
}

/// As [`retry`], for calls that may be made twice: one without an answer after `pace` goes on, and another is made beside
/// it, on a connection of its own. So a slow service still gets to answer, and a connection that has silently died, as
/// one may while Lambda keeps the environment frozen, costs `pace` and no more.
///
/// # Errors
/// That of the last attempt that failed.
pub(crate) async fn hedge<T, E, F>(
    deadline: Instant,
    pace: Duration,
    random: fn() -> f64,
    attempt: impl Fn() -> F,
) -> Result<T, E>
where
    E: Retryable,
    F: Future<Output = Result<T, E>>,
{
    let mut backoff = Backoff::new(FIRST_BACKOFF, LONGEST_BACKOFF, random);
    let mut running = FuturesUnordered::new();
    let mut error = E::timed_out();
    let mut next = Instant::now();
    loop {
        if Instant::now() >= next {
            running.push(attempt());
            next = Instant::now() + pace;
        }
        match timeout_at(next.min(deadline), running.next()).await {
            Ok(Some(Ok(answer))) => return Ok(answer),
            Ok(Some(Err(failure))) if !failure.is_retryable() => return Err(failure),
            Ok(Some(Err(failure))) => {
                error = failure;
                if running.is_empty() {
                    next = Instant::now() + backoff.next();
                }
            }
            Ok(None) => sleep_until(next.min(deadline)).await,
            Err(_) => {}
        }
        if Instant::now() >= deadline {
            return Err(error);
        }
    }
}

/// The waits between attempts: each twice the last one, and a random part of it, from one half up.
#[derive(Debug)]
pub(crate) struct Backoff {
    first: Duration,
    longest: Duration,
    next: Duration,
    random: fn() -> f64,
}

impl Backoff {
    pub(crate) fn new(first: Duration, longest: Duration, random: fn() -> f64) -> Self {
        Self { first, longest, next: first, random }
    }

    pub(crate) fn next(&mut self) -> Duration {
        let wait = self.next.mul_f64(f64::midpoint(1., (self.random)().clamp(0., 1.)));
        self.next = (self.next * 2).min(self.longest);
        wait
    }

    /// Begins with the shortest wait again.
    pub(crate) fn reset(&mut self) {
        self.next = self.first;
    }
}
