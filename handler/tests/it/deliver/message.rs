//! What the queue of commands can hold: anything that somebody who may write to it sends.

use momento_eventbridge::command::Command;
use momento_eventbridge::command::sources::Sources;
use momento_eventbridge::deliver::message::{MessageError, read};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::properties::any_json;

/// Stands in every string of a message that no error may repeat.
const CONTENT: &str = "what-the-message-holds";

/// A command, and an event with the template of one: what rules put in the queue.
fn genuine() -> [Value; 2] {
    let command = json!({"detail-type": "cacheSet", "source": "shop", "detail": {
        "cacheName": CONTENT, "key": CONTENT, "message": CONTENT, "ttl": 60,
    }});
    let template = json!({
        "command": "cacheSet", "cacheName": "{source}", "key": "{detail.id}", "message": "{detail.items[0]}", "ttl": "{detail.ttl}",
    });
    let event = json!({"detail-type": "OrderPlaced", "source": CONTENT, "detail": {
        "id": CONTENT, "items": [{CONTENT: CONTENT}], "ttl": 60,
    }});
    [command, json!({"template": template, "event": event})]
}

#[test]
fn both_kinds_of_message_are_read() {
    for message in genuine() {
        assert!(read(&message.to_string(), &Sources::default()).is_ok(), "{message}");
    }
}

proptest! {
    #[test]
    fn bytes_changed_anywhere_make_a_command_or_an_error_that_shows_nothing_of_the_message(
        with_template in any::<bool>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 1..4),
        length in proptest::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = genuine()[usize::from(with_template)].to_string().into_bytes();
        for (place, byte, change) in changes {
            let place = place.index(bytes.len());
            match change {
                0 => bytes[place] = byte,
                1 => bytes.insert(place, byte),
                _ => drop(bytes.remove(place)),
            }
        }
        if let Some(length) = length {
            bytes.truncate(length.index(bytes.len()));
        }
        if let Err(error) = read(&String::from_utf8_lossy(&bytes), &Sources::default()) {
            prop_assert!(!error.to_string().contains(CONTENT), "{}", error);
        }
    }

    #[test]
    fn any_bytes_and_any_json_without_a_template_are_what_they_are_as_a_command(
        body in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200).prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
            any_json().prop_map(|json| json.to_string()),
            any_json().prop_map(|event| json!({"event": event}).to_string()),
            any_json().prop_map(|template| json!({"template": template}).to_string()),
        ],
    ) {
        prop_assert_eq!(read(&body, &Sources::default()), Command::from_event(&body).map_err(MessageError::from));
    }

    #[test]
    fn any_json_as_template_and_event_is_a_command_or_an_error_that_names_the_template(
        template in any_json(),
        event in any_json(),
    ) {
        let error = read(&json!({"template": template, "event": event}).to_string(), &Sources::default()).unwrap_err();
        prop_assert!(error.to_string().starts_with("invalid template of a command: "), "{}", error);
    }
}
