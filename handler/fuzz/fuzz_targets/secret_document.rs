//! Any text as the secret's document: nothing panics, and what is accepted holds the secrets that stand in it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use momento_eventbridge::webhook::signing_secrets::{MAX_SECRETS, MIN_SECRET_BYTES, NamedSecret, SigningDocument};
use momento_signature::SigningSecret;
use serde_json::Value;

fuzz_target!(|document: &str| {
    let Ok(read) = SigningDocument::read(document) else { return };
    assert!((1..=MAX_SECRETS).contains(&read.secrets.len()));
    let members = match serde_json::from_str::<Value>(document) {
        // Nested deeper than a `Value` may be.
        Err(_) if document.trim_start().starts_with('{') => return,
        members => members.unwrap_or_default(),
    };
    for NamedSecret { webhook, secret } in read.secrets {
        let text = webhook.map_or(document, |name| members[name].as_str().expect("it is a member"));
        assert!(text.len() >= MIN_SECRET_BYTES && text.trim() == text);
        assert!(SigningSecret::new(text) == Some(secret));
    }
});
