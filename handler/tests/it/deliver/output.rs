use std::time::Duration;

use momento_eventbridge::clock::UnixMillis;
use momento_eventbridge::lambda::logging::json_logs;
use tracing::level_filters::LevelFilter;

use super::{Environment, Reaction, answered, fresh, record};
use crate::fakes::{NOW, Outage};
use crate::output::Output;
use crate::webhook::log::Lines;

#[tokio::test(start_paused = true)]
async fn the_output_of_the_deliver_handler_is_what_is_kept() {
    let lines = Lines::default();
    let writer = lines.clone();
    let _guard = tracing::subscriber::set_default(json_logs(LevelFilter::INFO, move || writer.clone()));
    let mut output = Output::default();
    for outage in [None, Some(Outage::Error)] {
        let environment = Environment::new();
        environment.momento.script(0, [Reaction::Fail(answered(401))]);
        *environment.dead_letters.outage.lock().unwrap() = outage;
        let records = vec![fresh(0), fresh(1), record(2, "not a command", 1, Duration::ZERO)];
        let counts = environment.handle_batch(records, Duration::from_secs(30)).await.1;
        output.metrics(&serde_json::from_str(&counts.metrics().to_line("deliver", UnixMillis(NOW))).unwrap());
    }
    output.log(&lines.text());
    output.is_that_of("deliver");
}
