//! The document in Secrets Manager that holds the signing secrets.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::secret::store::{SecretError, SecretReader, SecretSource, SecretVersion};
use momento_signature::{Signature, SignatureAlgorithm, SigningSecret};

/// How many secrets one document may hold: what a request that none of them signed costs grows with them. Momento has
/// five webhooks for a cache at most.
pub const MAX_SECRETS: usize = 20;

/// Every secret that a genuine request may be signed with. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningSecrets(Vec<NamedSecret>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct NamedSecret {
    name: Option<String>,
    secret: SigningSecret,
}

/// The secret that signed a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signer<'a> {
    /// The webhook it belongs to: its member's name, where the document is a JSON object.
    pub webhook: Option<&'a str>,
}

/// Why a secret's document holds no signing secrets. Names members, never values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretDocumentError {
    /// The string, or the JSON object, is empty.
    #[error("it is empty: put the webhook's signing secret in it")]
    Empty,
    /// It begins like a JSON object, but is not one.
    #[error("it begins with a brace but is not a JSON object whose values are signing secrets")]
    BrokenJson,
    /// The JSON object has more than [`MAX_SECRETS`] members.
    #[error("it holds {0} signing secrets, more than {MAX_SECRETS}: give the others a gateway of their own")]
    TooMany(usize),
    /// A member of the JSON object is not a string, or an empty one.
    #[error("its member `{0}` is not a string that could be a signing secret")]
    NotASecret(String),
}

impl From<SecretDocumentError> for SecretError {
    fn from(error: SecretDocumentError) -> Self {
        Self::UnusableDocument(error.to_string())
    }
}

impl SigningSecrets {
    /// Reads a document: the signing secret itself, or a JSON object whose every value is one.
    ///
    /// # Errors
    /// See [`SecretDocumentError`].
    pub fn from_document(document: &str) -> Result<Self, SecretDocumentError> {
        let secrets = if document.trim_start().starts_with('{') {
            serde_json::from_str::<BTreeMap<String, Value>>(document)
                .map_err(|_| SecretDocumentError::BrokenJson)?
                .into_iter()
                .map(Self::member)
                .collect::<Result<Vec<_>, _>>()?
        } else {
            Vec::from_iter(SigningSecret::new(document).map(|secret| NamedSecret { name: None, secret }))
        };
        match secrets.len() {
            0 => Err(SecretDocumentError::Empty),
            1..=MAX_SECRETS => Ok(Self(secrets)),
            too_many => Err(SecretDocumentError::TooMany(too_many)),
        }
    }

    fn member((name, value): (String, Value)) -> Result<NamedSecret, SecretDocumentError> {
        match value.as_str().and_then(SigningSecret::new) {
            Some(secret) => Ok(NamedSecret { name: Some(name), secret }),
            None => Err(SecretDocumentError::NotASecret(name)),
        }
    }

    /// These, and those of an older version of the document, which a sender may still use while it is being rotated.
    #[must_use]
    pub fn and(mut self, previous: Self) -> Self {
        self.0.extend(previous.0);
        self
    }

    /// Whether one of them begins or ends with white space: perhaps a line break that slipped in with it, which makes
    /// it another secret.
    #[must_use]
    pub fn has_surrounding_whitespace(&self) -> bool {
        self.0.iter().any(|named| named.secret.has_surrounding_whitespace())
    }

    /// The one that signed `body`, if any did. Tries every one, so that the time taken tells nothing about which.
    #[must_use]
    pub fn signer(&self, algorithm: SignatureAlgorithm, body: &[u8], signature: &Signature) -> Option<Signer<'_>> {
        self.0.iter().fold(None, |found, NamedSecret { name, secret }| {
            let signed = algorithm.verify(secret, body, signature);
            found.or_else(|| signed.then_some(Signer { webhook: name.as_deref() }))
        })
    }
}

/// Reads the signing secrets of both versions of a document.
#[derive(Debug, Clone)]
pub struct SigningSecretsReader<S>(pub S);

impl<S: SecretSource> SecretReader for SigningSecretsReader<S> {
    type Secret = SigningSecrets;

    async fn read(&self) -> Result<SigningSecrets, SecretError> {
        let (current, previous) =
            tokio::join!(self.0.read(SecretVersion::Current), self.0.read(SecretVersion::Previous));
        let current = SigningSecrets::from_document(&current?.ok_or(SecretError::NoValue)?)?;
        // A previous version that makes no sense (a placeholder from before the first real value, say) must not
        // stand in the way of the current one; a failure to read it must, or its messages would be refused.
        let secrets = match previous?.as_deref().map(SigningSecrets::from_document) {
            Some(Ok(previous)) => current.and(previous),
            Some(Err(_)) | None => current,
        };
        if secrets.has_surrounding_whitespace() {
            tracing::warn!("a signing secret begins or ends with white space: is that part of it?");
        }
        Ok(secrets)
    }
}
