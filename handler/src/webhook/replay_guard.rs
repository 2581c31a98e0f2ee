//! Sees to it that no request is taken twice while it is fresh.
//!
//! Each environment remembers what it took. Lambda may run several, and each would take a replayed request once, so
//! there can be a table that they share. A request is claimed in it for as long as one can take to handle, and marked
//! as taken once it is on the bus or in the queue. A crash between the two leaves a claim that runs out: the request,
//! which nobody was told was taken, can be sent again. With [`TableOutage::Refuse`] that has to wait until it is stale:
//! there a claim holds for as long as the request is fresh, so that no replay passes if the table does not hear of the
//! mark.

use std::future::Future;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::taken_requests::{Recall, TakenRequests};
use crate::claims::{Claim, ClaimAnswer, ClaimTable, RequestId};
use crate::clock::UnixMillis;
use crate::retry::hedge;
use crate::service_error::ServiceError;
use momento_signature::Signature;

/// How long a claim holds: longer than the handler can still be about to publish, so that no two do for one request.
pub const CLAIM_HOLDS: Duration = Duration::from_secs(6);
/// How long the table may take to answer before it counts as unavailable. DynamoDB answers in milliseconds.
const TABLE_TIMEOUT: Duration = Duration::from_millis(400);
/// How long a call of the table goes without an answer before another is made beside it.
const PACE: Duration = Duration::from_millis(130);

/// What to do with a request while the table is unavailable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TableOutage {
    /// Take it, on the word of this environment's memory alone.
    #[default]
    Accept,
    /// Refuse it.
    Refuse,
}

/// A table, and what to do without it.
#[derive(Debug, Clone)]
pub struct SharedGuard<T> {
    /// The table.
    pub table: T,
    /// What to do while it is unavailable.
    pub outage: TableOutage,
}

/// Permission to handle a request.
#[derive(Debug)]
pub struct Permit {
    signature: Signature,
    claim: Option<Claim>,
    /// Why the table, if there is one, had no say.
    pub table_error: Option<ServiceError>,
}

/// Why a request must not be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Denied {
    /// It was taken before.
    Taken,
    /// Another environment is about to take it.
    InProgress,
    /// The table cannot say, and [`TableOutage::Refuse`] was chosen, or the memory cannot say either.
    Unavailable(ServiceError),
    /// There is no table, and the memory cannot say: see [`TakenRequests`].
    Forgotten,
}

/// The guard of one environment.
#[derive(Debug)]
pub struct ReplayGuard<T> {
    window: Duration,
    taken_here: Mutex<TakenRequests>,
    shared: Option<SharedGuard<T>>,
    random: fn() -> f64,
}

impl<T: ClaimTable> ReplayGuard<T> {
    /// A guard for requests that stay fresh for `window`. `random` tells claimants apart and spreads the retries: a
    /// number from 0 to 1, another one each time.
    pub fn new(window: Duration, shared: Option<SharedGuard<T>>, random: fn() -> f64) -> Self {
        Self { window, taken_here: Mutex::new(TakenRequests::new(window)), shared, random }
    }

    /// Asks to take a request whose message was published then.
    ///
    /// # Errors
    /// See [`Denied`].
    pub async fn enter(&self, signature: Signature, published: UnixMillis, now: UnixMillis) -> Result<Permit, Denied> {
        let recall = self.taken_here().claim(signature, published, now);
        if recall == Recall::Taken {
            return Err(Denied::Taken);
        }
        let Some(SharedGuard { table, outage }) = &self.shared else {
            if recall == Recall::Forgotten {
                return Err(Denied::Forgotten);
            }
            return Ok(Permit { signature, claim: None, table_error: None });
        };
        let claim = Claim {
            id: RequestId::of(&signature),
            claimant: (self.random)().to_bits(),
            until: match outage {
                TableOutage::Accept => now.plus(CLAIM_HOLDS),
                // A claim that ran out would let a replay pass, had the table not heard that the request was taken.
                TableOutage::Refuse => now.plus(self.window),
            },
            expires: now.plus(self.window),
        };
        match self.ask(|| table.claim(&claim, now)).await {
            Ok(ClaimAnswer::Granted) => Ok(Permit { signature, claim: Some(claim), table_error: None }),
            Ok(ClaimAnswer::Taken) => Err(Denied::Taken),
            Ok(ClaimAnswer::InProgress) => {
                self.taken_here().release(&signature);
                Err(Denied::InProgress)
            }
            // The answer may have been lost, not the claim, so it is settled later as if it had been granted.
            Err(error) if *outage == TableOutage::Accept && recall == Recall::New => {
                Ok(Permit { signature, claim: Some(claim), table_error: Some(error) })
            }
            Err(error) => {
                self.not_taken(&Permit { signature, claim: Some(claim), table_error: None }).await;
                Err(Denied::Unavailable(error))
            }
        }
    }

    /// Says that a request was taken, so that it is not taken again.
    ///
    /// # Errors
    /// When the table did not hear it: with [`TableOutage::Accept`] other environments may take the request again once the
    /// claim has run out.
    pub async fn taken(&self, permit: &Permit) -> Result<(), ServiceError> {
        match (&self.shared, &permit.claim) {
            (Some(shared), Some(claim)) => self.ask(|| shared.table.mark_taken(claim)).await,
            _ => Ok(()),
        }
    }

    /// Says that a request was not taken after all, so that it can be sent again. Where the table does not hear it, that
    /// has to wait until the claim has run out.
    pub(super) async fn not_taken(&self, permit: &Permit) {
        self.taken_here().release(&permit.signature);
        if let (Some(shared), Some(claim)) = (&self.shared, &permit.claim) {
            let _ = self.ask(|| shared.table.release(claim)).await;
        }
    }

    async fn ask<R, F>(&self, call: impl Fn() -> F) -> Result<R, ServiceError>
    where
        F: Future<Output = Result<R, ServiceError>>,
    {
        hedge(Instant::now() + TABLE_TIMEOUT, PACE, self.random, call).await
    }

    fn taken_here(&self) -> MutexGuard<'_, TakenRequests> {
        self.taken_here.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
