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
