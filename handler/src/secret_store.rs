//! The signing secrets in memory: read again as they age, and when a request says that they may have changed.

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::UnixMillis;
use crate::signing_secrets::{SecretDocumentError, SigningSecrets};

/// How old the secrets in memory may grow before they are read again, so that one taken out of use does not serve on
/// in an environment that sees no stranger's request.
pub const MAX_SECRET_AGE: Duration = Duration::from_mins(5);

/// The longest wait for one read. A read happens while a sender waits, who gives up after 5 s.
pub const READ_TIMEOUT: Duration = Duration::from_secs(1);

/// Reads at will: enough for several rotations in a row, or for a rotation after an outage; too few for a stranger to run
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

/// Where the document with the secrets is kept.
pub trait SecretSource {
    /// The document's text in one version, or `None` where there is no such version (yet).
    fn read(&self, version: SecretVersion) -> impl Future<Output = Result<Option<String>, SecretError>> + Send;
}

/// Why there are no signing secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// The secret exists but has no value yet.
    #[error("the secret has no value yet: put the webhook's signing secret in it")]
    NoValue,
    /// The document is not one of signing secrets.
    #[error("the secret's value is no use: {0}")]
    Document(#[from] SecretDocumentError),
    /// The secret's value is binary.
    #[error("the secret's value is binary: store the signing secret as a string")]
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

/// The signing secrets, with the last known value at hand when their source fails.
#[derive(Debug)]
pub struct SecretStore<S> {
    source: S,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    known: Option<Known>,
    reads: ReadAllowance,
}

#[derive(Debug, Clone)]
struct Known {
    secrets: Arc<SigningSecrets>,
    read_at: UnixMillis,
}

impl<S: SecretSource> SecretStore<S> {
    /// A store that has read nothing yet.
    pub fn new(source: S) -> Self {
        Self { source, state: Mutex::default() }
    }

    /// The secrets, read if they are not known or too old; the last known ones if that fails.
    ///
    /// # Errors
    /// See [`SecretError`]; only while no read has succeeded yet.
    pub async fn get(&self, now: UnixMillis) -> Result<Arc<SigningSecrets>, SecretError> {
        let known = self.state().known.clone();
        match known {
            Some(known) if now.since(known.read_at) < MAX_SECRET_AGE => Ok(known.secrets),
            Some(known) => Ok(self.read(now).await.unwrap_or(known.secrets)),
            None => self.read(now).await,
        }
    }

    /// The secrets read anew because a request matched none of the known ones; `None` where no read is due or it fails.
    pub async fn get_anew(&self, now: UnixMillis) -> Option<Arc<SigningSecrets>> {
        self.read(now).await.ok()
    }

    async fn read(&self, now: UnixMillis) -> Result<Arc<SigningSecrets>, SecretError> {
        if !self.state().reads.take(now) {
            return Err(SecretError::TooEarly);
        }
        match tokio::time::timeout(READ_TIMEOUT, self.read_both()).await.unwrap_or(Err(SecretError::TimedOut)) {
            Ok(secrets) => {
                if secrets.have_white_space_around() {
                    tracing::warn!("a signing secret begins or ends with white space: is that part of it?");
                }
                let secrets = Arc::new(secrets);
                self.state().known = Some(Known { secrets: Arc::clone(&secrets), read_at: now });
                Ok(secrets)
            }
            Err(error) => {
                tracing::error!(%error, "the signing secret could not be read");
                Err(error)
            }
        }
    }

    async fn read_both(&self) -> Result<SigningSecrets, SecretError> {
        let (current, previous) =
            tokio::join!(self.source.read(SecretVersion::Current), self.source.read(SecretVersion::Previous));
        let current = SigningSecrets::from_document(&current?.ok_or(SecretError::NoValue)?)?;
        // A previous version that makes no sense (a placeholder from before the first real value, say) must not
        // stand in the way of the current one; a failure to read it must, or its messages would be refused.
        Ok(match previous?.as_deref().map(SigningSecrets::from_document) {
            Some(Ok(previous)) => current.and(previous),
            Some(Err(_)) | None => current,
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
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
