use momento_eventbridge::message::event::detail_type;
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
