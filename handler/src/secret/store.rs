//! A secret in memory: read again as it ages, and when something says that it may have changed.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::UnixMillis;

/// How old the secret in memory may grow before it is read again, so that one taken out of use does not serve on in an
/// environment that nothing tells so.
pub const MAX_SECRET_AGE: Duration = Duration::from_mins(5);

/// The longest wait for one read. A webhook's sender may be waiting for it, who gives up after 5 s.
pub const READ_TIMEOUT: Duration = Duration::from_secs(1);

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

/// Where a secret's document is kept.
pub trait SecretSource {
    /// The document's text in one version, or `None` where there is no such version (yet).
    async fn read(&self, version: SecretVersion) -> Result<Option<String>, SecretError>;
}

/// Reads a secret, and makes of its document what it holds.
pub trait SecretReader {
    /// What it holds.
    type Secret;

    /// Reads it once.
    async fn read(&self) -> Result<Self::Secret, SecretError>;
}

/// A secret of which each value has a version.
pub trait VersionedSecret {
    /// The current value, if there is one.
    async fn current(&self) -> Result<Option<CurrentSecret>, SecretError>;
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
    /// The secret exists but has no value yet.
    #[error("the secret has no value yet")]
    NoValue,
    /// The document is unusable, for the reason that whoever knows what it should hold gave.
    #[error("the secret's value is unusable: {0}")]
    UnusableDocument(String),
    /// The secret's value is binary.
    #[error("the secret's value is binary: store it as a string")]
    Binary,
    /// The service refused or failed, with its error code.
    #[error("Secrets Manager answered {0}")]
    Service(String),
    /// The service did not answer within [`READ_TIMEOUT`].
    #[error("Secrets Manager did not answer in time")]
    TimedOut,
    /// Reads have failed, and the next is not due yet.
    #[error("the secret could not be read, and it is too early to try again")]
    TooEarly,
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
    reads: ReadAllowance,
}

#[derive(Debug)]
struct Known<T> {
    secret: Arc<T>,
    read_at: UnixMillis,
}

impl<R: SecretReader<Secret = T>, T> SecretStore<R, T> {
    /// A store that has read nothing yet.
    pub fn new(reader: R) -> Self {
        Self { reader, state: Mutex::new(State { known: None, reads: ReadAllowance::default() }) }
    }

    /// The secret, read if it is not known or too old; the last known one if that fails.
    ///
    /// # Errors
    /// See [`SecretError`]; only while no read has succeeded yet.
    pub async fn get(&self, now: UnixMillis) -> Result<Arc<T>, SecretError> {
        let known = self.state().known.as_ref().map(|known| (Arc::clone(&known.secret), known.read_at));
        match known {
            Some((secret, read_at)) if now.since(read_at) < MAX_SECRET_AGE => Ok(secret),
            Some((secret, _)) => Ok(self.read(now).await.unwrap_or(secret)),
            None => self.read(now).await,
        }
    }

    /// The secret, read again because the known one did not serve; `None` where no read is due or it fails.
    pub async fn refresh(&self, now: UnixMillis) -> Option<Arc<T>> {
        self.read(now).await.ok()
    }

    async fn read(&self, now: UnixMillis) -> Result<Arc<T>, SecretError> {
        if !self.state().reads.take(now) {
            return Err(SecretError::TooEarly);
        }
        match tokio::time::timeout(READ_TIMEOUT, self.reader.read()).await.unwrap_or(Err(SecretError::TimedOut)) {
            Ok(secret) => {
                let secret = Arc::new(secret);
                self.state().known = Some(Known { secret: Arc::clone(&secret), read_at: now });
                Ok(secret)
            }
            Err(error) => {
                tracing::error!(%error, "the secret could not be read");
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
