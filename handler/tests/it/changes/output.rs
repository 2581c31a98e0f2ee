use std::time::Duration;

use momento_eventbridge::changes::Changes;
use momento_eventbridge::changes::lifetime::Lifetime;
use momento_eventbridge::clock::UnixMillis;
use momento_eventbridge::lambda::logging::json_logs;
use serde_json::json;
use tracing::level_filters::LevelFilter;

use super::{Letters, oslo, record, weather_with};
use crate::fakes::{FakeClock, NOW};
use crate::output::Output;
use crate::webhook::log::Lines;

#[tokio::test(start_paused = true)]
async fn the_output_of_the_changes_handler_is_what_is_kept() {
    let lines = Lines::default();
    let writer = lines.clone();
    let _guard = tracing::subscriber::set_default(json_logs(LevelFilter::INFO, move || writer.clone()));
    let mapping = weather_with(Some("{MaxTemp}"), Lifetime::Constant(Duration::from_mins(1)));
    let handler = Changes::new(mapping, Letters::default(), FakeClock::starting_at(NOW).into(), || 0.5);
    let records = [record("INSERT", &oslo()), record("INSERT", &json!({"Location": {"S": "Bergen"}}))];
    let (_, tally) = handler.handle(&records).await.unwrap();
    assert_eq!(tally.dead_lettered, 1);
    let mut output = Output::default();
    output.metrics(&serde_json::from_str(&tally.metrics().to_line("changes", UnixMillis(NOW))).unwrap());
    output.log(&lines.text());
    output.is_that_of("changes");
}
