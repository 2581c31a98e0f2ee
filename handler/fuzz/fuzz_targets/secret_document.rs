//! Any text as the secret's document: nothing panics, and what is accepted holds secrets that verify.

#![no_main]

use libfuzzer_sys::fuzz_target;
use momento_eventbridge::webhook::signing_secrets::{MAX_SECRETS, SigningSecrets};
use momento_signature::{SignatureAlgorithm, SigningSecret};
use serde_json::Value;

fuzz_target!(|document: &str| {
    let Ok(secrets) = SigningSecrets::from_document(document) else { return };
    let members = match serde_json::from_str(document) {
        Ok(Value::Object(members)) => {
            members.into_iter().map(|(_, value)| value.as_str().unwrap().to_owned()).collect()
        }
        _ => vec![document.to_owned()],
    };
    assert!((1..=MAX_SECRETS).contains(&members.len()));
    let algorithm = SignatureAlgorithm::HmacSha256;
    for member in members {
        let signature = algorithm.sign(&SigningSecret::new(&member).expect("no secret is empty"), b"body");
        assert!(secrets.signer(algorithm, b"body", &signature).is_some());
    }
});
