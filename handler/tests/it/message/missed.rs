use momento_eventbridge::bus::event::BusEvent;
use momento_eventbridge::clock::UnixMillis;
use momento_eventbridge::message::missed::Gap;
use momento_eventbridge::momento::pubsub::Topic;
use serde_json::{Value, json};

fn detail(due: u64) -> Value {
    let topic = Topic { cache: "chat".to_owned(), name: "room".to_owned() };
    let gap = Gap { page: 7, due, new_page: 7, new_number: 9 };
    serde_json::from_str(&BusEvent::of_gap(&topic, &gap, UnixMillis(0)).detail).unwrap()
}

#[test]
fn a_gap_names_the_last_number_before_it() {
    assert_eq!([&detail(4)["last_topic_sequence_number"], &detail(4)["missed"]], [&json!(3), &json!(5)]);
}

#[test]
fn a_gap_at_the_first_number_of_a_page_has_no_number_before_it() {
    assert_eq!([&detail(0)["last_topic_sequence_number"], &detail(0)["missed"]], [&json!(null), &json!(9)]);
}
