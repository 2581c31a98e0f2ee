use momento_eventbridge::bus::event::BusEvent;
use momento_eventbridge::clock::UnixMillis;
use momento_eventbridge::message::missed::Gap;
use momento_eventbridge::momento::pubsub::Topic;
use serde_json::{Value, json};

fn detail(due: Option<(u64, u64)>) -> Value {
    let topic = Topic { cache: "chat".to_owned(), name: "room".to_owned() };
    let gap = Gap { due, new_page: 7, new_number: 9 };
    serde_json::from_str(&BusEvent::of_gap(&topic, &gap, UnixMillis(0)).detail).unwrap()
}

#[test]
fn a_gap_names_the_last_number_before_it() {
    let detail = detail(Some((7, 4)));
    assert_eq!([&detail["last_topic_sequence_number"], &detail["missed"]], [&json!(3), &json!(5)]);
}

#[test]
fn a_gap_at_the_first_number_of_a_page_has_no_number_before_it() {
    let detail = detail(Some((7, 0)));
    assert_eq!([&detail["last_topic_sequence_number"], &detail["missed"]], [&json!(null), &json!(9)]);
}

#[test]
fn a_gap_before_the_first_number_that_is_known_has_neither_number_nor_page_nor_size() {
    let detail = detail(None);
    for field in ["last_topic_sequence_number", "last_topic_sequence_page", "missed"] {
        assert_eq!(detail[field], json!(null), "{field}");
    }
    assert_eq!(detail["new_topic_sequence_number"], 9);
}
