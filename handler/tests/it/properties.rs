//! What holds for every input, tried with thousands of them.

use momento_eventbridge::clock::UnixMillis;
use momento_eventbridge::message::event::detail_type;
use momento_eventbridge::message::topic_message::TopicMessage;
use momento_eventbridge::webhook::freshness::Freshness;
use momento_eventbridge::webhook::signing_secrets::SigningDocument;
use momento_eventbridge::webhook::verdict::Verdict;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::fakes::{Gateway, NOW, SECRET, request, sign, signed};

fn handle(request: Value) -> (Verdict, Gateway) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let gateway = Gateway::new();
        (gateway.receive(request).await, gateway)
    })
}

pub(crate) fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((any::<String>(), inner), 0..4).prop_map(|m| Value::Object(Map::from_iter(m))),
        ]
    })
}

proptest! {
    #[test]
    fn any_genuine_message_is_on_the_bus_byte_for_byte(
        cache in any::<String>(),
        topic in any::<String>(),
        text in any::<String>(),
        token_id in proptest::option::of(any::<String>()),
        sequence_number in any::<u64>(),
        ago in 0_u64..=60_000,
        unknown in any_json(),
        indent in any::<bool>(),
    ) {
        let body = json!({
            "cache": cache,
            "topic": topic,
            "event_timestamp": NOW,
            "publish_timestamp": NOW - ago,
            "topic_sequence_number": sequence_number,
            "token_id": token_id,
            "text": text,
            "unknown": unknown,
        });
        let body = if indent { serde_json::to_string_pretty(&body).unwrap() } else { body.to_string() };
        let (verdict, gateway) = handle(signed(&body));
        prop_assert_eq!(verdict.answer().status_code(), 200);
        let event = &gateway.bus.taken()[0];
        prop_assert_eq!(&event.detail, &body);
        prop_assert_eq!(&event.detail_type, &detail_type(&cache, &topic));
        prop_assert!(event.detail_type.chars().count() <= 128);
        prop_assert_eq!(event.time, NOW - ago);
    }

    #[test]
    fn a_bit_flipped_anywhere_is_refused(text in "\\PC{0,40}", place in any::<prop::sample::Index>(), bit in 0..7_u8) {
        let body = json!({
            "cache": "c", "topic": "t", "event_timestamp": NOW, "publish_timestamp": NOW,
            "topic_sequence_number": 1, "text": text,
        }).to_string().into_bytes();
        let signature = sign(SECRET, &body).into_bytes();
        let mut sent = [body.clone(), signature].concat();
        sent[place.index(body.len() + 64)] ^= 1 << bit;
        let (body, signature) = sent.split_at(body.len());
        let mut event = request("POST", None, "");
        event["body"] = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, body).into();
        event["isBase64Encoded"] = true.into();
        event["headers"]["momento-signature"] = String::from_utf8_lossy(signature).into();
        let (verdict, gateway) = handle(event);
        prop_assert_eq!(verdict.answer().status_code(), 403);
        prop_assert_eq!(gateway.bus.calls(), 0);
    }

    #[test]
    fn no_request_panics_and_none_that_is_unsigned_gets_through(
        method in prop_oneof![Just("POST".to_owned()), any::<String>()],
        headers in prop::collection::hash_map(any::<String>(), any::<String>(), 0..4),
        signature in proptest::option::of(any::<String>()),
        body in proptest::option::of(any::<String>()),
        base64 in any::<bool>(),
        time_epoch in proptest::option::of(any::<u64>()),
    ) {
        let mut headers = headers;
        headers.extend(signature.map(|signature| ("momento-signature".to_owned(), signature)));
        let (verdict, gateway) = handle(json!({
            "headers": headers,
            "requestContext": {"http": {"method": method}, "timeEpoch": time_epoch},
            "body": body,
            "isBase64Encoded": base64,
        }));
        prop_assert!(matches!(verdict.answer().status_code(), 403 | 405));
        prop_assert_eq!(gateway.bus.calls() + gateway.queue.calls(), 0);
    }

    #[test]
    fn no_signed_body_panics_and_none_but_a_message_gets_through(
        body in prop_oneof![any::<String>(), any_json().prop_map(|value| value.to_string())],
    ) {
        let (verdict, gateway) = handle(signed(&body));
        prop_assert_eq!(verdict.answer().status_code(), 400);
        prop_assert_eq!(gateway.bus.calls(), 0);
    }

    #[test]
    fn no_bytes_make_the_parser_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(TopicMessage::parse(&body).is_err());
    }

    #[test]
    fn a_fresh_message_is_one_inside_the_window_whatever_the_clocks_say(
        published in any::<u64>(), now in any::<u64>(),
    ) {
        let freshness = Freshness {
            max_age: std::time::Duration::from_mins(1),
            max_clock_skew: std::time::Duration::from_secs(10),
        };
        for now in [now, published, published.saturating_add(now % 100_000), published.saturating_sub(now % 100_000)] {
            let difference = i128::from(now) - i128::from(published);
            let fresh = (-10_000..=60_000).contains(&difference);
            prop_assert_eq!(freshness.age(UnixMillis(published), UnixMillis(now)).is_ok(), fresh);
        }
    }

    #[test]
    fn no_secret_document_panics(document in prop_oneof![any::<String>(), any_json().prop_map(|json| json.to_string())]) {
        let _ = SigningDocument::read(&document);
    }

    #[test]
    fn no_secret_shows_in_the_error_about_its_document(secret in "[a-z]{12}", length in 1..30_usize, shape in 0..3_u8) {
        let document = match shape {
            0 => json!({"name": [secret]}).to_string(),
            1 => json!({"name": {secret.clone(): 1}}).to_string(),
            _ => json!({"name": secret}).to_string().chars().take(length.min(22)).collect(),
        };
        let error = SigningDocument::read(&document).unwrap_err();
        prop_assert!(!error.to_string().contains(&secret[..6]), "{}", error);
    }
}
