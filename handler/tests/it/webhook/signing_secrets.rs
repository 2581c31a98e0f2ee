use momento_eventbridge::webhook::signing_secrets::{SecretDocumentError, SigningDocument};
use momento_signature::SigningSecret;
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vector {
    name: String,
    document: String,
    secrets: Vec<Member>,
    left_out: Vec<String>,
    problem: Option<String>,
}

#[derive(Deserialize)]
struct Member {
    member: Option<String>,
    secret: String,
}

#[test]
fn a_document_is_read_as_the_command_line_reads_it() {
    let vectors = include_str!("../../../../test/vectors/secret-documents.json");
    let vectors: Vec<Vector> = serde_json::from_str(vectors).unwrap();
    assert!(vectors.len() > 50);
    for Vector { name, document, secrets, left_out, problem } in vectors {
        let problem_of = |error: &SecretDocumentError| match error {
            SecretDocumentError::Empty => "EMPTY",
            SecretDocumentError::NotASecret => "NOT_A_SECRET",
            SecretDocumentError::NotJson => "NOT_JSON",
            SecretDocumentError::NoSecrets(_) => "NO_SECRETS",
            SecretDocumentError::TooMany(_) => "TOO_MANY",
        };
        match SigningDocument::read(&document) {
            Ok(read) => {
                assert_eq!(problem, None, "{name}");
                let expected = secrets.iter().map(|m| (m.member.as_deref(), SigningSecret::new(&m.secret).unwrap()));
                let found = read.secrets.iter().map(|named| (named.webhook.as_deref(), named.secret.clone()));
                assert!(found.eq(expected), "{name}");
                assert_eq!(read.left_out, left_out, "{name}");
            }
            Err(error) => {
                assert_eq!(problem.as_deref(), Some(problem_of(&error)), "{name}");
                if let SecretDocumentError::NoSecrets(members) = error {
                    assert_eq!(members, left_out, "{name}");
                }
            }
        }
    }
}

#[test]
fn why_a_document_holds_no_secret_is_said_by_name_without_a_value() {
    let refused = |document: &str| SigningDocument::read(document).unwrap_err().to_string();
    for document in ["hush", "hush hush hush hush\n", r#"{"a":"hush""#, r#"{"a":"hush","b":["hush"]}"#] {
        assert!(!refused(document).contains("hush"), "{document}");
    }
    assert!(refused(r#"{"a":"hush","b":2}"#).ends_with(r#"its members: "a", "b""#));
    assert!(refused("{}").ends_with("its members: none"));
    let many: serde_json::Map<_, _> = (10..40).map(|n| (n.to_string(), Value::from(""))).collect();
    assert!(refused(&Value::from(many).to_string()).ends_with(r#""29", 10 more"#));
    let strange = refused(&format!(r#"{{"{}\u001b\u202e\u0085":""}}"#, "n".repeat(61)));
    assert!(strange.ends_with(r#"nnn\u{1b}\u{202e}\u{85}""#), "{strange}");
}

#[test]
fn secrets_do_not_show_when_they_are_printed() {
    let document = SigningDocument::read(r#"{"chat":"hush hush hush hush"}"#).unwrap();
    assert!(!format!("{document:?}").contains("hush"));
}

proptest! {
    #[test]
    fn what_is_read_from_any_object_is_a_member_of_it_and_long_enough(
        members in prop::collection::hash_map(
            prop_oneof![Just("secret".to_owned()), Just("cacheName".to_owned()), ".{0,12}"], "\\PC{0,40}|.{0,40}", 0..25,
        ),
    ) {
        let document = serde_json::to_string(&members).unwrap();
        match SigningDocument::read(&document) {
            Ok(read) => {
                prop_assert!((1..=20).contains(&read.secrets.len()));
                for named in &read.secrets {
                    let name = named.webhook.as_deref().unwrap();
                    let value = &members[name];
                    prop_assert!(value.len() >= 16 && value.trim() == value && name != "cacheName");
                    prop_assert!(name == "secret" || !members.contains_key("secret"));
                    prop_assert_eq!(&SigningSecret::new(value).unwrap(), &named.secret);
                    prop_assert!(!read.left_out.iter().any(|left_out| left_out == name));
                }
            }
            Err(error) => {
                prop_assert!(matches!(error, SecretDocumentError::NoSecrets(_) | SecretDocumentError::TooMany(_)));
            }
        }
    }
}
