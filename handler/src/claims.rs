//! Claims on requests, in a table that execution environments share.

use momento_signature::Signature;
use sha2::{Digest, Sha256};

use crate::clock::UnixMillis;
use crate::service_error::ServiceError;

/// What a request is called in the table: a digest, because a signature is private.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RequestId(String);

impl RequestId {
    /// The id of the request with this signature.
    #[must_use]
    pub fn of(signature: &Signature) -> Self {
        Self(base16ct::lower::encode_string(&Sha256::digest(signature.to_header())))
    }

    /// As text.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// A claim on a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Which.
    pub id: RequestId,
    /// Who claims it: a number of its own for each claim.
    pub claimant: u64,
    /// Until when it holds.
    pub until: UnixMillis,
    /// When the request is no longer fresh, so that the table may forget it.
    pub expires: UnixMillis,
}

/// What a table says to a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimAnswer {
    /// It is yours.
    Granted,
    /// The request was taken before.
    Taken,
    /// Another environment is about to take it.
    InProgress,
}

/// The table that environments share.
pub trait ClaimTable {
    /// Claims a request, unless it was taken or another claimant's claim on it holds at `now`. Made again, a claim is
    /// granted again: its first answer may have been lost.
    async fn claim(&self, claim: &Claim, now: UnixMillis) -> Result<ClaimAnswer, ServiceError>;
    /// Marks a request as taken.
    async fn mark_taken(&self, claim: &Claim) -> Result<(), ServiceError>;
    /// Gives a claim back.
    async fn release(&self, claim: &Claim) -> Result<(), ServiceError>;
}
