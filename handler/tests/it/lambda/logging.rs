use momento_eventbridge::lambda::logging::json_logs;
use serde_json::Value;
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
