mod command_template;
mod message;
mod metrics;
mod output;
mod rate_limit;
mod settings;
use std::collections::{HashMap, VecDeque};
use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use momento_eventbridge::clock::UnixMillis;
use momento_eventbridge::command::Command;
use momento_eventbridge::command::sources::Sources;
use momento_eventbridge::deliver::call_rates::CallRates;
use momento_eventbridge::deliver::metrics::BatchCounts;
use momento_eventbridge::deliver::rate_limit::CallRate;
use momento_eventbridge::deliver::retry_policy::RetryPolicy;
use momento_eventbridge::deliver::{Deliver, Queues};
use momento_eventbridge::momento::api::{CallError, ErrorResponse, MomentoApi, RetryAfter};
use momento_eventbridge::momento::api_key::{ApiKey, ApiKeyReader};
use momento_eventbridge::queue::dead_letter::{DeadLetter, DeadLetterQueue, MessageAttribute};
use momento_eventbridge::queue::sqs_batch::{SourceQueue, SqsBatch};
use momento_eventbridge::queue::tally::Tally;
use momento_eventbridge::secret::store::SecretStore;
use momento_eventbridge::service_error::ServiceError;
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::fakes::{FakeClock, NOW, Outage, Secrets};

const KEY: &str = "the-api-key";
const POLICY: RetryPolicy = RetryPolicy { max_event_age: Duration::from_hours(1), retry_attempts: 185 };

/// What the fake Momento does with a call.
#[derive(Debug, Clone)]
enum Reaction {
    Do,
    Fail(CallError),
    Hang,
}

/// Momento: plays its script for each message, then does what is asked. It knows one API key.
#[derive(Debug, Clone, Default)]
struct Momento {
    scripts: Arc<Mutex<HashMap<String, VecDeque<Reaction>>>>,
    /// The messages of all calls, each with the API key.
    calls: Arc<Mutex<Vec<(String, String)>>>,
    done: Arc<Mutex<Vec<String>>>,
    key: Arc<Mutex<Option<String>>>,
    at_once: Arc<Mutex<(usize, usize)>>,
}

impl Momento {
    fn script(&self, message: usize, reactions: impl IntoIterator<Item = Reaction>) {
        self.scripts.lock().unwrap().insert(message.to_string(), reactions.into_iter().collect());
    }

    fn calls(&self) -> usize {
        self.calls.lock().unwrap().len()
    }
}

impl MomentoApi for Momento {
    async fn send(&self, command: &Command, key: &ApiKey) -> Result<(), CallError> {
        let message = command.detail()["message"].as_str().unwrap().to_owned();
        self.calls.lock().unwrap().push((message.clone(), key.expose().to_owned()));
        {
            let (now, most) = &mut *self.at_once.lock().unwrap();
            *now += 1;
            *most = (*most).max(*now);
        }
        sleep(Duration::from_millis(10)).await;
        self.at_once.lock().unwrap().0 -= 1;
        if self.key.lock().unwrap().as_ref().is_some_and(|known| known != key.expose()) {
            return Err(answered(401));
        }
        let reaction = self.scripts.lock().unwrap().get_mut(&message).and_then(VecDeque::pop_front);
        match reaction.unwrap_or(Reaction::Do) {
            Reaction::Do => {
                self.done.lock().unwrap().push(message);
                Ok(())
            }
            Reaction::Fail(error) => Err(error),
            Reaction::Hang => pending().await,
        }
    }
}

fn error_response(status: u16) -> ErrorResponse {
    ErrorResponse { status, retry_after: None }
}

fn answered(status: u16) -> CallError {
    CallError::Answered(error_response(status))
}

fn retry_after(status: u16, retry_after: RetryAfter) -> CallError {
    CallError::Answered(ErrorResponse { retry_after: Some(retry_after), ..error_response(status) })
}

/// A dead letter's body and attributes.
type Letter = (String, HashMap<&'static str, MessageAttribute>);

/// A queue, as the source and as the place for dead letters.
#[derive(Debug, Clone, Default)]
pub(crate) struct Queue {
    outage: Arc<Mutex<Option<Outage>>>,
    postponed: Arc<Mutex<HashMap<String, u64>>>,
    letters: Arc<Mutex<Vec<Letter>>>,
}

impl Queue {
    /// For how many seconds each message was postponed.
    pub(crate) fn waits(&self) -> Vec<u64> {
        self.postponed.lock().unwrap().values().copied().collect()
    }

    async fn answer(&self) -> Result<(), ServiceError> {
        let outage = *self.outage.lock().unwrap();
        match outage {
            None => Ok(()),
            Some(Outage::Error) => Err(ServiceError::Unavailable("InternalError".to_owned())),
            Some(Outage::Hang) => pending().await,
        }
    }
}

impl SourceQueue for Queue {
    async fn postpone(&self, receipt_handle: &str, wait: Duration) -> Result<(), ServiceError> {
        self.answer().await?;
        self.postponed.lock().unwrap().insert(receipt_handle.to_owned(), wait.as_secs());
        Ok(())
    }
}

impl DeadLetterQueue for Queue {
    async fn bury(&self, letter: &DeadLetter<'_>) -> Result<(), ServiceError> {
        self.answer().await?;
        self.letters.lock().unwrap().push((letter.body.to_owned(), letter.attributes.iter().cloned().collect()));
        Ok(())
    }
}

/// The handler in front of fakes.
struct Environment {
    momento: Momento,
    secrets: Secrets,
    commands: Queue,
    dead_letters: Queue,
    policy: RetryPolicy,
    rates: CallRates,
    sources: Sources,
    clock: FakeClock,
}

impl Environment {
    fn new() -> Self {
        Self {
            momento: Momento::default(),
            secrets: Secrets::of(KEY),
            commands: Queue::default(),
            dead_letters: Queue::default(),
            policy: POLICY,
            rates: CallRates::default(),
            sources: Sources::default(),
            clock: FakeClock::starting_at(NOW),
        }
    }

    /// Handles a batch in so much time, and tells which messages stay in the queue.
    async fn handle(&self, records: Vec<Value>, time: Duration) -> (Vec<String>, Tally) {
        let (failures, counts) = self.handle_batch(records, time).await;
        (failures, counts.tally)
    }

    async fn handle_batch(&self, records: Vec<Value>, time: Duration) -> (Vec<String>, BatchCounts) {
        let deliver = Deliver::new(
            self.momento.clone(),
            SecretStore::new(ApiKeyReader { source: self.secrets.clone(), field: None, random: || 0.5 }),
            Queues { commands: self.commands.clone(), dead_letters: self.dead_letters.clone() },
            self.policy,
            self.rates,
            3,
            self.clock.into(),
        )
        .from_sources(self.sources.clone());
        let batch: SqsBatch = serde_json::from_value(json!({"Records": records})).unwrap();
        let (response, counts) = deliver.handle(batch, self.clock.now().plus(time)).await;
        let response = serde_json::to_value(response).unwrap();
        let failures = response["batchItemFailures"].as_array().unwrap();
        let mut failures: Vec<_> = failures.iter().map(|f| f["itemIdentifier"].as_str().unwrap().to_owned()).collect();
        failures.sort();
        (failures, counts)
    }

    async fn handle_one(&self, record: Value) -> Tally {
        self.handle(vec![record], Duration::from_secs(30)).await.1
    }

    /// The attributes of the only dead letter, as text.
    fn letter(&self) -> HashMap<&'static str, String> {
        let letters = self.dead_letters.letters.lock().unwrap();
        assert_eq!(letters.len(), 1);
        let text = |attribute: &MessageAttribute| match attribute {
            MessageAttribute::Text(text) => text.clone(),
            MessageAttribute::Number(number) => number.to_string(),
        };
        letters[0].1.iter().map(|(name, attribute)| (*name, text(attribute))).collect()
    }
}

const DELIVERED: Tally = Tally { done: 1, postponed: 0, dead_lettered: 0 };
const POSTPONED: Tally = Tally { done: 0, postponed: 1, dead_lettered: 0 };
const DEAD_LETTERED: Tally = Tally { done: 0, postponed: 0, dead_lettered: 1 };

fn event(number: usize) -> String {
    let detail = json!({"cacheName": "chat", "topicName": "room", "message": number.to_string()});
    json!({"version": "0", "id": "x", "detail-type": "topicPublish", "source": "orders", "detail": detail}).to_string()
}

fn record(number: usize, body: &str, received: u32, age: Duration) -> Value {
    json!({
        "messageId": format!("message-{number}"),
        "receiptHandle": format!("handle-{number}"),
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": received.to_string(),
            "SentTimestamp": (NOW - u64::try_from(age.as_millis()).unwrap()).to_string(),
        },
        "eventSource": "aws:sqs",
    })
}

/// An age.
fn before_too_old(left: Duration) -> Duration {
    POLICY.max_event_age.checked_sub(left).unwrap()
}

fn fresh(number: usize) -> Value {
    record(number, &event(number), 1, Duration::ZERO)
}

#[tokio::test(start_paused = true)]
async fn a_batch_is_delivered_concurrently_within_the_bound_and_with_one_read_of_the_key() {
    let environment = Environment::new();
    let (failures, tally) = environment.handle((0..20).map(fresh).collect(), Duration::from_secs(30)).await;
    assert_eq!((failures, tally), (vec![], Tally { done: 20, postponed: 0, dead_lettered: 0 }));
    assert_eq!(environment.momento.at_once.lock().unwrap().1, 3);
    assert_eq!(environment.secrets.reads(), 1);
}

#[tokio::test(start_paused = true)]
async fn only_those_that_failed_stay_in_the_queue() {
    let environment = Environment::new();
    environment.momento.script(1, [Reaction::Fail(answered(503))]);
    environment.momento.script(3, [Reaction::Fail(answered(404))]);
    environment.momento.script(4, [Reaction::Hang]);
    let (failures, tally) = environment.handle((0..6).map(fresh).collect(), Duration::from_secs(30)).await;
    assert_eq!(failures, ["message-1", "message-4"]);
    assert_eq!(tally, Tally { done: 3, postponed: 2, dead_lettered: 1 });
}

#[tokio::test(start_paused = true)]
async fn what_eventbridge_would_try_again_is_postponed_and_the_rest_a_dead_letter_at_once() {
    for status in (300..600).filter(|status| ![401, 407, 409, 429].contains(status) && *status < 500) {
        let environment = Environment::new();
        environment.momento.script(0, [Reaction::Fail(answered(status))]);
        assert_eq!(environment.handle_one(fresh(0)).await, DEAD_LETTERED, "{status}");
        let letter = environment.letter();
        assert_eq!(letter["ERROR_CODE"], "ERROR_FROM_TARGET");
        assert_eq!(letter["MOMENTO_STATUS"], status.to_string());
        let message = &letter["ERROR_MESSAGE"];
        assert!(message.starts_with(&format!("Momento answered {status}: ")), "{message}");
        assert_eq!(letter["RETRY_ATTEMPTS"], "0");
        assert!(!letter.contains_key("EXHAUSTED_RETRY_CONDITION"));
    }
    for status in [401, 407, 409, 429, 500, 502, 503, 504, 599] {
        let environment = Environment::new();
        environment.momento.script(0, [Reaction::Fail(answered(status))]);
        assert_eq!(environment.handle_one(fresh(0)).await, POSTPONED, "{status}");
        assert_eq!(environment.commands.waits(), [2]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_command_of_another_source_is_a_dead_letter_and_momento_is_not_called() {
    let from = |source: &str| {
        let detail = r#"{"cacheName":"c","key":"k","message":"m","ttl":60}"#;
        format!(r#"{{"source":{source},"detail-type":"cacheSet","detail":{detail}}}"#)
    };
    for (event, tally) in [
        (from("\"orders\""), DELIVERED),
        (from("\"\\u006frders\""), DELIVERED),
        (from("\"others\""), DEAD_LETTERED),
        (from("\"orders.eu\""), DEAD_LETTERED),
        (from("1"), DEAD_LETTERED),
        (from("\"others\",\"source\":\"orders\""), DEAD_LETTERED),
        (from("\"orders\"").replace(r#""source":"orders","#, ""), DEAD_LETTERED),
    ] {
        let environment = Environment { sources: r#"["weather","orders"]"#.parse().unwrap(), ..Environment::new() };
        assert_eq!(environment.handle_one(record(0, &event, 1, Duration::ZERO)).await, tally, "{event}");
        if tally == DEAD_LETTERED {
            assert_eq!(environment.letter()["ERROR_CODE"], "INVALID_COMMAND", "{event}");
            assert_eq!(environment.dead_letters.letters.lock().unwrap()[0].0, event);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_no_command_is_a_dead_letter_unchanged_and_says_what_is_wrong() {
    let environment = Environment::new();
    let body = r#"{ "detail-type" : "cacheSet", "detail": {"cacheName": "c", "key": "k", "message": "m", "ttl": 0} }"#;
    assert_eq!(environment.handle_one(record(0, body, 1, Duration::ZERO)).await, DEAD_LETTERED);
    assert_eq!(environment.dead_letters.letters.lock().unwrap()[0].0, body);
    let letter = environment.letter();
    assert_eq!(letter["ERROR_CODE"], "INVALID_COMMAND");
    assert_eq!(letter["ERROR_MESSAGE"], "not a command: the field `ttl` is not a whole number of seconds from 1");
    assert_eq!(environment.momento.calls(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_failed_is_tried_once_more_at_once() {
    let environment = Environment::new();
    environment.momento.script(0, [Reaction::Fail(CallError::ConnectionFailed)]);
    assert_eq!(environment.handle_one(fresh(0)).await, DELIVERED);
    let fail = || Reaction::Fail(CallError::ConnectionFailed);
    environment.momento.script(1, [fail(), fail()]);
    assert_eq!(environment.handle_one(fresh(1)).await, POSTPONED);
    assert_eq!(environment.momento.calls(), 4);
}

#[tokio::test(start_paused = true)]
async fn the_wait_is_the_longer_of_the_backoff_and_what_momento_asks_for() {
    let seconds = |seconds| RetryAfter::Wait(Duration::from_secs(seconds));
    let date = RetryAfter::At(UnixMillis(NOW).plus(Duration::from_secs(30)));
    for (asked, received, wait) in [
        (seconds(0), 4, 16),
        (seconds(7), 1, 7),
        (seconds(7), 4, 16),
        (date, 1, 29),
        (RetryAfter::At(UnixMillis(0)), 1, 2),
    ] {
        let environment = Environment::new();
        environment.momento.script(0, [Reaction::Fail(retry_after(429, asked))]);
        assert_eq!(environment.handle_one(record(0, &event(0), received, Duration::ZERO)).await, POSTPONED);
        assert_eq!(environment.commands.waits(), [wait], "{asked:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_wait_is_longer_than_sqs_allows() {
    let policy = RetryPolicy { max_event_age: Duration::from_hours(24), ..POLICY };
    let environment = Environment { policy, ..Environment::new() };
    let asked = RetryAfter::Wait(Duration::from_hours(20));
    environment.momento.script(0, [Reaction::Fail(retry_after(503, asked))]);
    assert_eq!(environment.handle_one(fresh(0)).await, POSTPONED);
    assert_eq!(environment.commands.waits(), [12 * 3600 - 15 * 60]);
}

#[tokio::test(start_paused = true)]
async fn a_command_is_tried_as_often_as_allowed_and_then_a_dead_letter() {
    let environment = Environment { policy: RetryPolicy { retry_attempts: 2, ..POLICY }, ..Environment::new() };
    environment.momento.script(0, std::iter::repeat_n(Reaction::Fail(answered(500)), 3));
    for received in [1, 2] {
        assert_eq!(environment.handle_one(record(0, &event(0), received, Duration::ZERO)).await, POSTPONED);
    }
    assert_eq!(environment.handle_one(record(0, &event(0), 3, Duration::ZERO)).await, DEAD_LETTERED);
    let letter = environment.letter();
    assert_eq!(letter["EXHAUSTED_RETRY_CONDITION"], "MaximumRetryAttempts");
    assert_eq!((letter["RETRY_ATTEMPTS"].as_str(), letter["MOMENTO_STATUS"].as_str()), ("2", "500"));
}

#[tokio::test(start_paused = true)]
async fn a_command_that_is_too_old_is_not_sent() {
    let environment = Environment::new();
    assert_eq!(environment.handle_one(record(0, &event(0), 9, POLICY.max_event_age)).await, DEAD_LETTERED);
    assert_eq!(environment.momento.calls(), 0);
    let letter = environment.letter();
    assert_eq!(letter["ERROR_CODE"], "EXPIRED");
    assert_eq!(letter["EXHAUSTED_RETRY_CONDITION"], "MaximumEventAgeInSeconds");
    let young = record(1, &event(1), 9, before_too_old(Duration::from_millis(1)));
    assert_eq!(environment.handle_one(young).await, DELIVERED);
}

#[tokio::test(start_paused = true)]
async fn the_last_attempt_is_shortly_before_a_command_is_too_old_and_its_reason_is_kept() {
    let environment = Environment::new();
    let left = |left: u64| before_too_old(Duration::from_secs(left));
    for (number, left, wait) in [(0, left(600), 594), (1, left(7), 1)] {
        environment.momento.script(number, [Reaction::Fail(answered(500))]);
        assert_eq!(environment.handle_one(record(number, &event(number), 20, left)).await, POSTPONED);
        let waits = environment.commands.postponed.lock().unwrap();
        assert_eq!(waits[&format!("handle-{number}")], wait);
    }
    environment.momento.script(2, [Reaction::Fail(answered(500))]);
    assert_eq!(environment.handle_one(record(2, &event(2), 20, left(5))).await, DEAD_LETTERED);
    let letter = environment.letter();
    assert_eq!(letter["EXHAUSTED_RETRY_CONDITION"], "MaximumEventAgeInSeconds");
    assert_eq!((letter["ERROR_CODE"].as_str(), letter["MOMENTO_STATUS"].as_str()), ("ERROR_FROM_TARGET", "500"));
}

#[tokio::test(start_paused = true)]
async fn a_command_that_momento_will_not_take_before_it_is_too_old_is_a_dead_letter_at_once() {
    let environment = Environment::new();
    let asked = RetryAfter::Wait(POLICY.max_event_age);
    environment.momento.script(0, [Reaction::Fail(retry_after(429, asked))]);
    assert_eq!(environment.handle_one(fresh(0)).await, DEAD_LETTERED);
    assert_eq!(environment.letter()["EXHAUSTED_RETRY_CONDITION"], "MaximumEventAgeInSeconds");
}

#[tokio::test(start_paused = true)]
async fn a_rotated_key_is_read_once_for_a_batch_and_used_at_once() {
    let environment = Environment::new();
    let deliver = Deliver::new(
        environment.momento.clone(),
        SecretStore::new(ApiKeyReader { source: environment.secrets.clone(), field: None, random: || 0.5 }),
        Queues { commands: environment.commands.clone(), dead_letters: environment.dead_letters.clone() },
        POLICY,
        CallRates::default(),
        3,
        environment.clock.into(),
    );
    deliver.warm_up().await;
    environment.secrets.rotate_to("the-next-key");
    *environment.momento.key.lock().unwrap() = Some("the-next-key".to_owned());
    let batch = serde_json::from_value(json!({"Records": (0..9).map(fresh).collect::<Vec<_>>()})).unwrap();
    let (_, counts) = deliver.handle(batch, environment.clock.now().plus(Duration::from_secs(30))).await;
    assert_eq!(counts.tally.done, 9);
    assert_eq!(environment.secrets.reads(), 2);
    assert!(environment.momento.calls() <= 9 + 3, "only those under way when the key was refused are sent again");
}

#[tokio::test(start_paused = true)]
async fn a_wrong_key_is_not_tried_twice_and_its_commands_wait() {
    let environment = Environment::new();
    *environment.momento.key.lock().unwrap() = Some("another-key".to_owned());
    let (_, tally) = environment.handle((0..9).map(fresh).collect(), Duration::from_secs(30)).await;
    assert_eq!(tally, Tally { done: 0, postponed: 9, dead_lettered: 0 });
    assert_eq!((environment.momento.calls(), environment.secrets.reads()), (9, 2));
}

#[tokio::test(start_paused = true)]
async fn without_a_key_commands_wait_until_they_are_too_old() {
    let environment = Environment::new();
    environment.secrets.break_down(Outage::Error);
    assert_eq!(environment.handle_one(fresh(0)).await, POSTPONED);
    let old = record(1, &event(1), 9, before_too_old(Duration::from_secs(8)));
    assert_eq!(environment.handle_one(old).await, DEAD_LETTERED);
    assert_eq!(environment.letter()["ERROR_CODE"], "NO_API_KEY");
    assert_eq!(environment.momento.calls(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_the_dead_letter_queue_does_not_take_stays_in_the_queue_of_commands() {
    for outage in [Outage::Error, Outage::Hang] {
        let environment = Environment::new();
        *environment.dead_letters.outage.lock().unwrap() = Some(outage);
        let (failures, tally) =
            environment.handle(vec![record(0, "no event", 1, Duration::ZERO)], Duration::from_secs(30)).await;
        assert_eq!((failures, tally), (vec!["message-0".to_owned()], POSTPONED));
        assert_eq!(environment.commands.waits(), [2]);
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_waited_for_5_s_and_not_longer_than_the_invocation_has() {
    for (time, wait) in [(30_000, 5_000), (6_000, 3_500), (3_500, 1_000)] {
        let environment = Environment::new();
        environment.momento.script(0, [Reaction::Hang]);
        let started = Instant::now();
        environment.handle(vec![fresh(0)], Duration::from_millis(time)).await;
        assert_eq!(started.elapsed(), Duration::from_millis(wait));
        assert_eq!(environment.momento.calls(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_sent_in_time_is_postponed_without_having_been_sent() {
    let environment = Environment::new();
    let (_, tally) = environment.handle((0..3).map(fresh).collect(), Duration::from_millis(3_499)).await;
    assert_eq!((tally.postponed, environment.momento.calls()), (3, 0));
    assert_eq!(environment.commands.waits(), [2, 2, 2]);
    // Not for want of attempts: it was not tried.
    let often = record(0, &event(0), 500, Duration::ZERO);
    assert_eq!(environment.handle(vec![often], Duration::ZERO).await.1, POSTPONED);
    assert_eq!(environment.momento.calls(), 0);
}

fn topics_per_second(calls: f64) -> CallRates {
    CallRates { topic_publish: CallRate::per_second(calls), ..CallRates::default() }
}

/// A command of another kind.
fn set(number: usize) -> Value {
    let detail = json!({"cacheName": "chat", "key": "key", "ttl": 60, "message": number.to_string()});
    let body = json!({"id": "x", "detail-type": "cacheSet", "source": "orders", "detail": detail}).to_string();
    record(number, &body, 1, Duration::ZERO)
}

#[tokio::test(start_paused = true)]
async fn a_rate_limit_keeps_calls_apart_and_what_has_no_turn_soon_waits_in_the_queue_for_one() {
    let environment = Environment { rates: topics_per_second(5.), ..Environment::new() };
    let started = Instant::now();
    let (_, tally) = environment.handle((0..20).map(fresh).collect(), Duration::from_secs(30)).await;
    assert_eq!((tally.done, tally.postponed), (3, 17));
    assert!(started.elapsed() <= Duration::from_millis(600), "{:?}", started.elapsed());
    let mut waits = environment.commands.waits();
    waits.sort_unstable();
    // One turn each 0.2 s, in the whole seconds of SQS.
    assert!(waits.iter().all(|wait| (1..=4).contains(wait)), "{waits:?}");
    assert!((1..=4).all(|second| waits.iter().filter(|wait| **wait == second).count() <= 5), "{waits:?}");
}

#[tokio::test(start_paused = true)]
async fn a_command_whose_turn_would_come_too_late_waits_for_a_spare_one_before() {
    let environment = Environment { rates: topics_per_second(0.001), ..Environment::new() };
    let old = record(1, &event(1), 1, before_too_old(Duration::from_mins(1)));
    let older = record(2, &event(2), 1, before_too_old(Duration::from_secs(2)));
    let (_, tally) = environment.handle(vec![fresh(0), old, older], Duration::from_secs(30)).await;
    assert_eq!((tally.done, tally.postponed), (1, 2));
    let waits = environment.commands.postponed.lock().unwrap();
    assert_eq!((waits["handle-1"], waits["handle-2"]), (55, 1));
}

#[tokio::test(start_paused = true)]
async fn a_second_call_takes_a_turn_of_the_rate_limit_too() {
    let environment = Environment { rates: topics_per_second(4.), ..Environment::new() };
    for number in 0..2 {
        environment.momento.script(number, [Reaction::Fail(CallError::ConnectionFailed)]);
    }
    let started = Instant::now();
    let (_, tally) = environment.handle(vec![fresh(0), fresh(1)], Duration::from_secs(30)).await;
    // Turns at 0, 0.25 and 0.5 s, and for the last second call at 0.75 s.
    assert_eq!((tally.done, environment.momento.calls()), (2, 4));
    assert!(started.elapsed() >= Duration::from_millis(750), "{:?}", started.elapsed());

    let environment = Environment { rates: topics_per_second(1.), ..Environment::new() };
    environment.momento.script(0, [Reaction::Fail(CallError::ConnectionFailed)]);
    assert_eq!(environment.handle_one(fresh(0)).await, POSTPONED);
    assert_eq!((environment.momento.calls(), environment.commands.waits()), (1, vec![2]), "the failure counts");

    let environment = Environment { rates: topics_per_second(1.), ..Environment::new() };
    *environment.momento.key.lock().unwrap() = Some("another-key".to_owned());
    environment.handle_one(fresh(0)).await;
    assert_eq!(environment.momento.calls(), 1, "after a 401 too");
}

#[tokio::test(start_paused = true)]
async fn a_backlog_of_one_kind_holds_up_no_command_of_another() {
    // Neither one that waits for turns, nor one whose calls hang, though it came first and would fill every slot.
    for (rates, hangs) in [(topics_per_second(0.1), false), (CallRates::default(), true)] {
        let environment = Environment { rates, ..Environment::new() };
        if hangs {
            for number in 0..40 {
                environment.momento.script(number, [Reaction::Hang]);
            }
        }
        let records = (0..40).map(fresh).chain((40..60).map(set)).collect();
        let (_, tally) = environment.handle(records, Duration::from_secs(10)).await;
        let done = environment.momento.done.lock().unwrap();
        let sets = done.iter().filter(|message| message.parse::<usize>().unwrap() >= 40).count();
        assert_eq!((sets, tally.dead_lettered), (20, 0), "hangs: {hangs}");
    }
}

fn any_reaction() -> impl Strategy<Value = Reaction> {
    let status = prop_oneof![Just(400_u16), Just(401), Just(404), Just(429), Just(500), 300..600_u16];
    let asked = proptest::option::of(prop_oneof![
        any::<u64>().prop_map(|wait| RetryAfter::Wait(Duration::from_secs(wait))),
        any::<u64>().prop_map(|at| RetryAfter::At(UnixMillis(at))),
    ]);
    prop_oneof![
        4 => Just(Reaction::Do),
        1 => Just(Reaction::Hang),
        1 => Just(Reaction::Fail(CallError::TimedOut)),
        1 => Just(Reaction::Fail(CallError::ConnectionFailed)),
        4 => (status, asked).prop_map(|(status, retry_after)| {
            Reaction::Fail(CallError::Answered(ErrorResponse { status, retry_after }))
        }),
    ]
}

fn any_outage() -> impl Strategy<Value = Option<Outage>> {
    prop_oneof![3 => Just(None), 1 => Just(Some(Outage::Error)), 1 => Just(Some(Outage::Hang))]
}

proptest! {
    #[test]
    fn each_message_is_in_momento_or_still_in_the_queue_or_a_dead_letter_whatever_fails_and_in_time(
        messages in prop::collection::vec(
            (prop::collection::vec(any_reaction(), 0..3), any::<bool>(), 1..300_u32, 0..4_000_u64), 0..30,
        ),
        (commands_down, dead_letters_down, secret_down) in (any_outage(), any_outage(), any_outage()),
        wrong_key in any::<bool>(),
        rate in proptest::option::of(0.1..100.),
        time in 0..30_000_u64,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let rates = CallRates { topic_publish: rate.and_then(CallRate::per_second), ..CallRates::default() };
            let environment = Environment { rates, ..Environment::new() };
            *environment.commands.outage.lock().unwrap() = commands_down;
            *environment.dead_letters.outage.lock().unwrap() = dead_letters_down;
            environment.secrets.break_down(secret_down);
            if wrong_key {
                *environment.momento.key.lock().unwrap() = Some("another-key".to_owned());
            }
            let mut records = Vec::new();
            for (number, (reactions, is_command, received, age)) in messages.iter().enumerate() {
                environment.momento.script(number, reactions.clone());
                let body = if *is_command { event(number) } else { format!("broken {number}") };
                records.push(record(number, &body, *received, Duration::from_secs(*age)));
            }
            let started = Instant::now();
            let time = Duration::from_millis(time);
            let (failures, tally) = environment.handle(records, time).await;
            // The key is read before anything else, and is waited for one second at most.
            prop_assert!(started.elapsed() <= time.max(Duration::from_secs(1)));
            prop_assert_eq!(tally.done + tally.postponed + tally.dead_lettered, messages.len());
            let done = environment.momento.done.lock().unwrap();
            let letters = environment.dead_letters.letters.lock().unwrap();
            for (number, (_, is_command, ..)) in messages.iter().enumerate() {
                let body = if *is_command { event(number) } else { format!("broken {number}") };
                let places = done.iter().filter(|message| **message == number.to_string()).count()
                    + letters.iter().filter(|(letter, _)| *letter == body).count()
                    + failures.iter().filter(|failure| **failure == format!("message-{number}")).count();
                prop_assert_eq!(places, 1, "message {}", number);
            }
            Ok(())
        })?;
    }
}
