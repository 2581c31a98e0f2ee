use momento_eventbridge::clock::UnixMillis;
use momento_eventbridge::lambda::logging::json_logs;
use momento_eventbridge::webhook::log::log_verdict;
use momento_eventbridge::webhook::replay_guard::TableOutage;
use serde_json::Value;
use tracing::level_filters::LevelFilter;

use super::log::Lines;
use crate::fakes::{Behaviour, Gateway, NOW, Outage, Place, SECRET, Table, body_at, refused, request, signed};
use crate::output::Output;

async fn receive(output: &mut Output, gateway: &Gateway, request: Value) {
    let verdict = gateway.receive(request).await;
    log_verdict(&verdict);
    output.metrics(&serde_json::from_str(&verdict.metrics().to_line("in", UnixMillis(NOW))).unwrap());
}

#[tokio::test(start_paused = true)]
async fn the_output_of_the_webhook_handler_is_what_is_kept() {
    let lines = Lines::default();
    let writer = lines.clone();
    let _guard = tracing::subscriber::set_default(json_logs(LevelFilter::INFO, move || writer.clone()));
    let mut output = Output::default();
    let genuine = || signed(&body_at(NOW));
    for secret in [SECRET.to_owned(), format!(r#"{{"chat":"{SECRET}","orders":"short"}}"#)] {
        for (bus, queue) in [(Behaviour::Take, Behaviour::Take), (refused(), Behaviour::Take), (refused(), refused())] {
            let gateway = Gateway::with([bus], [queue]);
            *gateway.secrets.current.lock().unwrap() = Some(secret.clone());
            receive(&mut output, &gateway, genuine()).await;
            receive(&mut output, &gateway, genuine()).await;
        }
    }
    let gateway = Gateway::new();
    for rejected in [request("GET", None, ""), signed("{}"), signed(&body_at(0)), signed(&body_at(2 * NOW))] {
        receive(&mut output, &gateway, rejected).await;
    }
    gateway.secrets.break_down(Outage::Error);
    receive(&mut output, &gateway, request("POST", Some(&"0".repeat(64)), "")).await;
    for outage in [TableOutage::Accept, TableOutage::Refuse] {
        let table = Table::default();
        table.break_down(Outage::Error);
        let guarded = Gateway::guarded(Place::new([]), Place::new([]), Some((table, outage)));
        receive(&mut output, &guarded, genuine()).await;
    }
    output.log(&lines.text());
    output.is_that_of("webhook");
}
