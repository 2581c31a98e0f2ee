//! A secret in memory: read again as it ages, and when something says that it may have changed.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::clock::UnixMillis;
use crate::retry::Retryable;
use crate::service_error::ServiceError;

/// How old the secret in memory may grow before it is read again, so that one taken out of use does not serve on in an
/// environment that nothing tells so.
pub(super) const MAX_SECRET_AGE: Duration = Duration::from_mins(5);

/// The longest wait for a read that is made because of the secret's age alone: the known one serves on without it.
const AGED_READ_TIMEOUT: Duration = Duration::from_secs(1);

/// The burst of reads: enough for several rotations in a row, or for a rotation after an outage; too few for a stranger to run
/// up a bill with.
const READ_BURST: u32 = 10;
/// One more read is allowed each time this passes.
const READ_INTERVAL: Duration = Duration::from_secs(5);

/// The two versions of a secret that are valid while it is being rotated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretVersion {
    /// `AWSCURRENT`
    Current,
    /// `AWSPREVIOUS`
    Previous,
}

/// A secret's value in one version.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretValue {
    /// The document. Never printed.
    pub text: String,
    /// When this version was made, where the source says so.
    pub created: Option<UnixMillis>,
}

impl fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretValue").field("created", &self.created).finish_non_exhaustive()
    }
}

/// Where a secret's document is kept.
pub trait SecretSource {
    /// The value of one version. Tries once. Where there is no such version (yet), that is [`SecretError::NoValue`].
    async fn read(&self, version: SecretVersion) -> Result<SecretValue, SecretError>;
}

/// Reads a secret, and makes of its document what it holds.
pub trait SecretReader {
    /// What it holds.
    type Secret;

    /// Reads it, trying again until `deadline`. `known` is what was read the last time.
    async fn read(
        &self,
        known: Option<&Self::Secret>,
        now: UnixMillis,
        deadline: Instant,
    ) -> Result<Self::Secret, SecretError>;
}

/// A secret of which each value has a version.
pub trait VersionedSecret {
    /// The current value.
    async fn current(&self) -> Result<CurrentSecret, SecretError>;
}

/// A secret's current value.
#[derive(Clone, PartialEq, Eq)]
pub struct CurrentSecret {
    /// The id of its version.
    pub version_id: String,
    /// Its document.
    pub document: String,
}

/// Why there is no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// The secret does not exist.
    #[error("the secret does not exist in this account and region")]
    NotFound,
    /// The secret exists but has no value yet.
    #[error("the secret has no value yet")]
    NoValue,
    /// The document is unusable, for the reason that its reader gave.
    #[error("the secret's value is unusable: {0}")]
    UnusableDocument(String),
    /// The secret's value is binary.
    #[error("the secret's value is binary: store it as a string")]
    Binary,
    /// The service refused or failed, or did not answer in time.
    #[error("Secrets Manager: {0}")]
    Service(#[from] ServiceError),
    /// Reads have failed, and the next is not due yet.
    #[error("the secret could not be read, and it is too early to try again")]
    TooEarly,
    /// The previous version could not be read; the current one is known.
    #[error("the previous version of the secret could not be read")]
    NoPrevious,
}

impl Retryable for SecretError {
    fn is_retryable(&self) -> bool {
        matches!(self, Self::Service(error) if error.is_retryable())
    }

    fn timed_out() -> Self {
        Self::Service(ServiceError::TimedOut)
    }
}

/// A secret, with the last known value at hand when its source fails.
#[derive(Debug)]
pub struct SecretStore<R, T> {
    reader: R,
    state: Mutex<State<T>>,
}

#[derive(Debug)]
struct State<T> {
    known: Option<Known<T>>,
    /// When the last read failed, if the last one did.
    failed_at: Option<UnixMillis>,
    reads: ReadAllowance,
}

#[derive(Debug)]
struct Known<T> {
    secret: Arc<T>,
    read_at: UnixMillis,
}

impl<T> State<T> {
    /// Whether the known secret is too old, and it is time to try to read it.
    fn has_aged(&self, now: UnixMillis) -> bool {
        self.known.as_ref().is_some_and(|known| now.since(known.read_at) >= MAX_SECRET_AGE)
            && self.failed_at.is_none_or(|failed_at| now.since(failed_at) >= READ_INTERVAL)
    }

    fn secret(&self) -> Option<Arc<T>> {
        self.known.as_ref().map(|known| Arc::clone(&known.secret))
    }
}

impl<R: SecretReader<Secret = T>, T> SecretStore<R, T> {
    /// A store that has read nothing yet.
    pub fn new(reader: R) -> Self {
        let state = State { known: None, failed_at: None, reads: ReadAllowance::default() };
        Self { reader, state: Mutex::new(state) }
    }

    /// The secret, read by `deadline` if it is not known; read too, but not waited for as long, if it is too old. The last
    /// known one if that fails.
    ///
    /// # Errors
    /// See [`SecretError`]; only while no read has succeeded yet.
    pub(crate) async fn get(&self, now: UnixMillis, deadline: Instant) -> Result<Arc<T>, SecretError> {
        let (known, has_aged) = {
            let state = self.state();
            (state.secret(), state.has_aged(now))
        };
        match known {
            Some(secret) if has_aged => {
                let deadline = deadline.min(Instant::now() + AGED_READ_TIMEOUT);
                Ok(self.read(now, deadline).await.unwrap_or(secret))
            }
            Some(secret) => Ok(secret),
            None => self.read(now, deadline).await,
        }
    }

    /// The secret read again by `deadline` because the known one did not serve; `None` where too many reads were asked for
    /// and the last one that was made succeeded.
    ///
    /// # Errors
    /// See [`SecretError`]: it cannot be said what the secret is now.
    pub(crate) async fn refresh(&self, now: UnixMillis, deadline: Instant) -> Result<Option<Arc<T>>, SecretError> {
        match self.read(now, deadline).await {
            Err(SecretError::TooEarly) if self.state().failed_at.is_none() => Ok(None),
            read => read.map(Some),
        }
    }

    async fn read(&self, now: UnixMillis, deadline: Instant) -> Result<Arc<T>, SecretError> {
        let known = {
            let mut state = self.state();
            if !state.reads.take(now) {
                return Err(SecretError::TooEarly);
            }
            state.secret()
        };
        let read = self.reader.read(known.as_deref(), now, deadline).await;
        let mut state = self.state();
        match read {
            Ok(secret) => {
                let secret = Arc::new(secret);
                state.known = Some(Known { secret: Arc::clone(&secret), read_at: now });
                state.failed_at = None;
                Ok(secret)
            }
            Err(error) => {
                tracing::error!(%error, "the secret could not be read");
                state.failed_at = Some(now);
                Err(error)
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A token bucket of reads.
#[derive(Debug)]
struct ReadAllowance {
    left: u32,
    counted_from: Option<UnixMillis>,
}

impl Default for ReadAllowance {
    fn default() -> Self {
        Self { left: READ_BURST, counted_from: None }
    }
}

impl ReadAllowance {
    fn take(&mut self, now: UnixMillis) -> bool {
        let from = *self.counted_from.get_or_insert(now);
        let earned = u32::try_from(now.since(from).as_millis() / READ_INTERVAL.as_millis()).unwrap_or(u32::MAX);
        if earned > 0 {
            self.left = self.left.saturating_add(earned).min(READ_BURST);
            self.counted_from = Some(from.plus(READ_INTERVAL.saturating_mul(earned)));
        }
        let allowed = self.left > 0;
        self.left = self.left.saturating_sub(1);
        allowed
    }
}
