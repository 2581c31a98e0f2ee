use std::io;
use std::sync::{Arc, Mutex, Once};

use momento_eventbridge::lambda::logging::json_logs;
use momento_eventbridge::webhook::log::log_verdict;
use momento_eventbridge::webhook::replay_guard::TableOutage;
use serde_json::Value;
use tracing::level_filters::LevelFilter;

use crate::fakes::{
    Behaviour, EVENT_BUS, Gateway, NOW, Outage, Place, SECRET, Table, body_at, refused, request, sign, signed,
};

#[derive(Clone)]
pub(crate) struct Lines(Arc<Mutex<Vec<u8>>>);

impl Default for Lines {
    /// Without a subscriber that all threads have, a test on another thread that is the first to come by a place that logs can
    /// turn it off for every thread: tracing asks only that thread while there is a single subscriber.
    fn default() -> Self {
        static FOR_ALL_THREADS: Once = Once::new();
        FOR_ALL_THREADS.call_once(|| {
            tracing::subscriber::set_global_default(json_logs(LevelFilter::INFO, io::sink)).unwrap();
        });
        Self(Arc::default())
    }
}

impl Lines {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What is logged at this level while requests of every kind are handled, and at the end one that is lost.
async fn log(level: LevelFilter) -> String {
    let lines = Lines::default();
    let writer = lines.clone();
    let _guard = tracing::subscriber::set_default(json_logs(level, move || writer.clone()));
    let gateway = Gateway::new();
    let tampered = body_at(NOW).replace("Here", "Gone");
    for request in [
        signed(&body_at(NOW)),
        signed(&body_at(NOW)),
        signed(&body_at(0)),
        signed(&body_at(NOW).replace("\"topic\"", "\"tropic\"")),
        request("POST", Some(&sign(SECRET, body_at(NOW).as_bytes())), &tampered),
        request("GET", None, ""),
    ] {
        log_verdict(&gateway.receive(request).await);
    }
    gateway.secrets.break_down(Outage::Error);
    log_verdict(&gateway.receive(request("POST", Some(&"0".repeat(64)), "")).await);
    log_verdict(&Gateway::with([refused()], [Behaviour::Take]).receive(signed(&body_at(NOW))).await);
    let kept = lines.text();
    assert!(!kept.contains("Here I am!!"), "{kept}");
    log_verdict(&Gateway::with([refused()], [refused()]).receive(signed(&body_at(NOW))).await);
    lines.text()
}

#[tokio::test(start_paused = true)]
async fn every_line_is_json_and_none_has_the_secret_or_a_signature() {
    for level in [LevelFilter::INFO, LevelFilter::TRACE] {
        let log = log(level).await;
        assert!(log.lines().count() >= 10, "{log}");
        for line in log.lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            assert!(line["level"].is_string() && line["message"].is_string());
        }
        assert!(!log.contains(SECRET) && !log.contains(&sign(SECRET, body_at(NOW).as_bytes())), "{log}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_event_that_is_nowhere_else_is_logged_whole_as_an_error() {
    let log = log(LevelFilter::ERROR).await;
    let line: Value = serde_json::from_str(log.lines().last().unwrap()).unwrap();
    assert_eq!(line["level"], "ERROR");
    let event: Value = serde_json::from_str(line["event"].as_str().unwrap()).unwrap();
    assert_eq!(event["detail"], body_at(NOW));
}

#[tokio::test(start_paused = true)]
async fn a_lost_event_is_logged_with_the_event_bus_to_put_it_on() {
    let log = log(LevelFilter::ERROR).await;
    let line: Value = serde_json::from_str(log.lines().last().unwrap()).unwrap();
    assert_eq!(line["event_bus"], EVENT_BUS);
}

#[tokio::test(start_paused = true)]
async fn an_event_that_is_lost_is_in_the_log_before_its_claim_is_given_back() {
    let lines = Lines::default();
    let writer = lines.clone();
    let _guard = tracing::subscriber::set_default(json_logs(LevelFilter::ERROR, move || writer.clone()));
    let table = Table::default().before_release(move || {
        let log = lines.text();
        assert!(log.contains("neither the event bus nor the fallback queue took the event"), "{log}");
    });
    let shared = Some((table.clone(), TableOutage::Accept));
    let gateway = Gateway::guarded(Place::new([refused()]), Place::new([refused()]), shared);
    assert_eq!(gateway.receive(signed(&body_at(NOW))).await.answer().status_code(), 503);
    assert_eq!(table.releases(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_member_that_is_left_out_is_named_at_error_without_its_value() {
    let lines = Lines::default();
    let writer = lines.clone();
    let _guard = tracing::subscriber::set_default(json_logs(LevelFilter::ERROR, move || writer.clone()));
    let gateway = Gateway::new();
    *gateway.secrets.current.lock().unwrap() = Some(format!(r#"{{"chat":"{SECRET}","orders":"hush"}}"#));
    assert_eq!(gateway.answer(signed(&body_at(NOW))).await.0, 200);
    let log = lines.text();
    let line: Value = serde_json::from_str(&log).unwrap();
    assert_eq!((&line["level"], &line["members"]), (&"ERROR".into(), &"\"orders\"".into()));
    assert!(!log.contains("hush"), "{log}");
}
