use momento_eventbridge::bus::event::BusEvent;

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

/// What the code of 0.1.0 has left in a queue, an update finds there, and what the new code leaves, a rollback does.
#[test]
fn an_event_that_version_0_1_0_has_parked_reads_back_and_is_parked_as_it_was() {
    let parked = r#"{"source":"Momento","detailType":"chat#room","detail":"{\"text\":\"hi\"}","time":1,"traceHeader":"Root=1-0"}"#;
    let event = BusEvent {
        source: "Momento".to_owned(),
        detail_type: "chat#room".to_owned(),
        detail: r#"{"text":"hi"}"#.to_owned(),
        time: 1,
        trace_header: Some("Root=1-0".to_owned()),
    };
    assert_eq!(serde_json::from_str::<BusEvent>(parked).unwrap(), event);
    assert_eq!(event.to_parked(), parked);
}
