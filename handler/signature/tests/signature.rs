//! What a signature promises, on vectors of other implementations and on whatever proptest thinks of.

use momento_signature::{Signature, SignatureAlgorithm, SignatureError, SigningSecret};
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vector {
    name: String,
    secret: String,
    body_hex: String,
    #[serde(rename = "hmacSha3_256")]
    hmac_sha3_256: String,
    hmac_sha256: String,
}

#[test]
fn signatures_are_those_that_python_and_node_compute() {
    let vectors: Vec<Vector> = serde_json::from_str(include_str!("../../../test/vectors/signatures.json")).unwrap();
    assert!(!vectors.is_empty());
    for vector in vectors {
        let secret = SigningSecret::new(&vector.secret).unwrap();
        let body = base16ct::lower::decode_vec(vector.body_hex).unwrap();
        for (algorithm, expected) in [
            (SignatureAlgorithm::HmacSha3_256, vector.hmac_sha3_256),
            (SignatureAlgorithm::HmacSha256, vector.hmac_sha256),
        ] {
            assert_eq!(algorithm.sign(&secret, &body).to_header(), expected, "{}", vector.name);
            let signature = Signature::from_header(Some(&expected)).unwrap();
            assert!(algorithm.verify(&secret, &body, &signature), "{}", vector.name);
        }
    }
}

#[test]
fn a_signature_of_one_algorithm_is_none_of_the_other() {
    let secret = SigningSecret::new("secret").unwrap();
    let signature = SignatureAlgorithm::HmacSha256.sign(&secret, b"body");
    assert!(!SignatureAlgorithm::HmacSha3_256.verify(&secret, b"body", &signature));
}

#[test]
fn what_is_no_signature_is_told_apart() {
    let good = "0a".repeat(32);
    assert!(Signature::from_header(Some(&good)).is_ok());
    assert!(Signature::from_header(Some(&format!(" {good} ,{good}"))).is_ok());
    assert_eq!(Signature::from_header(None), Err(SignatureError::Missing));
    let other = "0b".repeat(32);
    assert_eq!(Signature::from_header(Some(&format!("{good},{other}"))), Err(SignatureError::Ambiguous));
    for malformed in ["", "zz", &good[1..], &good.to_uppercase(), &format!("{good}00"), &"é".repeat(32)] {
        assert_eq!(Signature::from_header(Some(malformed)), Err(SignatureError::Malformed), "{malformed}");
    }
}

#[test]
fn an_id_is_the_second_half_of_the_signature() {
    let header = "00000000000000000000000000000001fedcba98765432100123456789abcdef";
    let id = Signature::from_header(Some(header)).unwrap().id();
    assert_eq!(id, 0xfedc_ba98_7654_3210_0123_4567_89ab_cdef);
}

#[test]
fn an_empty_secret_is_none() {
    assert_eq!(SigningSecret::new(""), None);
}

proptest! {
    #[test]
    fn a_signature_is_verified_by_the_secret_that_made_it_and_by_no_other(
        secret in ".+", other in ".+", body in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        for algorithm in [SignatureAlgorithm::HmacSha3_256, SignatureAlgorithm::HmacSha256] {
            let own = SigningSecret::new(&secret).unwrap();
            let signature = algorithm.sign(&own, &body);
            prop_assert_eq!(Signature::from_header(Some(&signature.to_header())), Ok(signature));
            prop_assert!(algorithm.verify(&own, &body, &signature));
            let accepted = algorithm.verify(&SigningSecret::new(&other).unwrap(), &body, &signature);
            prop_assert_eq!(accepted, other == secret);
        }
    }
}
