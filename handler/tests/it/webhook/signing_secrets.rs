use momento_eventbridge::webhook::signing_secrets::{SecretDocumentError, SigningSecrets};
use momento_signature::{SignatureAlgorithm, SigningSecret};
use serde_json::Value;

fn accepts(document: &str, secret: &str) -> bool {
    let algorithm = SignatureAlgorithm::HmacSha3_256;
    let signature = algorithm.sign(&SigningSecret::new(secret).unwrap(), b"body");
    SigningSecrets::from_document(document).unwrap().signer(algorithm, b"body", &signature).is_some()
}

#[test]
fn a_document_is_a_signing_secret_to_the_letter() {
    for document in ["secret", " secret\n", "\"secret\"", "[1]", "12", "sécret"] {
        assert!(accepts(document, document), "{document:?}");
        assert!(!accepts(document, "other"), "{document:?}");
    }
}

#[test]
fn a_document_that_is_a_json_object_holds_one_in_each_member() {
    assert!(accepts(r#"{"momentoSecret":"secret"}"#, "secret"));
    let two = " {\"a\": \"one\", \"b\": \"tw\\u006f\"}\n";
    assert!(accepts(two, "one"));
    assert!(accepts(two, "two"));
    assert!(!accepts(two, "a"));
}

#[test]
fn a_document_without_a_usable_secret_is_refused_by_name_and_shows_no_value() {
    use SecretDocumentError::{BrokenJson, Empty, NotASecret};
    let refused = |document: &str| SigningSecrets::from_document(document).unwrap_err();
    assert_eq!(refused(""), Empty);
    assert_eq!(refused("{}"), Empty);
    assert_eq!(refused(r#"{"momentoSecret":"secret""#), BrokenJson);
    assert_eq!(refused(r#"{"a":"secret","b":12}"#), NotASecret("b".to_owned()));
    assert_eq!(refused(r#"{"a":""}"#), NotASecret("a".to_owned()));
    for document in [r#"{"a":"hush""#, r#"{"a":"hush","b":["hush"]}"#] {
        assert!(!refused(document).to_string().contains("hush"));
    }
}

#[test]
fn white_space_around_a_secret_is_noticed() {
    let noticed = |document: &str| SigningSecrets::from_document(document).unwrap().has_surrounding_whitespace();
    assert!(noticed("secret\n"));
    assert!(noticed(r#"{"a":"one","b":" two"}"#));
    assert!(!noticed(" {\"a\":\"a secret\"}\n"));
}

#[test]
fn secrets_and_signatures_do_not_show_when_they_are_printed() {
    let secret = SigningSecret::new("hush").unwrap();
    let signature = SignatureAlgorithm::HmacSha3_256.sign(&secret, b"body");
    let secrets = SigningSecrets::from_document("hush").unwrap();
    let printed = format!("{secret:?} {signature:?} {secrets:?}");
    assert!(!printed.contains("hush") && !printed.contains(&signature.to_header()), "{printed}");
}

#[test]
fn the_secret_that_signed_is_known_by_the_name_of_its_member() {
    let algorithm = SignatureAlgorithm::HmacSha3_256;
    let signature = algorithm.sign(&SigningSecret::new("two").unwrap(), b"body");
    let named = SigningSecrets::from_document(r#"{"chat":"one","orders":"two"}"#).unwrap();
    assert_eq!(named.signer(algorithm, b"body", &signature).unwrap().webhook, Some("orders"));
    let bare = SigningSecrets::from_document("two").unwrap();
    assert_eq!(bare.signer(algorithm, b"body", &signature).unwrap().webhook, None);
}

#[test]
fn a_document_holds_twenty_secrets_at_most() {
    let document = |count: usize| {
        let members = (0..count).map(|number| (number.to_string(), Value::from("secret")));
        Value::Object(members.collect()).to_string()
    };
    assert!(SigningSecrets::from_document(&document(20)).is_ok());
    assert_eq!(SigningSecrets::from_document(&document(21)), Err(SecretDocumentError::TooMany(21)));
}
