use momento_eventbridge::momento::pubsub::{ResumeAt, Topic};
use momento_eventbridge::subscribe::schedule_input::ScheduleInput;
use serde_json::{Value, json};

use super::world::{input, topic};

fn error(input: &Value) -> String {
    ScheduleInput::parse(input).unwrap_err().to_string()
}

#[test]
fn an_input_names_the_topics_and_where_to_begin() {
    let parsed = ScheduleInput::parse(&input(&["room", "hall"], "NEWEST")).unwrap();
    assert_eq!(parsed, ScheduleInput { topics: vec![topic("room"), topic("hall")], start_at: ResumeAt::Newest });
    assert_eq!(ScheduleInput::parse(&input(&["room"], "AVAILABLE")).unwrap().start_at, ResumeAt::Available);
    let same_name =
        json!({"topics": [{"cache": "a", "topic": "x"}, {"cache": "b", "topic": "x"}], "startAt": "NEWEST"});
    let caches = ScheduleInput::parse(&same_name).unwrap().topics;
    assert_eq!(caches[1], Topic { cache: "b".to_owned(), name: "x".to_owned() });
}

#[test]
fn an_input_that_is_none_is_told_what_is_wrong() {
    for wrong in [
        json!(null),
        json!({}),
        json!({"topics": [{"cache": "a"}], "startAt": "NEWEST"}),
        json!({"topics": [{"cache": "a", "topic": "b"}]}),
        json!({"topics": [{"cache": "a", "topic": "b"}], "startAt": "newest"}),
    ] {
        assert!(error(&wrong).contains("the schedule's input must be"), "{}", error(&wrong));
    }
    assert!(error(&json!({"topics": [{"cache": "a"}], "startAt": "NEWEST"})).contains("`topic`"));
    assert!(error(&input(&[], "NEWEST")).contains("1 to 100 topics, got 0"));
    let names: Vec<_> = (0..101).map(|number| number.to_string()).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    assert!(error(&input(&names, "NEWEST")).contains("got 101"));
    assert!(ScheduleInput::parse(&input(&names[1..], "NEWEST")).is_ok());
    assert!(error(&input(&["room", ""], "NEWEST")).contains("`topics[1]`"));
    assert!(error(&input(&["room", "hall", "room"], "NEWEST")).contains("chat#room"));
}
