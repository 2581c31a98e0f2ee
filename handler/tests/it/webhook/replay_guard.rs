//! Several environments behind one URL share a table of claims.

use std::time::Duration;

use momento_eventbridge::clock::UnixMillis;
use momento_eventbridge::service_error::ServiceError;
use momento_eventbridge::webhook::freshness::Freshness;
use momento_eventbridge::webhook::replay_guard::{Denied, ReplayGuard, SharedGuard, TableOutage};
use momento_eventbridge::webhook::taken_requests::CAPACITY;
use momento_eventbridge::webhook::verdict::Verdict;
use momento_signature::Signature;
use tokio::time::{Instant, advance};

use crate::fakes::{Behaviour, Gateway, NOW, Outage, Place, Table, body_at, refused, signed};

fn environment(bus: &Place, queue: &Place, table: &Table, outage: TableOutage) -> Gateway {
    Gateway::guarded(bus.clone(), queue.clone(), Some((table.clone(), outage)))
}

fn guard(table: &Table) -> ReplayGuard<Table> {
    let shared = SharedGuard { table: table.clone(), outage: TableOutage::Accept };
    ReplayGuard::new(Duration::from_secs(70), Some(shared), fastrand::f64)
}

fn signature() -> Signature {
    Signature::from_header(Some(&"0a".repeat(32))).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_request_replayed_to_another_environment_is_a_duplicate_there_too() {
    let (bus, queue, table) = (Place::new([]), Place::new([]), Table::default());
    for round in 0..5 {
        let gateway = environment(&bus, &queue, &table, TableOutage::Accept);
        let (status, body) = gateway.answer(signed(&body_at(NOW))).await;
        assert_eq!((status, body["message"].as_str()), (200, Some(if round == 0 { "Success" } else { "Duplicate" })));
    }
    assert_eq!(bus.taken().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_request_parked_by_one_environment_is_a_duplicate_in_another() {
    let (bus, queue, table) = (Place::new([refused()]), Place::new([]), Table::default());
    assert_eq!(environment(&bus, &queue, &table, TableOutage::Accept).answer(signed(&body_at(NOW))).await.0, 202);
    let (_, body) = environment(&bus, &queue, &table, TableOutage::Accept).answer(signed(&body_at(NOW))).await;
    assert_eq!(body["message"], "Duplicate");
}

#[tokio::test(start_paused = true)]
async fn a_crash_between_claiming_and_publishing_swallows_nothing() {
    let table = Table::default();
    // The first environment claims, and is never heard of again.
    guard(&table).enter(signature(), UnixMillis(NOW), UnixMillis(NOW)).await.unwrap();
    let second = guard(&table);
    assert_eq!(
        second.enter(signature(), UnixMillis(NOW), UnixMillis(NOW + 6_000)).await.unwrap_err(),
        Denied::InProgress
    );
    let permit = second.enter(signature(), UnixMillis(NOW), UnixMillis(NOW + 6_001)).await.unwrap();
    second.taken(&permit).await.unwrap();
    assert_eq!(
        guard(&table).enter(signature(), UnixMillis(NOW), UnixMillis(NOW + 6_002)).await.unwrap_err(),
        Denied::Taken
    );
}

#[tokio::test(start_paused = true)]
async fn the_same_request_at_two_environments_at_once_is_taken_by_one() {
    let table = Table::default();
    let (first, second) = (guard(&table), guard(&table));
    let permit = first.enter(signature(), UnixMillis(NOW), UnixMillis(NOW)).await.unwrap();
    assert_eq!(second.enter(signature(), UnixMillis(NOW), UnixMillis(NOW)).await.unwrap_err(), Denied::InProgress);
    first.taken(&permit).await.unwrap();
    assert_eq!(second.enter(signature(), UnixMillis(NOW), UnixMillis(NOW)).await.unwrap_err(), Denied::Taken);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_was_lost_can_be_sent_again_to_any_environment() {
    let (bus, queue, table) = (Place::new([refused(), Behaviour::Take]), Place::new([refused()]), Table::default());
    assert_eq!(environment(&bus, &queue, &table, TableOutage::Accept).answer(signed(&body_at(NOW))).await.0, 503);
    assert_eq!(environment(&bus, &queue, &table, TableOutage::Accept).answer(signed(&body_at(NOW))).await.0, 200);
    assert_eq!(bus.taken().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_request_is_forgotten_once_it_is_stale_anyway() {
    let table = Table::default();
    let first = guard(&table);
    let permit = first.enter(signature(), UnixMillis(NOW), UnixMillis(NOW)).await.unwrap();
    first.taken(&permit).await.unwrap();
    assert!(guard(&table).enter(signature(), UnixMillis(NOW), UnixMillis(NOW + 70_000)).await.is_err());
    assert!(guard(&table).enter(signature(), UnixMillis(NOW), UnixMillis(NOW + 70_001)).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn while_the_table_is_down_requests_are_taken_and_replays_known_to_the_environment_still_refused() {
    for outage in [Outage::Error, Outage::Hang] {
        let (bus, queue, table) = (Place::new([]), Place::new([]), Table::default());
        table.break_down(outage);
        let gateway = environment(&bus, &queue, &table, TableOutage::Accept);
        assert_eq!(gateway.answer(signed(&body_at(NOW))).await.0, 200);
        assert_eq!(gateway.answer(signed(&body_at(NOW))).await.1["message"], "Duplicate");
        assert_eq!(bus.taken().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_table_that_comes_back_before_the_answer_still_hears_that_the_request_was_taken() {
    let table = Table::default();
    table.break_down(Outage::Error);
    let first = guard(&table);
    let permit = first.enter(signature(), UnixMillis(NOW), UnixMillis(NOW)).await.unwrap();
    assert_eq!(permit.table_error, Some(ServiceError::Unavailable("InternalServerError".to_owned())));
    table.break_down(None);
    first.taken(&permit).await.unwrap();
    assert_eq!(guard(&table).enter(signature(), UnixMillis(NOW), UnixMillis(NOW)).await.unwrap_err(), Denied::Taken);
}

#[tokio::test(start_paused = true)]
async fn where_that_was_chosen_requests_are_refused_with_503_while_the_table_is_down() {
    let (bus, queue, table) = (Place::new([]), Place::new([]), Table::default());
    table.break_down(Outage::Hang);
    let gateway = environment(&bus, &queue, &table, TableOutage::Refuse);
    let started = Instant::now();
    assert_eq!(gateway.answer(signed(&body_at(NOW))).await.0, 503);
    assert!(started.elapsed() <= Duration::from_millis(900));
    assert_eq!(bus.calls() + queue.calls(), 0);
    table.break_down(None);
    assert_eq!(gateway.answer(signed(&body_at(NOW))).await.0, 200);
}

#[tokio::test(start_paused = true)]
async fn with_everything_hanging_the_answer_still_comes_inside_4_5_s() {
    for outage in [TableOutage::Accept, TableOutage::Refuse] {
        let (bus, queue, table) = (Place::new([Behaviour::Hang]), Place::new([Behaviour::Hang]), Table::default());
        table.break_down(Outage::Hang);
        let started = Instant::now();
        environment(&bus, &queue, &table, outage).answer(signed(&body_at(NOW))).await;
        assert!(started.elapsed() <= Duration::from_millis(4_500), "{:?}", started.elapsed());
    }
}

#[test]
fn the_window_outlives_every_claim() {
    let freshness = Freshness { max_age: Duration::from_mins(1), max_clock_skew: Duration::from_secs(10) };
    assert!(momento_eventbridge::webhook::replay_guard::CLAIM_HOLDS < freshness.window());
}

#[tokio::test(start_paused = true)]
async fn a_mark_that_the_table_did_not_hear_is_counted_and_with_refuse_lets_no_replay_pass() {
    for (outage, replay) in [(TableOutage::Refuse, (503, 1)), (TableOutage::Accept, (200, 2))] {
        let (bus, queue, table) = (Place::new([]), Place::new([]), Table::default());
        table.break_down_marks();
        let first = environment(&bus, &queue, &table, outage);
        let verdict = first.receive(signed(&body_at(NOW))).await;
        assert!(matches!(&verdict, Verdict::Published { arrival, .. } if arrival.unguarded), "{verdict:?}");
        // Later than any request can take, while this one is fresh.
        advance(Duration::from_secs(50)).await;
        let second = environment(&bus, &queue, &table, outage);
        let mut request = signed(&body_at(NOW));
        request["requestContext"]["timeEpoch"] = second.clock.now().0.into();
        advance(Duration::from_secs(8)).await;
        assert_eq!((second.answer(request).await.0, bus.taken().len()), replay, "{outage:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_to_the_table_that_died_costs_no_message() {
    for outage in [TableOutage::Accept, TableOutage::Refuse] {
        let (bus, queue, table) = (Place::new([]), Place::new([]), Table::default());
        table.hang(2);
        let verdict = environment(&bus, &queue, &table, outage).receive(signed(&body_at(NOW))).await;
        assert!(matches!(&verdict, Verdict::Published { arrival, .. } if !arrival.unguarded), "{verdict:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_may_have_been_forgotten_is_undecided_unless_the_table_knows() {
    let fill = async |guard: &ReplayGuard<Table>| {
        for number in 0..=CAPACITY {
            let signature = Signature::from_header(Some(&format!("{number:064x}"))).unwrap();
            guard.enter(signature, UnixMillis(NOW), UnixMillis(NOW)).await.unwrap();
        }
    };
    let alone = ReplayGuard::new(Duration::from_secs(70), None, fastrand::f64);
    fill(&alone).await;
    let first = Signature::from_header(Some(&"0".repeat(64))).unwrap();
    assert_eq!(alone.enter(first, UnixMillis(NOW), UnixMillis(NOW)).await.unwrap_err(), Denied::Forgotten);
    assert_eq!(alone.enter(signature(), UnixMillis(NOW), UnixMillis(NOW)).await.unwrap_err(), Denied::Forgotten);
    assert!(alone.enter(signature(), UnixMillis(NOW + 1), UnixMillis(NOW + 1)).await.is_ok());

    let table = Table::default();
    let shared = guard(&table);
    fill(&shared).await;
    assert!(shared.enter(signature(), UnixMillis(NOW), UnixMillis(NOW)).await.is_ok());
    table.break_down(Outage::Error);
    let other = Signature::from_header(Some(&"0b".repeat(32))).unwrap();
    let denied = shared.enter(other, UnixMillis(NOW), UnixMillis(NOW)).await.unwrap_err();
    assert!(matches!(denied, Denied::Unavailable(_)), "{denied:?}");
}
