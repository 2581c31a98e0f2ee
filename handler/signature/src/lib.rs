//! The signature that proves a webhook to be Momento's: an HMAC over the raw bytes of the body.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac, SimpleHmac};
use sha2::Sha256;
use sha3::Sha3_256;

/// The header that carries the signature, in lower case as Lambda hands headers over.
pub const SIGNATURE_HEADER: &str = "momento-signature";

const SIGNATURE_BYTES: usize = 32;

/// How a webhook is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SignatureAlgorithm {
    /// HMAC-SHA3-256: what Momento sends.
    #[default]
    HmacSha3_256,
    /// HMAC-SHA-256: for relays and test senders that have no SHA-3.
    HmacSha256,
}

impl SignatureAlgorithm {
    /// Signs `body` as a sender does.
    #[must_use]
    pub fn sign(self, secret: &SigningSecret, body: &[u8]) -> Signature {
        match self {
            Self::HmacSha3_256 => sign(&secret.hmac_sha3_256, body),
            Self::HmacSha256 => sign(&secret.hmac_sha256, body),
        }
    }

    /// Whether `secret` made `signature` for `body`. Takes the same time whichever byte differs.
    #[must_use]
    pub fn verify(self, secret: &SigningSecret, body: &[u8], signature: &Signature) -> bool {
        match self {
            Self::HmacSha3_256 => verify(&secret.hmac_sha3_256, body, signature),
            Self::HmacSha256 => verify(&secret.hmac_sha256, body, signature),
        }
    }
}

fn keyed<M: KeyInit>(secret: &str) -> M {
    #[expect(clippy::expect_used, reason = "HMAC is defined for keys of every length")]
    M::new_from_slice(secret.as_bytes()).expect("HMAC takes any key")
}

fn sign<M: Mac + Clone>(keyed: &M, body: &[u8]) -> Signature {
    let mut bytes = [0; SIGNATURE_BYTES];
    bytes.copy_from_slice(&keyed.clone().chain_update(body).finalize().into_bytes());
    Signature(bytes)
}

fn verify<M: Mac + Clone>(keyed: &M, body: &[u8], signature: &Signature) -> bool {
    keyed.clone().chain_update(body).verify_slice(&signature.0).is_ok()
}

/// What a webhook's sender and receiver share. Never printed.
#[derive(Clone)]
pub struct SigningSecret {
    secret: String,
    /// Each HMAC with the key in it and no byte of a body yet: the same for every request.
    hmac_sha3_256: SimpleHmac<Sha3_256>,
    hmac_sha256: Hmac<Sha256>,
}

impl PartialEq for SigningSecret {
    fn eq(&self, other: &Self) -> bool {
        self.secret == other.secret
    }
}

impl Eq for SigningSecret {}

impl SigningSecret {
    /// The secret as Momento gave it, to the letter; `None` if it is empty, since anybody could sign with that.
    #[must_use]
    pub fn new(secret: &str) -> Option<Self> {
        (!secret.is_empty()).then(|| Self {
            secret: secret.to_owned(),
            hmac_sha3_256: keyed(secret),
            hmac_sha256: keyed(secret),
        })
    }

    /// Whether it begins or ends with white space: perhaps a line break that slipped in with it.
    #[must_use]
    pub fn has_surrounding_whitespace(&self) -> bool {
        self.secret.trim().len() != self.secret.len()
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningSecret(…)")
    }
}

/// The signature of one request. Not printed either: inside the freshness window it would let a reader replay it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Signature([u8; SIGNATURE_BYTES]);

/// Why a request has no signature worth checking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// There is no `momento-signature` header.
    #[error("no momento-signature header")]
    Missing,
    /// There are several, and they differ.
    #[error("several momento-signature headers that differ")]
    Ambiguous,
    /// It is not 64 lowercase hexadecimal digits.
    #[error("a momento-signature that is not 64 lowercase hexadecimal digits")]
    Malformed,
}

impl Signature {
    /// Reads the header's value. A Function URL joins the values of a repeated header with commas.
    ///
    /// # Errors
    /// See [`SignatureError`].
    pub fn from_header(value: Option<&str>) -> Result<Self, SignatureError> {
        let mut values = value.ok_or(SignatureError::Missing)?.split(',').map(str::trim);
        let first = values.next().unwrap_or_default();
        if values.any(|other| other != first) {
            return Err(SignatureError::Ambiguous);
        }
        let mut bytes = [0; SIGNATURE_BYTES];
        match base16ct::lower::decode(first, &mut bytes) {
            Ok(decoded) if decoded.len() == SIGNATURE_BYTES => Ok(Self(bytes)),
            _ => Err(SignatureError::Malformed),
        }
    }

    /// The header's value: lowercase hexadecimal.
    #[must_use]
    pub fn to_header(&self) -> String {
        base16ct::lower::encode_string(&self.0)
    }

    /// A number that tells genuine signatures apart: their second half. Of 50,000 of them, two have the same number with a
    /// probability of 2^-97.
    #[must_use]
    pub fn id(&self) -> u128 {
        self.0.iter().skip(SIGNATURE_BYTES / 2).fold(0, |id, byte| id << 8 | u128::from(*byte))
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signature(…)")
    }
}
