use momento_eventbridge::clock::UnixMillis;
use momento_eventbridge::json_object::FieldError;
use momento_eventbridge::message::topic_message::{TopicMessage, TopicMessageError};
use serde_json::{Value, json};

fn message() -> Value {
    json!({
        "cache": "chat",
        "topic": "room-281",
        "event_timestamp": 1,
        "publish_timestamp": 2,
        "topic_sequence_number": 3,
        "token_id": "user-17",
        "text": "Here I am!!",
    })
}

fn parse(body: &Value) -> Result<(String, String, u64, UnixMillis), TopicMessageError> {
    let body = body.to_string();
    let message = TopicMessage::parse(body.as_bytes())?;
    Ok((
        message.cache.into_owned(),
        message.topic.into_owned(),
        message.topic_sequence_number,
        message.publish_timestamp,
    ))
}

#[test]
fn a_message_is_read() {
    let expected = ("chat".to_owned(), "room-281".to_owned(), 3, UnixMillis(2));
    assert_eq!(parse(&message()), Ok(expected));
}

#[test]
fn names_with_escapes_are_read_as_what_they_mean() {
    let body = br#"{"cache":"ch\u00e9","topic":"a\"\\\n","event_timestamp":1,"publish_timestamp":2,"topic_sequence_number":3,"text":""}"#;
    let message = TopicMessage::parse(body).unwrap();
    assert_eq!((message.cache.as_ref(), message.topic.as_ref()), ("ché", "a\"\\\n"));
}

#[test]
fn the_token_id_may_be_empty_null_or_absent() {
    for token_id in [json!(""), Value::Null] {
        let mut body = message();
        body["token_id"] = token_id;
        assert!(parse(&body).is_ok());
    }
    let mut body = message();
    body.as_object_mut().unwrap().remove("token_id");
    assert!(parse(&body).is_ok());
}

#[test]
fn every_other_field_that_is_missing_or_null_is_named() {
    for field in ["cache", "topic", "event_timestamp", "publish_timestamp", "topic_sequence_number", "text"] {
        let mut body = message();
        body[field] = Value::Null;
        assert_eq!(parse(&body), Err(FieldError::Missing(field).into()));
        body.as_object_mut().unwrap().remove(field);
        assert_eq!(parse(&body), Err(FieldError::Missing(field).into()));
    }
}

#[test]
fn a_field_of_another_type_is_named_with_what_it_has_to_be() {
    for field in ["cache", "topic", "token_id", "text"] {
        for value in [json!(1), json!(true), json!({}), json!([])] {
            let mut body = message();
            body[field] = value;
            assert_eq!(parse(&body), Err(FieldError::WrongType { field, expected: "a string" }.into()));
        }
    }
    for field in ["event_timestamp", "publish_timestamp", "topic_sequence_number"] {
        for value in [json!(-1), json!(1.5), json!("1"), json!({}), json!(1e30)] {
            let mut body = message();
            body[field] = value;
            let expected = "a whole number of 0 or more";
            assert_eq!(parse(&body), Err(FieldError::WrongType { field, expected }.into()));
        }
    }
}

#[test]
fn a_field_that_stands_there_twice_is_refused() {
    let body = message().to_string().replace('}', r#","top\u0069c":"other"}"#);
    assert_eq!(TopicMessage::parse(body.as_bytes()), Err(FieldError::Repeated("topic").into()));
}

#[test]
fn what_is_no_json_object_is_told_apart() {
    let parse = |body: &'static [u8]| TopicMessage::parse(body).unwrap_err();
    assert_eq!(parse(b"{\"cache\":\"\xff\"}"), TopicMessageError::NotUtf8(10));
    assert_eq!(parse(b""), TopicMessageError::NotJson { line: 1, column: 0 });
    assert_eq!(parse(b"{\n\"cache\": oops}"), TopicMessageError::NotJson { line: 2, column: 10 });
    assert_eq!(parse(b"{} {}"), TopicMessageError::NotJson { line: 1, column: 4 });
    for other in [&b"[]"[..], b"12", b"\"text\"", b"null", b"true"] {
        assert_eq!(TopicMessage::parse(other), Err(TopicMessageError::NotAnObject));
    }
}

#[test]
fn an_error_never_repeats_what_stood_in_the_body() {
    let mut body = message();
    body["publish_timestamp"] = json!("hush");
    assert!(!parse(&body).unwrap_err().to_string().contains("hush"));
    assert!(!TopicMessage::parse(b"hush").unwrap_err().to_string().contains("hush"));
}
