//! The document in Secrets Manager that holds the signing secrets.

use std::collections::HashMap;
use std::time::Duration;

use momento_signature::{Signature, SignatureAlgorithm, SigningSecret};
use tokio::time::Instant;

use crate::clock::UnixMillis;
use crate::json_object::{JsonObject, as_text};
use crate::retry::hedge;
use crate::secret::store::{SecretError, SecretReader, SecretSource, SecretValue, SecretVersion};

/// How many secrets one document may hold: what a request that none of them signed costs grows with them. Momento has
/// five webhooks for a cache at most.
pub const MAX_SECRETS: usize = 20;
/// The fewest bytes of a signing secret: what AWS asks of webhook keys. Shorter ones can be guessed.
pub const MIN_SECRET_BYTES: usize = 16;

/// What Momento's own tools call the signing secret. Where one of these is there, no other member is one.
const MOMENTO_NAMES: [&str; 2] = ["secret", "momentoSecret"];
/// What they say beside it. Every user of the cache knows these, so they never sign.
const DESCRIPTIONS: [&str; 2] = ["webhookName", "cacheName"];
/// What a signing secret has to be, for the log.
const REQUIREMENTS: &str = "a signing secret has 16 bytes or more, and does not begin or end with white space, a control \
                            character or a byte order mark";
/// How much of the members' names is shown: so many of them, and of each so many characters.
const MAX_SHOWN: (usize, usize) = (20, 64);
/// The longest wait for the previous version. The current one serves without it.
const PREVIOUS_TIMEOUT: Duration = Duration::from_millis(1_500);
/// How long a read goes without an answer before another is made beside it.
const PACE: Duration = Duration::from_millis(500);

/// The signing secrets in one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningDocument {
    /// The signing secrets in their order. Never empty.
    pub secrets: Vec<NamedSecret>,
    /// The names of the members that should be signing secrets and are not.
    pub left_out: Vec<String>,
}

/// A signing secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedSecret {
    /// The webhook it belongs to: its member's name, where the document is a JSON object.
    pub webhook: Option<String>,
    /// The secret.
    pub secret: SigningSecret,
}

/// Why a secret's document holds no signing secrets. Names members, never values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretDocumentError {
    /// The string is empty.
    #[error("it is empty: put the webhook's signing secret in it")]
    Empty,
    /// The string cannot be a signing secret.
    #[error("it is not a signing secret: {REQUIREMENTS}")]
    NotASecret,
    /// It begins like a JSON object, but is not one.
    #[error("it begins with a brace but is not a JSON object whose values are signing secrets")]
    NotJson,
    /// No member of the JSON object can be a signing secret. Names those that should.
    #[error("it is a JSON object without a signing secret: {REQUIREMENTS}; its members: {shown}", shown = shown(.0))]
    NoSecrets(Vec<String>),
    /// The JSON object has more than [`MAX_SECRETS`] signing secrets.
    #[error("it holds {0} signing secrets, more than {MAX_SECRETS}: give the others a gateway of their own")]
    TooMany(usize),
}

impl SigningDocument {
    /// Reads a document: the signing secret itself; or a JSON object whose members are signing secrets; or what Momento's
    /// tools hand out, of which only `secret` or `momentoSecret` is one. A member that cannot be one, or whose name is
    /// there twice, is left out.
    ///
    /// # Errors
    /// See [`SecretDocumentError`].
    pub fn read(document: &str) -> Result<Self, SecretDocumentError> {
        if document.is_empty() {
            return Err(SecretDocumentError::Empty);
        }
        if !document.trim_start_matches([' ', '\t', '\r', '\n']).starts_with('{') {
            let secret = signing_secret(document).ok_or(SecretDocumentError::NotASecret)?;
            return Ok(Self { secrets: vec![NamedSecret { webhook: None, secret }], left_out: Vec::new() });
        }
        let object = JsonObject::parse(document).map_err(|_| SecretDocumentError::NotJson)?;
        let mut times = HashMap::new();
        for (name, _) in object.members() {
            *times.entry(name).or_insert(0_usize) += 1;
        }
        let from_momento = MOMENTO_NAMES.iter().any(|name| times.contains_key(name));
        let (mut secrets, mut left_out) = (Vec::new(), Vec::new());
        for (name, value) in object.members().filter(|(name, _)| !DESCRIPTIONS.contains(name)) {
            // Taken out, so that a name which is there twice is left out once.
            let Some(times) = times.remove(name) else { continue };
            let may_sign = times == 1 && (!from_momento || MOMENTO_NAMES.contains(&name));
            let text = as_text("", value).ok().filter(|_| may_sign);
            match text.as_deref().and_then(signing_secret) {
                Some(secret) => secrets.push(NamedSecret { webhook: Some(name.to_owned()), secret }),
                None => left_out.push(name.to_owned()),
            }
        }
        match secrets.len() {
            0 => Err(SecretDocumentError::NoSecrets(left_out)),
            1..=MAX_SECRETS => Ok(Self { secrets, left_out }),
            too_many => Err(SecretDocumentError::TooMany(too_many)),
        }
    }
}

/// The signing secret that a text is, if it can be one.
fn signing_secret(text: &str) -> Option<SigningSecret> {
    let stray = |end: char| end.is_whitespace() || end.is_control() || end == '\u{feff}';
    let is_one = text.len() >= MIN_SECRET_BYTES && !text.starts_with(stray) && !text.ends_with(stray);
    if is_one { SigningSecret::new(text) } else { None }
}

/// Members' names for the log: cut short, and without control characters that would act on a terminal.
fn shown(names: &[String]) -> String {
    let (count, characters) = MAX_SHOWN;
    let mut shown: Vec<String> = names
        .iter()
        .take(count)
        .map(|name| format!("{:?}", name.chars().take(characters).collect::<String>()))
        .collect();
    if names.len() > count {
        shown.push(format!("{} more", names.len() - count));
    }
    if shown.is_empty() { "none".to_owned() } else { shown.join(", ") }
}

/// Every secret that a genuine request may be signed with: those of the current version of the document, and for a while
/// after a rotation those of the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningSecrets {
    current: Vec<NamedSecret>,
    previous: Vec<NamedSecret>,
    /// When the current version took the place of the previous one, as far as is known.
    rotated_at: UnixMillis,
    /// How long after that the previous ones are valid.
    previous_validity: Duration,
    are_complete: bool,
}

/// The secret that signed a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Signer<'a> {
    /// The webhook it belongs to: its member's name, where the document is a JSON object.
    pub(super) webhook: Option<&'a str>,
}

impl From<SecretDocumentError> for SecretError {
    fn from(error: SecretDocumentError) -> Self {
        Self::UnusableDocument(error.to_string())
    }
}

impl SigningSecrets {
    /// The one that signed `body`, if any did. Tries every valid one, so that the time taken tells nothing about which.
    #[must_use]
    pub(super) fn signer(
        &self,
        algorithm: SignatureAlgorithm,
        body: &[u8],
        signature: &Signature,
        now: UnixMillis,
    ) -> Option<Signer<'_>> {
        let previous = if self.previous_is_valid(now) { &self.previous[..] } else { &[] };
        find(self.current.iter().chain(previous), algorithm, body, signature)
    }

    /// Whether the one that signed `body` is a previous one that is no longer valid.
    #[must_use]
    pub(super) fn were_valid(
        &self,
        algorithm: SignatureAlgorithm,
        body: &[u8],
        signature: &Signature,
        now: UnixMillis,
    ) -> bool {
        !self.previous_is_valid(now) && find(&self.previous, algorithm, body, signature).is_some()
    }

    /// Whether all are known. If not, the previous version could not be read, and may hold the one that signed a request.
    #[must_use]
    pub(super) fn are_complete(&self) -> bool {
        self.are_complete
    }

    fn previous_is_valid(&self, now: UnixMillis) -> bool {
        now.since(self.rotated_at) < self.previous_validity
    }
}

fn find<'a>(
    secrets: impl IntoIterator<Item = &'a NamedSecret>,
    algorithm: SignatureAlgorithm,
    body: &[u8],
    signature: &Signature,
) -> Option<Signer<'a>> {
    secrets.into_iter().fold(None, |found, NamedSecret { webhook, secret }| {
        let signed = algorithm.verify(secret, body, signature);
        found.or_else(|| signed.then_some(Signer { webhook: webhook.as_deref() }))
    })
}

/// Reads the signing secrets of both versions of a document.
#[derive(Debug, Clone)]
pub struct SigningSecretsReader<S> {
    /// Where the document is kept.
    pub source: S,
    /// How long after a rotation the previous version is valid.
    pub previous_validity: Duration,
    /// Spreads the retries: a number from 0 to 1, another one each time.
    pub random: fn() -> f64,
}

impl<S: SecretSource> SecretReader for SigningSecretsReader<S> {
    type Secret = SigningSecrets;

    async fn read(
        &self,
        known: Option<&SigningSecrets>,
        now: UnixMillis,
        deadline: Instant,
    ) -> Result<SigningSecrets, SecretError> {
        let read = |version, deadline| hedge(deadline, PACE, self.random, move || self.source.read(version));
        let previous_deadline = deadline.min(Instant::now() + PREVIOUS_TIMEOUT);
        let (current, previous) =
            tokio::join!(read(SecretVersion::Current, deadline), read(SecretVersion::Previous, previous_deadline));
        let current = current?;
        let SigningDocument { secrets, left_out } = SigningDocument::read(&current.text)?;
        if !left_out.is_empty() {
            tracing::error!(members = shown(&left_out), "members of the secret are left out: {REQUIREMENTS}");
        }
        Ok(self.combine(known, now, (secrets, current.created), previous))
    }
}

impl<S> SigningSecretsReader<S> {
    fn combine(
        &self,
        known: Option<&SigningSecrets>,
        now: UnixMillis,
        (current, current_created): (Vec<NamedSecret>, Option<UnixMillis>),
        previous: Result<SecretValue, SecretError>,
    ) -> SigningSecrets {
        let previous_created = previous.as_ref().ok().and_then(|previous| previous.created);
        let known_is_current = known.is_some_and(|known| known.current == current);
        let rotated_at = match known {
            Some(known) if known_is_current => known.rotated_at,
            // It happened since the last read.
            Some(_) => now,
            // It happened before this environment began, and not before both versions were there.
            None => current_created.max(previous_created).unwrap_or(now),
        };
        let (previous, are_complete) = match (previous, known) {
            // A previous version that makes no sense, such as a placeholder from before the first value, has no say.
            (Ok(previous), _) => (SigningDocument::read(&previous.text).map(|d| d.secrets).unwrap_or_default(), true),
            (Err(SecretError::NoValue | SecretError::NotFound | SecretError::Binary), _) => (Vec::new(), true),
            (Err(error), known) => {
                tracing::error!(%error, "the previous version of the secret could not be read");
                match known {
                    Some(known) if known_is_current => (known.previous.clone(), known.are_complete),
                    Some(known) => (known.current.clone(), false),
                    None => (Vec::new(), false),
                }
            }
        };
        SigningSecrets { current, previous, rotated_at, previous_validity: self.previous_validity, are_complete }
    }
}
