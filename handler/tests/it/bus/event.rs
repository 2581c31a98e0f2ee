use momento_eventbridge::bus::event::{BusEvent, detail_type};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vector {
    cache: String,
    topic: String,
    detail_type: String,
}

#[test]
fn detail_types_are_those_that_the_constructs_compute() {
    let vectors: Vec<Vector> = serde_json::from_str(include_str!("../../../../test/vectors/detail-type.json")).unwrap();
    assert!(!vectors.is_empty());
    for vector in vectors {
        assert_eq!(detail_type(&vector.cache, &vector.topic), vector.detail_type);
        assert!(vector.detail_type.chars().count() <= 128);
    }
}

#[test]
fn topics_that_differ_only_beyond_the_limit_keep_detail_types_of_their_own() {
    let topic = "t".repeat(200);
    let (a, b) = (detail_type("cache", &format!("{topic}a")), detail_type("cache", &format!("{topic}b")));
    assert_ne!(a, b);
    assert_eq!(a.chars().count(), 128);
}

#[test]
fn a_parked_event_has_only_characters_that_sqs_takes_and_reads_back_the_same() {
    let event = BusEvent {
        source: "Momento".to_owned(),
        detail_type: "cache#\u{ffff}".to_owned(),
        detail: "{\"text\":\"\u{fffe}\u{ffff}\u{1fffe}é\\u0000 \\\"\"}\r\n\t".to_owned(),
        time: 1,
        trace_header: None,
    };
    let parked = event.to_parked();
    let sqs_takes =
        |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    assert!(parked.chars().all(sqs_takes), "{parked}");
    assert_eq!(serde_json::from_str::<BusEvent>(&parked).unwrap(), event);
}
