//! The table of answers, a row a test.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use momento_eventbridge::webhook::verdict::MAX_BODY_BYTES;
use serde_json::json;
use tokio::time::{Duration, advance};

use crate::fakes::{Behaviour, Gateway, NOW, SECRET, body_at, refused, request, sign, signed, unavailable};

#[tokio::test(start_paused = true)]
async fn a_genuine_fresh_message_is_on_the_bus_once_and_answered_200_with_its_event_id() {
    let gateway = Gateway::new();
    let answer = gateway.answer(signed(&body_at(NOW))).await;
    assert_eq!(answer, (200, json!({"message": "Success", "eventId": "event-1"})));
    let events = gateway.bus.taken();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].source, "Momento");
    assert_eq!(events[0].detail_type, "chat#room-281");
    assert_eq!(events[0].detail, body_at(NOW));
    assert_eq!(events[0].time, NOW);
    assert_eq!(gateway.queue.calls(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_the_bus_does_not_take_is_parked_and_answered_202() {
    for script in [unavailable(), refused(), Behaviour::Hang] {
        let gateway = Gateway::with([script], [Behaviour::Take]);
        assert_eq!(gateway.answer(signed(&body_at(NOW))).await, (202, json!({"message": "Accepted"})));
        assert_eq!(gateway.queue.taken().len(), 1);
        assert_eq!(gateway.queue.taken()[0].detail, body_at(NOW));
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_seen_before_is_answered_200_and_not_put_on_the_bus_again() {
    let gateway = Gateway::new();
    gateway.answer(signed(&body_at(NOW))).await;
    advance(Duration::from_secs(59)).await;
    assert_eq!(gateway.answer(signed(&body_at(NOW))).await, (200, json!({"message": "Duplicate"})));
    assert_eq!(gateway.bus.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_parked_message_sent_again_is_a_duplicate() {
    let gateway = Gateway::with([refused()], [Behaviour::Take]);
    gateway.answer(signed(&body_at(NOW))).await;
    assert_eq!(gateway.answer(signed(&body_at(NOW))).await, (200, json!({"message": "Duplicate"})));
}

#[tokio::test(start_paused = true)]
async fn a_message_that_neither_takes_is_answered_503_and_may_be_sent_again() {
    let gateway = Gateway::with([refused(), Behaviour::Take], [refused()]);
    assert_eq!(gateway.answer(signed(&body_at(NOW))).await.0, 503);
    assert_eq!(gateway.answer(signed(&body_at(NOW))).await.0, 200);
    assert_eq!(gateway.bus.taken().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_request_whose_signature_is_absent_malformed_ambiguous_or_wrong_is_answered_403_and_says_no_more() {
    let body = body_at(NOW);
    let right = sign(SECRET, body.as_bytes());
    let wrong = sign("another secret", body.as_bytes());
    let signatures = [
        None,
        Some(String::new()),
        Some(wrong.clone()),
        Some(right.to_uppercase()),
        Some(format!("{right},{wrong}")),
        Some(format!("{wrong},{right}")),
        Some(format!("{right}00")),
        Some(right[2..].to_owned()),
        Some(format!("sha3={right}")),
    ];
    let gateway = Gateway::new();
    for signature in signatures {
        let answer = gateway.answer(request("POST", signature.as_deref(), &body)).await;
        assert_eq!(answer, (403, json!({"message": "Unauthorized"})), "{signature:?}");
    }
    assert_eq!(gateway.bus.calls() + gateway.queue.calls(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_right_signature_in_two_headers_is_right() {
    let body = body_at(NOW);
    let signature = sign(SECRET, body.as_bytes());
    let twice = format!("{signature}, {signature}");
    assert_eq!(Gateway::new().answer(request("POST", Some(&twice), &body)).await.0, 200);
}

#[tokio::test(start_paused = true)]
async fn a_message_is_taken_up_to_its_greatest_age_and_refused_with_403_beyond() {
    let gateway = Gateway::new();
    assert_eq!(gateway.answer(signed(&body_at(NOW - 60_000))).await.0, 200);
    let answer = gateway.answer(signed(&body_at(NOW - 60_001))).await;
    assert_eq!(answer, (403, json!({"message": "Unauthorized"})));
    assert_eq!(gateway.bus.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_message_from_the_future_is_taken_within_the_clock_skew_and_refused_with_403_beyond() {
    let gateway = Gateway::new();
    assert_eq!(gateway.answer(signed(&body_at(NOW + 10_000))).await.0, 200);
    for ahead in [10_001, 3_600_000, u64::MAX - NOW] {
        let answer = gateway.answer(signed(&body_at(NOW + ahead))).await;
        assert_eq!(answer, (403, json!({"message": "Unauthorized"})));
    }
    assert_eq!(gateway.bus.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_genuine_body_that_is_no_message_is_answered_400_with_the_field_at_fault() {
    let gateway = Gateway::new();
    let body = body_at(NOW).replace(r#""topic":"room-281","#, "");
    let answer = gateway.answer(signed(&body)).await;
    assert_eq!(answer, (400, json!({"message": "Bad Request: the field `topic` is missing"})));
    assert_eq!(gateway.bus.calls() + gateway.queue.calls(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_authenticated_is_not_parsed() {
    let answer = Gateway::new().answer(request("POST", Some(&"0".repeat(64)), "not JSON")).await;
    assert_eq!(answer, (403, json!({"message": "Unauthorized"})));
}

#[tokio::test(start_paused = true)]
async fn a_body_is_taken_up_to_the_limit_and_refused_with_413_beyond() {
    let gateway = Gateway::new();
    let largest = format!("{}{}", body_at(NOW), " ".repeat(MAX_BODY_BYTES - body_at(NOW).len()));
    assert_eq!(gateway.answer(signed(&largest)).await.0, 200);
    assert_eq!(gateway.bus.taken()[0].detail, largest);
    let (status, _) = gateway.answer(signed(&format!("{largest} "))).await;
    assert_eq!(status, 413);
    assert_eq!(gateway.bus.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_not_a_post_is_answered_405_with_the_method_allowed() {
    let gateway = Gateway::new();
    let body = body_at(NOW);
    for method in ["GET", "PUT", "DELETE", "OPTIONS", "post", ""] {
        let verdict = gateway.receive(request(method, Some(&sign(SECRET, body.as_bytes())), &body)).await;
        let answer = serde_json::to_value(verdict.answer()).unwrap();
        assert_eq!(answer["statusCode"], 405, "{method}");
        assert_eq!(answer["headers"]["allow"], "POST");
    }
    assert_eq!(gateway.bus.calls(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_lambda_encoded_is_decoded_before_it_is_verified() {
    let gateway = Gateway::new();
    let mut encoded = signed(&body_at(NOW));
    encoded["body"] = STANDARD.encode(body_at(NOW)).into();
    encoded["isBase64Encoded"] = true.into();
    assert_eq!(gateway.answer(encoded).await.0, 200);
    assert_eq!(gateway.bus.taken()[0].detail, body_at(NOW));
}

#[tokio::test(start_paused = true)]
async fn fields_that_the_handler_does_not_know_stay_in_the_detail() {
    let gateway = Gateway::new();
    let body = body_at(NOW).replace('}', r#" , "new_field" : {"a":[1, 2.50]} }"#);
    assert_eq!(gateway.answer(signed(&body)).await.0, 200);
    assert_eq!(gateway.bus.taken()[0].detail, body);
}

#[tokio::test(start_paused = true)]
async fn without_any_signing_secret_nothing_is_taken_and_the_answer_is_503() {
    let gateway = Gateway::new();
    *gateway.secrets.current.lock().unwrap() = None;
    assert_eq!(gateway.answer(signed(&body_at(NOW))).await, (503, json!({"message": "Service Unavailable"})));
    assert_eq!(gateway.bus.calls(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_trace_header_goes_with_the_event_unless_eventbridge_would_refuse_it() {
    for (header, expected) in [(Some("Root=1-a;Sampled=1"), Some("Root=1-a;Sampled=1")), (Some(""), None), (None, None)]
    {
        let gateway = Gateway::new();
        let event = serde_json::from_value(signed(&body_at(NOW))).unwrap();
        gateway.webhook().handle(event, header).await;
        assert_eq!(gateway.bus.taken()[0].trace_header.as_deref(), expected);
    }
    let gateway = Gateway::new();
    let event = serde_json::from_value(signed(&body_at(NOW))).unwrap();
    gateway.webhook().handle(event, Some(&"x".repeat(501))).await;
    assert_eq!(gateway.bus.taken()[0].trace_header, None);
}

#[tokio::test(start_paused = true)]
async fn a_text_cut_within_an_emoji_is_answered_400_and_says_so() {
    let gateway = Gateway::new();
    let body = body_at(NOW).replace("Here I am!!", "Here I am \\ud83d");
    let (status, answer) = gateway.answer(signed(&body)).await;
    assert_eq!(status, 400);
    let message =
        "Bad Request: the field `text` has half of a surrogate pair, such as \\ud83d, which is not a character";
    assert_eq!(answer["message"], message);
}
