//! Calls a service again, with growing waits, as long as there is time and hope.

use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout_at};

use crate::service_error::DeliveryError;

/// How long one call may take before another is tried. The services called answer in tens of milliseconds.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(1);
/// How often a service is asked. The time usually runs out first.
const MAX_ATTEMPTS: u32 = 6;
/// The wait before the second attempt is a random part of this, before the third of twice this, and so on.
const FIRST_BACKOFF: Duration = Duration::from_millis(50);

/// Calls `attempt` until it succeeds, is refused for good, or it is `deadline`. `random` spreads the waits: a number
/// from 0 to 1, another one each time.
///
/// # Errors
/// That of the last attempt.
pub async fn retry<T, F>(deadline: Instant, random: fn() -> f64, attempt: impl Fn() -> F) -> Result<T, DeliveryError>
where
    F: Future<Output = Result<T, DeliveryError>>,
{
    let mut failures = 0;
    loop {
        let attempt_ends = deadline.min(Instant::now() + ATTEMPT_TIMEOUT);
        let error = match timeout_at(attempt_ends, attempt()).await.unwrap_or(Err(DeliveryError::TimedOut)) {
            Ok(taken) => return Ok(taken),
            Err(error @ DeliveryError::Refused(_)) => return Err(error),
            Err(error) => error,
        };
        failures += 1;
        let next = Instant::now() + (FIRST_BACKOFF * 2_u32.pow(failures - 1)).mul_f64(random().clamp(0., 1.));
        if failures == MAX_ATTEMPTS || next >= deadline {
            return Err(error);
        }
        sleep_until(next).await;
    }
}
