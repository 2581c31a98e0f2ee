//! Authenticates a request: it must be signed with the webhook's secret, and fresh.

use std::time::Duration;

use lambda_http::http::StatusCode;
use momento_signature::{Signature, SignatureAlgorithm, SigningSecret};
use serde::Deserialize;

/// As Momento recommends: a recorded request soon becomes useless.
const MAX_AGE: Duration = Duration::from_mins(1);
/// How far in the future a message may be: no two clocks agree.
const MAX_CLOCK_SKEW: Duration = Duration::from_secs(10);

/// The body that Momento posts, without the fields that are not used here.
#[derive(Deserialize)]
pub(crate) struct TopicMessage {
    pub(crate) cache: String,
    pub(crate) topic: String,
    /// In milliseconds since 1970.
    pub(crate) publish_timestamp: u64,
    pub(crate) topic_sequence_number: u64,
    pub(crate) text: String,
}

/// Why a request is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rejection {
    /// The signature is missing, ambiguous or wrong.
    Unauthenticated,
    /// The signature is right, and the body is not a topic message.
    Malformed,
    /// The message was published too long ago, or in the future.
    Stale,
}

impl Rejection {
    /// The answer. It does not tell strangers why they were rejected.
    pub(crate) fn answer(self) -> (StatusCode, &'static str) {
        match self {
            Self::Unauthenticated | Self::Stale => (StatusCode::FORBIDDEN, "Unauthorized"),
            Self::Malformed => (StatusCode::BAD_REQUEST, "Bad Request"),
        }
    }
}

/// Returns the message of a genuine, fresh request.
///
/// `now` is the time since 1970.
///
/// # Errors
/// See [`Rejection`].
pub(crate) fn authenticate(
    secret: &SigningSecret,
    signature: Option<&str>,
    body: &[u8],
    now: Duration,
) -> Result<TopicMessage, Rejection> {
    let signature = Signature::from_header(signature).map_err(|_| Rejection::Unauthenticated)?;
    // First, and over the raw bytes: an unauthenticated body is never parsed.
    if !SignatureAlgorithm::HmacSha3_256.verify(secret, body, &signature) {
        return Err(Rejection::Unauthenticated);
    }
    let message: TopicMessage = serde_json::from_slice(body).map_err(|_| Rejection::Malformed)?;
    let published = Duration::from_millis(message.publish_timestamp);
    if published + MAX_AGE < now || now + MAX_CLOCK_SKEW < published {
        return Err(Rejection::Stale);
    }
    Ok(message)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use momento_signature::{SignatureAlgorithm, SigningSecret};

    use super::{Rejection, authenticate};

    const BODY: &str = r#"{"cache":"chat","topic":"room","event_timestamp":100000,"publish_timestamp":100000,
        "topic_sequence_number":7,"token_id":"","text":"Here I am!!"}"#;

    fn secret(value: &str) -> SigningSecret {
        SigningSecret::new(value).unwrap()
    }

    /// Authenticates a body with the right signature at `now`, in milliseconds since 1970.
    fn signed(body: &str, now: u64) -> Result<String, Rejection> {
        let signature = SignatureAlgorithm::HmacSha3_256.sign(&secret("the secret"), body.as_bytes()).to_header();
        let now = Duration::from_millis(now);
        authenticate(&secret("the secret"), Some(&signature), body.as_bytes(), now).map(|message| message.text)
    }

    #[test]
    fn a_signed_message_is_taken_from_10_s_before_to_60_s_after_it_was_published() {
        for now in [90_000, 100_000, 160_000] {
            assert_eq!(signed(BODY, now).as_deref(), Ok("Here I am!!"));
        }
        for now in [0, 89_999, 160_001, u64::MAX] {
            assert_eq!(signed(BODY, now), Err(Rejection::Stale));
        }
        let never = BODY.replace("\"publish_timestamp\":100000", "\"publish_timestamp\":18446744073709551615");
        assert_eq!(signed(&never, 100_000), Err(Rejection::Stale));
    }

    #[test]
    fn a_body_with_a_wrong_signature_or_none_is_rejected_unparsed() {
        let sign = |key| SignatureAlgorithm::HmacSha3_256.sign(&secret(key), BODY.as_bytes()).to_header();
        let (right, other) = (sign("the secret"), sign("another secret"));
        for (signature, body) in [
            (None, BODY),
            (Some(""), BODY),
            (Some("zz"), BODY),
            (Some(&*other), BODY),
            (Some(&*format!("{right},{other}")), BODY),
            (Some(&*right), &BODY.replace("!!", "??")),
            (Some(&*right), &BODY.replace('\n', "")),
            (Some(&*right), "not JSON"),
        ] {
            let now = Duration::from_secs(100);
            let rejection = authenticate(&secret("the secret"), signature, body.as_bytes(), now).err();
            assert_eq!(rejection, Some(Rejection::Unauthenticated), "{signature:?} {body}");
        }
    }

    #[test]
    fn a_signed_body_that_is_not_a_message_is_malformed() {
        for body in ["", "not JSON", "[]", "{}", &BODY.replace("\"Here I am!!\"", "5"), &BODY.replace("7,", "-7,")] {
            assert_eq!(signed(body, 100_000), Err(Rejection::Malformed), "{body}");
        }
    }
}
