use momento_eventbridge::webhook::function_url::{Answer, FunctionUrlEvent};
use serde_json::json;

#[test]
fn an_event_with_nothing_in_it_is_a_request_with_nothing_in_it() {
    let event: FunctionUrlEvent = serde_json::from_str("{}").unwrap();
    assert_eq!((event.method(), event.header("momento-signature"), event.received_at()), ("", None, None));
    assert_eq!(event.into_body(), Some(Vec::new()));
}

#[test]
fn a_body_that_is_called_base64_and_is_not_has_no_bytes() {
    let event: FunctionUrlEvent = serde_json::from_value(json!({"body": "*", "isBase64Encoded": true})).unwrap();
    assert_eq!(event.into_body(), None);
}

#[test]
fn an_answer_is_what_a_function_url_takes() {
    let answer = Answer::new(405, "No \"that\"").with_allow("POST").with_event_id("1");
    assert_eq!(
        serde_json::to_value(answer).unwrap(),
        json!({
            "statusCode": 405,
            "headers": {"content-type": "application/json", "allow": "POST"},
            "body": r#"{"message":"No \"that\"","eventId":"1"}"#,
        })
    );
}
