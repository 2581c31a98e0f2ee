use momento_eventbridge::momento::api_key::{ApiKey, ApiKeyError};

fn read(document: &str, field: Option<&str>) -> Result<String, ApiKeyError> {
    ApiKey::from_document(document, field).map(|key| key.expose().to_owned())
}

#[test]
fn a_key_is_the_whole_secret_or_a_field_of_it_without_white_space_around() {
    assert_eq!(read("eyJhIjoxfQ==", None), Ok("eyJhIjoxfQ==".to_owned()));
    assert_eq!(read(" the-key\r\n", None), Ok("the-key".to_owned()));
    assert_eq!(read(r#"{"apiKey":"the-key\n","other":1}"#, Some("apiKey")), Ok("the-key".to_owned()));
}

#[test]
fn a_document_without_a_key_is_told_apart_by_what_it_lacks() {
    let field = || "apiKey".to_owned();
    for (document, asked, error) in [
        ("", None, ApiKeyError::Empty),
        ("  \n", None, ApiKeyError::Empty),
        (r#" {"apiKey":"hush"}"#, None, ApiKeyError::WhichField),
        ("hush hush", None, ApiKeyError::Unsendable),
        ("hüsh", None, ApiKeyError::Unsendable),
        ("hush\u{0}", None, ApiKeyError::Unsendable),
        ("hush", Some("apiKey"), ApiKeyError::NoObject(field())),
        (r#"{"apiKey":"hush""#, Some("apiKey"), ApiKeyError::NoObject(field())),
        (r#"["hush"]"#, Some("apiKey"), ApiKeyError::NoObject(field())),
        (r#"{"other":"hush"}"#, Some("apiKey"), ApiKeyError::NoField(field())),
        (r#"{"apiKey":["hush"]}"#, Some("apiKey"), ApiKeyError::NoField(field())),
        (r#"{"apiKey":null}"#, Some("apiKey"), ApiKeyError::NoField(field())),
        (r#"{"apiKey":""}"#, Some("apiKey"), ApiKeyError::Empty),
    ] {
        assert_eq!(read(document, asked), Err(error.clone()));
        assert!(!error.to_string().contains("hush"));
    }
}

#[test]
fn a_key_does_not_show_itself() {
    assert_eq!(format!("{:?}", ApiKey::from_document("hush", None).unwrap()), "ApiKey(..)");
}
