//! The lease: one invocation at a time reads the topics, and what it may do ends with it.
//!
//! A holder renews its lease long before it runs out, and takes it for lost if it could not: by then another invocation may
//! have it. While an invocation holds it, the others end at once, unless they have another plan or the holder's time is nearly
//! over. Then they announce themselves and wait for the holder to give it up.

use std::cell::Cell;
use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until, timeout, timeout_at};

use crate::bus::event::BusEvent;
use crate::bus::{EventBus, PutResult};
use crate::checkpoints::{Bid, CheckpointTable, Fence, Fenced, Lease};
use crate::clock::{Clock, UnixMillis};
use crate::queue::fallback::FallbackQueue;
use crate::retry::{Retryable as _, hedge};
use crate::service_error::ServiceError;

use super::settings::Times;

/// The longest wait for one call to the table.
const CALL_TIMEOUT: Duration = Duration::from_secs(2);
/// How long the table is asked who holds the lease.
const READ_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a read goes without an answer before another is made beside it.
const READ_PACE: Duration = Duration::from_secs(1);
/// How soon a renewal that failed is tried again.
const RENEW_AGAIN_AFTER: Duration = Duration::from_secs(1);
/// How often a holder whose time is nearly over looks for a successor, and a successor whether it has given the lease up.
const LOOK_INTERVAL: Duration = Duration::from_millis(200);
const WAIT_INTERVAL: Duration = Duration::from_millis(100);
/// A holder that does not hear of its successor in so many validities of a lease is not asked any longer.
const PATIENCE: u32 = 2;
/// A holder gives the lease up on its own so long before its deadline, with time to publish what it has.
const STOP_BEFORE_DEADLINE: Duration = Duration::from_secs(5);
/// A holder takes the lease for shorter than it is: its clock may be slower than the others'. One part in ten.
const MARGIN: u32 = 10;

/// An invocation: who it is, and how long it may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// Its id.
    pub id: String,
    /// When Lambda ends it.
    pub deadline: UnixMillis,
}

/// The lease, held.
#[derive(Debug)]
pub(super) struct HeldLease<'a> {
    pub(super) fence: Fence,
    hands_over_from: UnixMillis,
    stops_at: Instant,
    /// Until when it is valid, by the clock that goes on in a frozen environment and by the one that never jumps.
    valid_until: Cell<(UnixMillis, Instant)>,
    clock: &'a Clock,
    times: Times,
}

/// Why a lease is held no longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum LeaseEnd {
    /// A successor waits.
    HandOver(String),
    /// The invocation's time is over.
    OutOfTime,
    /// Somebody else has it.
    Fenced,
    /// It ran out, as it could not be renewed.
    Expired,
}

/// Gets the lease for an invocation with this plan, waiting for its holder to hand it over; `None` where the holder goes on.
pub(super) async fn acquire<'a, T: CheckpointTable>(
    table: &T,
    invocation: &Invocation,
    plan: &str,
    times: Times,
    clock: &'a Clock,
    random: fn() -> f64,
) -> Result<Option<HeldLease<'a>>, ServiceError> {
    let started = Instant::now();
    let left = invocation.deadline.since(clock.now());
    let hands_over_from = clock.now().plus(left.saturating_sub(times.hand_over.max(STOP_BEFORE_DEADLINE)));
    let stops_at = started + left.saturating_sub(STOP_BEFORE_DEADLINE);
    let mut announced_to = None;
    while Instant::now() < stops_at {
        let lease = hedge(Instant::now() + READ_TIMEOUT, READ_PACE, random, || table.lease()).await?;
        let now = clock.now();
        let since = (now, Instant::now());
        let held = |fence| HeldLease {
            fence,
            hands_over_from,
            stops_at,
            valid_until: Cell::new(validity(since, times)),
            clock,
            times,
        };
        if let Some(lease) = &lease
            && lease.holder == invocation.id
            && lease.expires > now
        {
            // The answer to an earlier bid was lost.
            match call(table.renew(lease.fence, now.plus(times.lease_validity))).await {
                Ok(Ok(_)) => return Ok(Some(held(lease.fence))),
                Ok(Err(Fenced)) | Err(_) => continue,
            }
        }
        let is_patient = started.elapsed() < times.lease_validity * PATIENCE;
        if let Some(lease) = &lease
            && lease.expires > now
            && is_patient
        {
            if !gives_way(lease, plan, now) {
                return Ok(None);
            }
            if announced_to != Some(lease.fence)
                && let Ok(Ok(())) = call(table.announce(lease.fence, &invocation.id)).await
            {
                announced_to = Some(lease.fence);
                tracing::info!(holder = lease.holder, "waits for the holder of the lease to hand it over");
            }
            sleep(WAIT_INTERVAL).await;
            continue;
        }
        let bid = Bid {
            holder: invocation.id.clone(),
            plan: plan.to_owned(),
            expires: now.plus(times.lease_validity),
            hands_over_from,
        };
        match call(table.acquire(&bid, lease.map(|lease| lease.fence))).await {
            Ok(Some(fence)) => return Ok(Some(held(fence))),
            // Somebody was quicker, or an answer was lost: the next look tells.
            Ok(None) => {}
            Err(error) if error.is_retryable() => sleep(WAIT_INTERVAL).await,
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

/// Whether a holder is to hand over to an invocation with this plan.
fn gives_way(lease: &Lease, plan: &str, now: UnixMillis) -> bool {
    lease.plan != plan || now >= lease.hands_over_from
}

fn validity((now, instant): (UnixMillis, Instant), times: Times) -> (UnixMillis, Instant) {
    let counted_on = times.lease_validity.saturating_sub(times.lease_validity / MARGIN);
    (now.plus(counted_on), instant + counted_on)
}

async fn call<A>(call: impl Future<Output = Result<A, ServiceError>>) -> Result<A, ServiceError> {
    timeout(CALL_TIMEOUT, call).await.unwrap_or(Err(ServiceError::TimedOut))
}

impl HeldLease<'_> {
    /// Whether nobody else can have the lease yet.
    pub(super) fn is_valid(&self) -> bool {
        let (until, instant) = self.valid_until.get();
        self.clock.now() < until && Instant::now() < instant
    }

    /// Renews the lease until there is a reason to hold it no longer.
    pub(super) async fn keep<T: CheckpointTable>(&self, table: &T) -> LeaseEnd {
        let mut next_renewal = Instant::now() + self.times.lease_renewal;
        loop {
            let left = self.hands_over_from.since(self.clock.now());
            let next_look = Instant::now() + left.max(LOOK_INTERVAL);
            sleep_until(next_renewal.min(next_look).min(self.stops_at).min(self.valid_until.get().1)).await;
            let now = Instant::now();
            if now >= self.valid_until.get().1 {
                return LeaseEnd::Expired;
            }
            if now >= self.stops_at {
                return LeaseEnd::OutOfTime;
            }
            let successor = if now >= next_renewal {
                match self.renew(table).await {
                    Ok(Ok(successor)) => {
                        next_renewal = now + self.times.lease_renewal;
                        successor
                    }
                    Ok(Err(Fenced)) => return LeaseEnd::Fenced,
                    Err(error) => {
                        tracing::warn!(%error, "the lease could not be renewed");
                        next_renewal = Instant::now() + RENEW_AGAIN_AFTER.min(self.times.lease_renewal);
                        None
                    }
                }
            } else {
                match call(table.lease()).await {
                    Ok(Some(lease)) if lease.fence != self.fence => return LeaseEnd::Fenced,
                    Ok(lease) => lease.and_then(|lease| lease.successor),
                    // The next look may tell, and the next renewal says what it means.
                    Err(_) => None,
                }
            };
            if let Some(successor) = successor {
                return LeaseEnd::HandOver(successor);
            }
        }
    }

    async fn renew<T: CheckpointTable>(&self, table: &T) -> Result<Result<Option<String>, Fenced>, ServiceError> {
        // However late the answer comes, the time counts from the question.
        let since = (self.clock.now(), Instant::now());
        let renewal = table.renew(self.fence, since.0.plus(self.times.lease_validity));
        let until = self.valid_until.get().1;
        let renewed = timeout_at(until.min(since.1 + CALL_TIMEOUT), renewal).await;
        let renewed = renewed.unwrap_or(Err(ServiceError::TimedOut))?;
        if renewed.is_ok() {
            self.valid_until.set(validity(since, self.times));
        }
        Ok(renewed)
    }

    /// Gives the lease up, so that a successor need not wait until it runs out.
    pub(super) async fn release<T: CheckpointTable>(&self, table: &T) {
        if let Err(error) = call(table.release(self.fence)).await {
            tracing::warn!(%error, "the lease could not be given up: it runs out by itself");
        }
    }
}

/// A bus or a queue that takes nothing from a holder whose lease may be another's.
#[derive(Debug)]
pub(super) struct WhileHeld<'a, P> {
    pub(super) place: &'a P,
    pub(super) lease: &'a HeldLease<'a>,
}

impl<P> WhileHeld<'_, P> {
    fn check(&self) -> Result<(), ServiceError> {
        if self.lease.is_valid() { Ok(()) } else { Err(ServiceError::Refused("LeaseNotHeld".to_owned())) }
    }
}

impl<B: EventBus> EventBus for WhileHeld<'_, B> {
    async fn put(&self, events: &[BusEvent]) -> Result<Vec<PutResult>, ServiceError> {
        self.check()?;
        self.place.put(events).await
    }
}

impl<Q: FallbackQueue> FallbackQueue for WhileHeld<'_, Q> {
    async fn park(&self, event: &BusEvent, reason: &ServiceError) -> Result<(), ServiceError> {
        self.check()?;
        self.place.park(event, reason).await
    }
}
