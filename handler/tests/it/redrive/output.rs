use momento_eventbridge::clock::UnixMillis;
use momento_eventbridge::lambda::logging::json_logs;
use momento_eventbridge::redrive::metrics::batch_metrics;
use tracing::level_filters::LevelFilter;

use super::{Services, handle, parked, refused, unavailable};
use crate::fakes::NOW;
use crate::output::Output;
use crate::webhook::log::Lines;

#[tokio::test(start_paused = true)]
async fn the_output_of_the_redrive_handler_is_what_is_kept() {
    let lines = Lines::default();
    let writer = lines.clone();
    let _guard = tracing::subscriber::set_default(json_logs(LevelFilter::INFO, move || writer.clone()));
    let mut output = Output::default();
    for dead_letters_down in [false, true] {
        let services = Services { dead_letters_down, ..Services::default() };
        services.script.lock().unwrap().push_back(Ok(vec![Err(unavailable()), Err(refused("MalformedDetail"))]));
        let (_, tally) = handle(&services, parked(2)).await;
        output.metrics(&serde_json::from_str(&batch_metrics(tally).to_line("redrive", UnixMillis(NOW))).unwrap());
    }
    output.log(&lines.text());
    output.is_that_of("redrive");
}
