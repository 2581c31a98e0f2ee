use std::time::Duration;

use tokio::time::{Instant, advance};

use crate::fakes::{Gateway, Outage, SECRET, body_at, request, sign};

async fn status(gateway: &Gateway, secret: &str) -> u64 {
    let body = body_at(gateway.clock.now().0);
    gateway.answer(request("POST", Some(&sign(secret, body.as_bytes())), &body)).await.0
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
    gateway.secrets.rotate_to("second");
    assert_eq!(status(&gateway, "second").await, 200);
    advance(Duration::from_millis(1)).await;
    assert_eq!(status(&gateway, SECRET).await, 200);
    gateway.secrets.rotate_to("third");
    assert_eq!(status(&gateway, "third").await, 200);
    assert_eq!(status(&gateway, SECRET).await, 403);
}

#[tokio::test(start_paused = true)]
async fn a_secret_taken_out_of_use_is_forgotten_once_the_memory_of_it_has_aged() {
    let gateway = Gateway::new();
    assert_eq!(status(&gateway, SECRET).await, 200);
    gateway.secrets.rotate_to("second");
    gateway.secrets.rotate_to("third");
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
        assert_eq!(status(&gateway, "a stranger's").await, 403);
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
async fn while_secrets_manager_is_down_the_last_known_secret_serves_on() {
    let gateway = Gateway::new();
    assert_eq!(status(&gateway, SECRET).await, 200);
    for outage in [Outage::Error, Outage::Hang] {
        gateway.secrets.break_down(outage);
        advance(Duration::from_hours(1)).await;
        assert_eq!(status(&gateway, SECRET).await, 200);
        assert_eq!(status(&gateway, "a stranger's").await, 403);
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
async fn a_cold_read_that_hangs_is_given_up_after_a_second() {
    let gateway = Gateway::new();
    gateway.secrets.break_down(Outage::Hang);
    let started = Instant::now();
    assert_eq!(status(&gateway, SECRET).await, 503);
    assert_eq!(started.elapsed(), Duration::from_secs(1));
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
    *gateway.secrets.current.lock().unwrap() = Some(r#"{"chat":"one","orders":"two"}"#.to_owned());
    assert_eq!(status(&gateway, "one").await, 200);
    assert_eq!(status(&gateway, "two").await, 200);
    assert_eq!(status(&gateway, "chat").await, 403);
}
