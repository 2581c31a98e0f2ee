use std::time::Duration;

use momento_eventbridge::clock::UnixMillis;
use momento_eventbridge::secret::store::SecretError;
use momento_eventbridge::webhook::verdict::{Rejection, Verdict};
use serde_json::Value;
use tokio::time::{Instant, advance};

use crate::fakes::{Behaviour, Gateway, NOW, Outage, PREVIOUS_VALIDITY, SECRET, body_at, request, sign};

const SECOND: &str = "the second secret";
const THIRD: &str = "the third secret!";
const STRANGERS: &str = "the secret of a stranger";
/// The last moment for an answer.
const LIMIT: Duration = Duration::from_millis(4_500);

/// A request that reaches AWS at this moment.
fn arriving_now(gateway: &Gateway, secret: &str) -> Value {
    let now = gateway.clock.now().0;
    let body = body_at(now);
    let mut request = request("POST", Some(&sign(secret, body.as_bytes())), &body);
    request["requestContext"]["timeEpoch"] = now.into();
    request
}

/// The status of the answer, which comes in time.
async fn status(gateway: &Gateway, secret: &str) -> u64 {
    let started = Instant::now();
    let (status, _) = gateway.answer(arriving_now(gateway, secret)).await;
    assert!(started.elapsed() <= LIMIT, "{:?}", started.elapsed());
    status
}

async fn rejection(gateway: &Gateway, secret: &str) -> Rejection {
    match gateway.receive(arriving_now(gateway, secret)).await {
        Verdict::Rejected(rejection) => rejection,
        other => unreachable!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn the_secret_is_read_once_for_many_requests() {
    let gateway = Gateway::new();
    gateway.webhook().warm_up().await;
    for _ in 0..10 {
        advance(Duration::from_secs(1)).await;
        assert_eq!(status(&gateway, SECRET).await, 200);
    }
    assert_eq!(gateway.secrets.reads(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_rotation_takes_effect_at_once_and_the_previous_secret_still_counts() {
    let gateway = Gateway::new();
    assert_eq!(status(&gateway, SECRET).await, 200);
    gateway.secrets.rotate_to(SECOND);
    assert_eq!(status(&gateway, SECOND).await, 200);
    advance(Duration::from_millis(1)).await;
    assert_eq!(status(&gateway, SECRET).await, 200);
    gateway.secrets.rotate_to(THIRD);
    assert_eq!(status(&gateway, THIRD).await, 200);
    assert_eq!(status(&gateway, SECRET).await, 403);
}

#[tokio::test(start_paused = true)]
async fn the_previous_secret_counts_for_as_long_as_is_set_after_its_rotation_was_seen() {
    let gateway = Gateway::new();
    assert_eq!(status(&gateway, SECRET).await, 200);
    advance(Duration::from_hours(100)).await;
    gateway.secrets.rotate_to(SECOND);
    assert_eq!(status(&gateway, SECOND).await, 200);
    advance(PREVIOUS_VALIDITY.saturating_sub(Duration::from_millis(1))).await;
    assert_eq!(status(&gateway, SECRET).await, 200);
    advance(Duration::from_millis(1)).await;
    assert_eq!(rejection(&gateway, SECRET).await, Rejection::Expired);
    assert_eq!(status(&gateway, SECRET).await, 403);
    assert_eq!(status(&gateway, SECOND).await, 200);
    assert_eq!(rejection(&gateway, STRANGERS).await, Rejection::Unauthorized);
}

#[tokio::test(start_paused = true)]
async fn an_environment_that_begins_after_a_rotation_counts_from_when_the_current_version_was_made() {
    for (age, expected) in [
        (PREVIOUS_VALIDITY.saturating_sub(Duration::from_secs(1)), 200),
        (PREVIOUS_VALIDITY, 403),
        (PREVIOUS_VALIDITY * 100, 403),
    ] {
        let gateway = Gateway::new();
        gateway.secrets.rotate_to(SECOND);
        let created = UnixMillis(NOW - u64::try_from(age.as_millis()).unwrap());
        *gateway.secrets.created.lock().unwrap() = Some(created);
        assert_eq!(status(&gateway, SECRET).await, expected, "{age:?}");
        assert_eq!(status(&gateway, SECOND).await, 200);
    }
}

#[tokio::test(start_paused = true)]
async fn a_secret_taken_out_of_use_is_forgotten_once_the_memory_of_it_has_aged() {
    let gateway = Gateway::new();
    assert_eq!(status(&gateway, SECRET).await, 200);
    gateway.secrets.rotate_to(SECOND);
    gateway.secrets.rotate_to(THIRD);
    advance(Duration::from_secs(299)).await;
    assert_eq!(status(&gateway, SECRET).await, 200);
    advance(Duration::from_secs(1)).await;
    assert_eq!(status(&gateway, SECRET).await, 403);
}

#[tokio::test(start_paused = true)]
async fn a_stranger_cannot_have_the_secret_read_at_will() {
    let gateway = Gateway::new();
    gateway.webhook().warm_up().await;
    for _ in 0..10_000 {
        assert_eq!(status(&gateway, STRANGERS).await, 403);
        advance(Duration::from_millis(10)).await;
    }
    assert!(gateway.secrets.reads() <= 10 + 100 / 5, "{} reads in 100 s", gateway.secrets.reads());
}

#[tokio::test(start_paused = true)]
async fn a_request_without_a_well_formed_signature_has_nothing_read() {
    let gateway = Gateway::new();
    gateway.answer(request("POST", None, &body_at(0))).await;
    gateway.answer(request("POST", Some("nonsense"), &body_at(0))).await;
    assert_eq!(gateway.secrets.reads(), 0);
}

#[tokio::test(start_paused = true)]
async fn while_secrets_manager_is_down_the_last_known_secret_serves_on_and_what_it_did_not_sign_is_undecided() {
    let gateway = Gateway::new();
    assert_eq!(status(&gateway, SECRET).await, 200);
    for outage in [Outage::Error, Outage::Hang] {
        gateway.secrets.break_down(outage);
        advance(Duration::from_hours(1)).await;
        assert_eq!(status(&gateway, SECRET).await, 200);
        // Once no more reads are allowed, too.
        for _ in 0..20 {
            assert_eq!(status(&gateway, STRANGERS).await, 503);
        }
        assert_eq!(status(&gateway, SECRET).await, 200);
    }
    gateway.secrets.break_down(None);
    advance(Duration::from_secs(5)).await;
    assert_eq!(status(&gateway, STRANGERS).await, 403);
}

#[tokio::test(start_paused = true)]
async fn an_aged_secret_whose_source_is_down_holds_up_one_request_in_5_s_and_that_for_a_second() {
    let gateway = Gateway::new();
    assert_eq!(status(&gateway, SECRET).await, 200);
    gateway.secrets.break_down(Outage::Hang);
    advance(Duration::from_mins(5)).await;
    let started = Instant::now();
    for number in 0..100 {
        // Each another message.
        advance(Duration::from_millis(1)).await;
        assert_eq!(status(&gateway, SECRET).await, 200, "{number}");
    }
    assert!(started.elapsed() < Duration::from_millis(1_200), "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn after_a_rotation_no_blip_of_secrets_manager_costs_a_message() {
    for outage in [Outage::Error, Outage::Hang] {
        for reads in 1..=4 {
            let gateway = Gateway::new();
            assert_eq!(status(&gateway, SECRET).await, 200);
            gateway.secrets.rotate_to(SECOND);
            gateway.secrets.blip(outage, reads);
            assert_eq!(status(&gateway, SECOND).await, 200, "{outage:?}, {reads} reads");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_rotation_a_secret_that_cannot_be_read_makes_a_503_and_not_a_403() {
    for outage in [Outage::Error, Outage::Hang] {
        let gateway = Gateway::new();
        assert_eq!(status(&gateway, SECRET).await, 200);
        gateway.secrets.rotate_to(SECOND);
        gateway.secrets.break_down(outage);
        assert_eq!(status(&gateway, SECOND).await, 503);
        gateway.secrets.break_down(None);
        assert_eq!(status(&gateway, SECOND).await, 200);
    }
}

#[tokio::test(start_paused = true)]
async fn connections_that_died_during_a_freeze_cost_no_message() {
    // Both connections of the pool hang, and those that were opened beside them the last time.
    let gateway = Gateway::new();
    assert_eq!(status(&gateway, SECRET).await, 200);
    for (round, secret) in [SECOND, THIRD, "a fourth secret..", "the fifth secret."].into_iter().enumerate() {
        advance(Duration::from_mins(10)).await;
        gateway.secrets.rotate_to(secret);
        gateway.secrets.blip(Outage::Hang, 2);
        assert_eq!(status(&gateway, secret).await, 200, "{round}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_cold_start_is_served_by_a_slow_secrets_manager() {
    for latency in [1_100, 1_400, 1_900] {
        let gateway = Gateway::with([Behaviour::Hang], [Behaviour::Take]);
        gateway.secrets.answer_after(Duration::from_millis(latency));
        let request = arriving_now(&gateway, SECRET);
        let started = Instant::now();
        gateway.webhook().warm_up().await;
        assert_eq!(gateway.answer(request).await.0, 202, "{latency} ms");
        assert!(started.elapsed() <= LIMIT, "{latency} ms: {:?}", started.elapsed());
    }
    // Without a warm-up.
    for latency in [1_100, 2_000, 2_900] {
        let gateway = Gateway::with([Behaviour::Hang], [Behaviour::Take]);
        gateway.secrets.answer_after(Duration::from_millis(latency));
        assert_eq!(status(&gateway, SECRET).await, 202, "{latency} ms");
    }
}

#[tokio::test(start_paused = true)]
async fn an_environment_that_started_while_secrets_manager_was_down_recovers_with_it() {
    let gateway = Gateway::new();
    gateway.secrets.break_down(Outage::Error);
    gateway.webhook().warm_up().await;
    assert_eq!(status(&gateway, SECRET).await, 503);
    gateway.secrets.break_down(None);
    assert_eq!(status(&gateway, SECRET).await, 200);
}

#[tokio::test(start_paused = true)]
async fn with_all_of_secrets_manager_hanging_a_cold_start_is_answered_503_in_time() {
    let gateway = Gateway::new();
    gateway.secrets.break_down(Outage::Hang);
    let request = arriving_now(&gateway, SECRET);
    let started = Instant::now();
    gateway.webhook().warm_up().await;
    assert_eq!(gateway.answer(request).await.0, 503);
    assert!(started.elapsed() <= LIMIT, "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn while_only_the_previous_version_cannot_be_read_the_current_one_serves_and_a_mismatch_is_undecided() {
    for outage in [Outage::Error, Outage::Hang] {
        let gateway = Gateway::new();
        gateway.secrets.rotate_to(SECOND);
        gateway.secrets.break_down_previous(outage);
        assert_eq!(status(&gateway, SECOND).await, 200);
        assert_eq!(rejection(&gateway, SECRET).await, Rejection::NoSecret(SecretError::NoPrevious));
        for _ in 0..20 {
            assert_eq!(status(&gateway, STRANGERS).await, 503);
        }
        gateway.secrets.break_down_previous(None);
        advance(Duration::from_secs(5)).await;
        assert_eq!(status(&gateway, SECRET).await, 200);
        assert_eq!(status(&gateway, STRANGERS).await, 403);
    }
}

#[tokio::test(start_paused = true)]
async fn a_rotation_seen_while_the_previous_version_cannot_be_read_leaves_the_one_known_before_valid() {
    let gateway = Gateway::new();
    assert_eq!(status(&gateway, SECRET).await, 200);
    gateway.secrets.break_down_previous(Outage::Error);
    gateway.secrets.rotate_to(SECOND);
    assert_eq!(status(&gateway, SECOND).await, 200);
    advance(Duration::from_millis(1)).await;
    assert_eq!(status(&gateway, SECRET).await, 200);
    assert_eq!(status(&gateway, STRANGERS).await, 503);
}

#[tokio::test(start_paused = true)]
async fn a_placeholder_that_the_first_real_value_replaced_stands_in_nobodys_way() {
    let gateway = Gateway::new();
    *gateway.secrets.current.lock().unwrap() = Some("{}".to_owned());
    assert_eq!(status(&gateway, SECRET).await, 503);
    gateway.secrets.rotate_to(SECRET);
    assert_eq!(status(&gateway, SECRET).await, 200);
}

#[tokio::test(start_paused = true)]
async fn each_of_several_webhooks_is_known_by_its_own_secret() {
    let gateway = Gateway::new();
    *gateway.secrets.current.lock().unwrap() = Some(format!(r#"{{"chat":"{SECRET}","orders":"{SECOND}","bad":"y"}}"#));
    for (secret, name) in [(SECRET, "chat"), (SECOND, "orders")] {
        let Verdict::Published { arrival, .. } = gateway.receive(arriving_now(&gateway, secret)).await else {
            unreachable!("it is genuine")
        };
        assert_eq!(arrival.webhook.as_deref(), Some(name));
    }
    for stranger in ["chat", "y", "bad"] {
        assert_eq!(status(&gateway, stranger).await, 403);
    }
}

#[tokio::test(start_paused = true)]
async fn what_momentos_tools_say_beside_a_secret_signs_nothing() {
    let gateway = Gateway::new();
    let (cache, webhook) = ("a-cache-with-a-long-name", "a-webhook-with-a-long-name");
    let document = format!(r#"{{"secret":"{SECRET}","webhookName":"{webhook}","cacheName":"{cache}"}}"#);
    *gateway.secrets.current.lock().unwrap() = Some(document);
    assert_eq!(status(&gateway, cache).await, 403);
    assert_eq!(status(&gateway, webhook).await, 403);
    assert_eq!(status(&gateway, SECRET).await, 200);
}
