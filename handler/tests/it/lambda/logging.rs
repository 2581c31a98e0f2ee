use momento_eventbridge::lambda::logging::json_logs;
use serde_json::{Value, json};
use tracing::level_filters::LevelFilter;

use crate::webhook::log::Lines;

#[test]
fn what_a_terminal_may_obey_is_escaped_and_the_line_says_the_same() {
    let lines = Lines::default();
    let writer = lines.clone();
    let text = "a\u{9b}31mred\u{7f}\u{85}\u{202e}gnp\u{2066}\u{2069}\u{200f}\u{61c}\u{2028}\u{feff}é😀";
    tracing::subscriber::with_default(json_logs(LevelFilter::INFO, move || writer.clone()), || {
        tracing::warn!(reason = text, "rejected");
    });
    let line = lines.text();
    for invisible in text.chars().filter(|char| !char.is_ascii_graphic() && !"é😀".contains(*char)) {
        assert!(!line.contains(invisible), "{invisible:?}");
    }
    assert_eq!(serde_json::from_str::<Value>(&line).unwrap()["reason"], text);
}

/// What is logged at this level by `log`, line by line.
fn logged(level: LevelFilter, log: impl FnOnce()) -> Vec<Value> {
    let lines = Lines::default();
    let writer = lines.clone();
    tracing::subscriber::with_default(json_logs(level, move || writer.clone()), log);
    lines.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_line_says_when_how_grave_and_what_with_each_field_as_what_it_is() {
    let lines = logged(LevelFilter::INFO, || {
        let (number, reason) = (281_u128, "it is \"late\"");
        tracing::info!(target: "momento_eventbridge", text = reason, number, signed = -1, share = 0.5, yes = true, %reason, list = ?["a"], "published");
    });
    let [line] = lines.as_slice() else { panic!("{lines:?}") };
    let timestamp = line["timestamp"].as_str().unwrap();
    assert!(timestamp.starts_with("20") && timestamp.ends_with('Z') && timestamp.len() >= 20, "{timestamp}");
    let expected = json!({
        "timestamp": timestamp, "level": "INFO", "message": "published", "text": "it is \"late\"", "number": 281, "signed": -1,
        "share": 0.5, "yes": true, "reason": "it is \"late\"", "list": "[\"a\"]",
    });
    assert_eq!(*line, expected);
}

#[test]
fn this_crate_is_heard_at_its_level_and_others_from_warnings_up() {
    let speak = || {
        tracing::info!(target: "momento_eventbridge::webhook", "ours, information");
        tracing::warn!(target: "momento_eventbridge::webhook", "ours, a warning");
        let _span = tracing::error_span!("a request", secret = "hush").entered();
        tracing::info!(target: "hyper", "another's information");
        tracing::warn!(target: "hyper", "another's warning");
    };
    let messages = |level| logged(level, speak).iter().map(|line| line["message"].clone()).collect::<Vec<_>>();
    assert_eq!(messages(LevelFilter::TRACE), ["ours, information", "ours, a warning", "another's warning"]);
    assert_eq!(messages(LevelFilter::WARN), ["ours, a warning", "another's warning"]);
    assert!(messages(LevelFilter::ERROR).is_empty());
}
