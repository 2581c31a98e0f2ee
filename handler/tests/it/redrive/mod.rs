mod metrics;
mod output;
mod settings;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use momento_eventbridge::bus::event::BusEvent;
use momento_eventbridge::bus::{EventBus, PutResult};
use momento_eventbridge::queue::backoff::wait_after;
use momento_eventbridge::queue::dead_letter::{DeadLetter, DeadLetterQueue, MessageAttribute};
use momento_eventbridge::queue::sqs_batch::{SourceQueue, SqsBatch};
use momento_eventbridge::queue::tally::Tally;
use momento_eventbridge::redrive::Redrive;
use momento_eventbridge::service_error::ServiceError;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::fakes::{FakeClock, NOW};

const PATIENCE: Duration = Duration::from_hours(24);

fn unavailable() -> ServiceError {
    ServiceError::Unavailable("ThrottlingException".to_owned())
}

fn refused(code: &str) -> ServiceError {
    ServiceError::Refused(code.to_owned())
}

type CallResult = Result<Vec<PutResult>, ServiceError>;

/// A dead letter's body and attributes.
type Letter = (String, Vec<(&'static str, MessageAttribute)>);

/// The bus and both queues: the bus answers each call from a script, then takes everything.
#[derive(Clone, Default)]
struct Services {
    script: Arc<Mutex<VecDeque<CallResult>>>,
    calls: Arc<Mutex<Vec<Vec<BusEvent>>>>,
    postponed: Arc<Mutex<Vec<(String, Duration)>>>,
    buried: Arc<Mutex<Vec<Letter>>>,
    dead_letters_down: bool,
}

impl EventBus for Services {
    async fn put(&self, events: &[BusEvent]) -> CallResult {
        self.calls.lock().unwrap().push(events.to_vec());
        let scripted = self.script.lock().unwrap().pop_front();
        scripted.unwrap_or_else(|| Ok(events.iter().map(|_| Ok("id".to_owned())).collect()))
    }
}

impl SourceQueue for Services {
    async fn postpone(&self, receipt_handle: &str, wait: Duration) -> Result<(), ServiceError> {
        self.postponed.lock().unwrap().push((receipt_handle.to_owned(), wait));
        Ok(())
    }
}

impl DeadLetterQueue for Services {
    async fn bury(&self, letter: &DeadLetter<'_>) -> Result<(), ServiceError> {
        if self.dead_letters_down {
            return Err(unavailable());
        }
        self.buried.lock().unwrap().push((letter.body.to_owned(), letter.attributes.clone()));
        Ok(())
    }
}

fn event(number: usize) -> BusEvent {
    BusEvent {
        source: "Momento".to_owned(),
        detail_type: format!("chat#room-{number}"),
        detail: format!(r#"{{ "n" : {number} }}"#),
        time: NOW + number as u64,
        trace_header: None,
    }
}

fn record(number: usize, body: &str, attempts: u32, parked_at: u64) -> Value {
    json!({
        "messageId": format!("message-{number}"),
        "receiptHandle": format!("handle-{number}"),
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": attempts.to_string(),
            "SentTimestamp": parked_at.to_string(),
            "SenderId": "x",
        },
        "messageAttributes": {"Reason": {"stringValue": "unavailable: X", "dataType": "String"}},
        "eventSource": "aws:sqs",
    })
}

async fn handle(services: &Services, records: Vec<Value>) -> (Vec<String>, Tally) {
    let batch: SqsBatch = serde_json::from_value(json!({"Records": records})).unwrap();
    let [bus, parked, dead] = [services.clone(), services.clone(), services.clone()];
    let (response, tally) =
        Redrive::new(bus, parked, dead, PATIENCE, FakeClock::starting_at(NOW).into()).handle(batch).await;
    let response = serde_json::to_value(response).unwrap();
    let failures = response["batchItemFailures"].as_array().unwrap();
    (failures.iter().map(|f| f["itemIdentifier"].as_str().unwrap().to_owned()).collect(), tally)
}

fn letter(body: &str, reason: &str, attempts: u64, parked_at: u64) -> Letter {
    let attributes = vec![
        ("Reason", MessageAttribute::Text(reason.to_owned())),
        ("Attempts", MessageAttribute::Number(attempts)),
        ("ParkedAt", MessageAttribute::Number(parked_at)),
    ];
    (body.to_owned(), attributes)
}

fn parked(count: usize) -> Vec<Value> {
    (0..count).map(|number| record(number, &event(number).to_parked(), 1, NOW)).collect()
}

#[tokio::test(start_paused = true)]
async fn parked_events_reach_the_bus_ten_to_a_call_as_they_would_have_at_first() {
    let services = Services::default();
    let (failures, tally) = handle(&services, parked(10)).await;
    assert_eq!(failures, Vec::<String>::new());
    assert_eq!(tally, Tally { done: 10, postponed: 0, dead_lettered: 0 });
    assert_eq!(*services.calls.lock().unwrap(), [(0..10).map(event).collect::<Vec<_>>()]);
}

#[tokio::test(start_paused = true)]
async fn only_those_that_the_bus_did_not_take_stay_in_the_queue() {
    let services = Services::default();
    let results =
        vec![Ok("a".to_owned()), Err(unavailable()), Ok("c".to_owned()), Err(refused("AccessDeniedException"))];
    services.script.lock().unwrap().push_back(Ok(results));
    let (failures, tally) = handle(&services, parked(4)).await;
    assert_eq!(failures, ["message-1", "message-3"]);
    assert_eq!(tally, Tally { done: 2, postponed: 2, dead_lettered: 0 });
}

#[tokio::test(start_paused = true)]
async fn an_answer_with_too_few_results_leaves_the_others_in_the_queue() {
    let services = Services::default();
    services.script.lock().unwrap().push_back(Ok(vec![Ok("a".to_owned())]));
    assert_eq!(handle(&services, parked(3)).await.0, ["message-1", "message-2"]);
}

#[tokio::test(start_paused = true)]
async fn each_failure_makes_the_wait_longer_up_to_a_quarter_of_an_hour() {
    let services = Services::default();
    for attempts in [1, 2, 5, 40] {
        services.script.lock().unwrap().push_back(Err(unavailable()));
        handle(&services, vec![record(0, &event(0).to_parked(), attempts, NOW)]).await;
    }
    let waits: Vec<_> = services.postponed.lock().unwrap().iter().map(|(_, wait)| wait.as_secs()).collect();
    assert_eq!(waits, [2, 4, 32, 900]);
    assert!((1..2_000).all(|attempts| wait_after(attempts) <= wait_after(attempts + 1)));
}

#[tokio::test(start_paused = true)]
async fn what_the_bus_calls_malformed_or_nobody_can_read_is_a_dead_letter_at_once() {
    let services = Services::default();
    services.script.lock().unwrap().push_back(Ok(vec![Err(refused("MalformedDetail")), Ok("b".to_owned())]));
    let mut records = parked(2);
    records.push(record(2, "not a parked event", 3, NOW));
    let (failures, tally) = handle(&services, records).await;
    assert_eq!(failures, Vec::<String>::new());
    assert_eq!(tally, Tally { done: 1, postponed: 0, dead_lettered: 2 });
    let letters = [
        letter("not a parked event", "it is not a parked event", 3, NOW),
        letter(&event(0).to_parked(), "refused: MalformedDetail", 1, NOW),
    ];
    assert_eq!(*services.buried.lock().unwrap(), letters);
}

#[tokio::test(start_paused = true)]
async fn an_event_that_makes_a_whole_call_invalid_costs_itself_and_not_its_batch() {
    for (code, poison) in [("ValidationException", 0), ("ValidationException", 4), ("InvalidArgument", 9)] {
        let services = Services::default();
        let mut script = vec![Err(refused(code))];
        script.extend((0..10).map(|n| if n == poison { Err(refused(code)) } else { Ok(vec![Ok("id".to_owned())]) }));
        services.script.lock().unwrap().extend(script);
        let (failures, tally) = handle(&services, parked(10)).await;
        assert_eq!((failures, tally), (vec![], Tally { done: 9, postponed: 0, dead_lettered: 1 }));
        let reason = format!("refused: {code}");
        assert_eq!(*services.buried.lock().unwrap(), [letter(&event(poison).to_parked(), &reason, 1, NOW)]);
    }
}

#[tokio::test(start_paused = true)]
async fn an_invalid_call_does_not_keep_later_calls_from_the_bus() {
    let services = Services::default();
    let large = |number| {
        let detail = format!(r#"{{"text":"{}"}}"#, "x".repeat(250 * 1024));
        record(number, &BusEvent { detail, ..event(number) }.to_parked(), 1, NOW)
    };
    services.script.lock().unwrap().push_back(Err(refused("ValidationException")));
    let (_, tally) = handle(&services, (0..3).map(large).collect()).await;
    assert_eq!(tally, Tally { done: 2, postponed: 0, dead_lettered: 1 });
}

#[tokio::test(start_paused = true)]
async fn an_outage_between_the_events_of_an_invalid_call_postpones_the_rest() {
    let services = Services::default();
    services.script.lock().unwrap().extend([
        Err(refused("ValidationException")),
        Ok(vec![Ok("id".to_owned())]),
        Err(unavailable()),
    ]);
    let (failures, tally) = handle(&services, parked(4)).await;
    assert_eq!(failures, ["message-1", "message-2", "message-3"]);
    assert_eq!(tally, Tally { done: 1, postponed: 3, dead_lettered: 0 });
    assert_eq!(services.calls.lock().unwrap().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn an_event_of_another_source_is_not_put_on_the_bus() {
    let services = Services::default();
    let foreign = BusEvent { source: "payments".to_owned(), ..event(0) };
    let (_, tally) = handle(&services, vec![record(0, &foreign.to_parked(), 1, NOW)]).await;
    assert_eq!(tally, Tally { done: 0, postponed: 0, dead_lettered: 1 });
    assert_eq!(
        *services.buried.lock().unwrap(),
        [letter(&foreign.to_parked(), "its source is neither Momento nor Momento.Subscription", 1, NOW)]
    );
    assert!(services.calls.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_a_subscription_reports_itself_goes_back_to_the_bus_too() {
    let services = Services::default();
    let gap = BusEvent { source: "Momento.Subscription".to_owned(), ..event(0) };
    let (_, tally) = handle(&services, vec![record(0, &gap.to_parked(), 1, NOW)]).await;
    assert_eq!(tally, Tally { done: 1, postponed: 0, dead_lettered: 0 });
    assert_eq!(*services.calls.lock().unwrap(), [[gap]]);
}

#[tokio::test(start_paused = true)]
async fn when_patience_is_over_an_event_is_tried_once_more_and_then_a_dead_letter() {
    let services = Services::default();
    let records = || vec![record(0, &event(0).to_parked(), 90, NOW - 86_400_000)];
    services.script.lock().unwrap().push_back(Err(unavailable()));
    assert_eq!(handle(&services, records()).await.1.dead_lettered, 1);
    let reason = "unavailable: ThrottlingException";
    assert_eq!(*services.buried.lock().unwrap(), [letter(&event(0).to_parked(), reason, 90, NOW - 86_400_000)]);
    assert_eq!(handle(&services, records()).await.1.done, 1);
    services.script.lock().unwrap().push_back(Err(unavailable()));
    let records = vec![record(0, &event(0).to_parked(), 90, NOW - 86_399_999)];
    assert_eq!(handle(&services, records).await.1.postponed, 1);
}

#[tokio::test(start_paused = true)]
async fn what_the_dead_letter_queue_does_not_take_stays_in_the_fallback_queue() {
    let services = Services { dead_letters_down: true, ..Services::default() };
    let (failures, tally) = handle(&services, vec![record(0, "not a parked event", 1, NOW)]).await;
    assert_eq!((failures, tally.postponed), (vec!["message-0".to_owned()], 1));
}

#[tokio::test(start_paused = true)]
async fn after_a_call_that_failed_altogether_the_rest_of_the_batch_waits() {
    let services = Services::default();
    services.script.lock().unwrap().push_back(Err(unavailable()));
    let large = |number| {
        let detail = format!(r#"{{"text":"{}"}}"#, "x".repeat(120 * 1024));
        record(number, &BusEvent { detail, ..event(number) }.to_parked(), 1, NOW)
    };
    assert_eq!(handle(&services, (0..6).map(large).collect()).await.1.postponed, 6);
    assert_eq!(services.calls.lock().unwrap().len(), 1);
}

proptest! {
    #[test]
    fn every_event_is_in_one_call_and_every_call_is_one_that_eventbridge_takes(
        sizes in prop::collection::vec(0_usize..125_000, 0..10),
    ) {
        let services = Services::default();
        let events: Vec<_> = sizes.iter().enumerate().map(|(number, size)| {
            BusEvent { detail: format!(r#"{{"text":"{}"}}"#, "x".repeat(*size)), ..event(number) }
        }).collect();
        let records = events.iter().enumerate().map(|(n, event)| record(n, &event.to_parked(), 1, NOW)).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let (failures, tally) = runtime.block_on(handle(&services, records));
        prop_assert_eq!(failures.len(), 0);
        prop_assert_eq!(tally.done, sizes.len());
        let calls = services.calls.lock().unwrap();
        prop_assert_eq!(calls.concat(), events);
        for call in calls.iter() {
            let bytes: usize = call.iter().map(|e| 14 + e.source.len() + e.detail_type.len() + e.detail.len()).sum();
            prop_assert!((1..=10).contains(&call.len()) && bytes <= 256 * 1024);
        }
    }
}
