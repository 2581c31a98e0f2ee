use momento_eventbridge::webhook::function_url::{Answer, FunctionUrlEvent};
use serde_json::json;

use crate::fakes::Gateway;

#[test]
fn an_event_with_nothing_in_it_is_a_request_with_nothing_in_it() {
    let event: FunctionUrlEvent = serde_json::from_str("{}").unwrap();
    assert_eq!((event.method(), event.signature(), event.received_at()), (None, None, None));
    assert_eq!(event.into_body(), Some(Vec::new()));
}

#[test]
fn of_the_headers_only_the_signature_matters() {
    let headers = json!({"accept": "*/*", "x-odd": ["a", null], "momento-signature": "0a"});
    let event: FunctionUrlEvent = serde_json::from_value(json!({ "headers": headers })).unwrap();
    assert_eq!(event.signature(), Some("0a"));
    let event: FunctionUrlEvent = serde_json::from_str(r#"{"headers":{"momento-signature":null}}"#).unwrap();
    assert_eq!(event.signature(), None);
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

#[tokio::test(start_paused = true)]
async fn an_event_of_a_rest_api_or_a_load_balancer_is_answered_400_and_says_what_is_expected() {
    let rest_api = json!({
        "resource": "/", "path": "/", "httpMethod": "POST", "headers": null, "multiValueHeaders": null,
        "queryStringParameters": null, "requestContext": {"httpMethod": "POST"}, "body": "{}", "isBase64Encoded": false,
    });
    let load_balancer = json!({
        "requestContext": {"elb": {"targetGroupArn": "arn"}}, "httpMethod": "POST", "path": "/",
        "headers": {"momento-signature": "0"}, "body": "{}", "isBase64Encoded": null,
    });
    for event in [rest_api, load_balancer, json!({}), json!({"requestContext": null, "body": null})] {
        let message = "Bad Request: not an event of a Lambda function URL or an HTTP API (payload format 2.0)";
        assert_eq!(Gateway::new().answer(event).await, (400, json!({"message": message})));
    }
}
