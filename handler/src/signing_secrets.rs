//! The document in Secrets Manager that holds the signing secrets.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::signature::{Signature, SignatureAlgorithm, SigningSecret};

/// Every secret that a genuine request may be signed with. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningSecrets(Vec<SigningSecret>);

/// Why a secret's document holds no signing secrets. Names members, never values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretDocumentError {
    /// The string, or the JSON object, is empty.
    #[error("it is empty: put the webhook's signing secret in it")]
    Empty,
    /// It begins like a JSON object, but is none.
    #[error("it begins with a brace but is not a JSON object whose values are signing secrets")]
    BrokenJson,
    /// A member of the JSON object is not a string, or an empty one.
    #[error("its member `{0}` is not a string that could be a signing secret")]
    NotASecret(String),
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
                .collect::<Result<_, _>>()?
        } else {
            Vec::from_iter(SigningSecret::new(document))
        };
        if secrets.is_empty() { Err(SecretDocumentError::Empty) } else { Ok(Self(secrets)) }
    }

    fn member((name, value): (String, Value)) -> Result<SigningSecret, SecretDocumentError> {
        match value {
            Value::String(secret) => SigningSecret::new(secret).ok_or(SecretDocumentError::NotASecret(name)),
            _ => Err(SecretDocumentError::NotASecret(name)),
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
    pub fn have_white_space_around(&self) -> bool {
        self.0.iter().any(SigningSecret::has_white_space_around)
    }

    /// Whether any of them signed `body`. Tries every one, so that the time taken tells nothing about which.
    #[must_use]
    pub fn signed(&self, algorithm: SignatureAlgorithm, body: &[u8], signature: &Signature) -> bool {
        self.0.iter().fold(false, |found, secret| algorithm.verify(secret, body, signature) | found)
    }
}
