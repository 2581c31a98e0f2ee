//! What `/_local/…` shows, and what it makes go wrong.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::server::{KEY, Server, status, until};

const TARGET: &str = "/cache/chat?key=k&ttl_seconds=60";

async fn inject(momento: &Server, rule: Value) {
    momento.local_post("/faults", rule).await;
}

#[tokio::test]
async fn requests_are_recorded_in_order_as_sent_without_the_key() {
    let momento = Server::start().await;
    let path = "/topics/chat/a%2Fb%20%C3%A9";
    let _ = status(momento.request(Method::POST, &format!("{path}?token={KEY}&x=%C3%A9")).body("not taken")).await;
    let _ = status(momento.put(TARGET, vec![0xff, 0])).await;
    let _ = status(momento.request(Method::DELETE, "/cache/chat?key=k")).await;

    let log = momento.local("/requests").await["requests"].clone();

    assert_eq!(log.as_array().unwrap().len(), 3);
    assert!(!log.to_string().contains(KEY), "{log}");
    assert_eq!((&log[0]["method"], &log[0]["path"]), (&json!("POST"), &json!(path)));
    assert_eq!(log[0]["query"], "token=(hidden)&x=%C3%A9");
    assert_eq!((&log[0]["status"], &log[0]["caller"]), (&json!(400), &json!("api-key-1")));
    assert_eq!((&log[1]["body_base64"], &log[1]["status"]), (&json!("/wA="), &json!(204)));
    assert!(log[1]["headers"].as_array().unwrap().contains(&json!(["authorization", "(hidden)"])));
    assert_eq!((&log[2]["status"], &log[2]["caller"]), (&json!(401), &json!(null)));
    assert_eq!(momento.local("/requests?from=2").await["requests"], json!([log[2]]));
}

#[tokio::test]
async fn items_are_shown_with_what_is_left_of_them() {
    let momento = Server::start().await;
    momento.put(TARGET, "value").send().await.unwrap();
    let item = momento.local("/caches/chat/items").await["items"][0].clone();
    assert_eq!(item["key_base64"], "aw==");
    assert_eq!(item["value_base64"], "dmFsdWU=");
    assert_eq!(item["ttl_seconds"], 60);
}

#[tokio::test]
async fn a_key_can_be_added_and_revoked_and_the_log_tells_them_apart() {
    let momento = Server::start().await;
    let with = |key: &str| momento.request(Method::GET, "/cache/chat?key=k").header("authorization", key);
    assert_eq!(status(with("second")).await, 401);
    let added = momento.request(Method::PUT, "/_local/api-keys/second").send().await.unwrap();
    assert_eq!(added.json::<Value>().await.unwrap(), json!({ "name": "api-key-2" }));
    assert_eq!(status(with("second")).await, 404);
    assert_eq!(momento.local("/requests?from=1").await["requests"][0]["caller"], "api-key-2");
    assert_eq!(status(momento.request(Method::DELETE, &format!("/_local/api-keys/{KEY}"))).await, 204);
    assert_eq!(status(with(KEY)).await, 401);
}

#[tokio::test]
async fn a_fault_answers_as_told_with_retry_after_so_many_times_and_nothing_is_done() {
    let momento = Server::start().await;
    let fault = json!({ "kind": "answer", "status": 429, "retry_after": "2", "body": "{\"code\":\"slow\"}" });
    inject(&momento, json!({ "method": "PUT", "target_prefix": "/cache/chat?key=k", "times": 1, "fault": fault }))
        .await;

    assert_eq!(status(momento.put("/cache/chat?key=other&ttl_seconds=60", "value")).await, 204);
    assert_eq!(status(momento.delete("/cache/chat?key=k")).await, 204);
    let response = momento.put(TARGET, "value").send().await.unwrap();
    assert_eq!((response.status().as_u16(), response.headers()["retry-after"].to_str().unwrap()), (429, "2"));
    assert_eq!(response.text().await.unwrap(), "{\"code\":\"slow\"}");
    assert_eq!(status(momento.get("/cache/chat?key=k")).await, 404);
    assert_eq!(status(momento.put(TARGET, "value")).await, 204);

    let hit = momento.local("/requests?from=2").await["requests"][0].clone();
    assert_eq!((&hit["fault"], &hit["status"]), (&json!("answer"), &json!(429)));
    assert_eq!(momento.local("/faults").await["faults"][0]["hits"], 1);
}

#[tokio::test]
async fn a_fault_with_a_probability_hits_the_same_requests_each_time_with_the_same_seed() {
    let mut runs = Vec::new();
    for seed in [7, 7, 8] {
        let momento = Server::start().await;
        let fault = json!({ "kind": "answer", "status": 500 });
        inject(&momento, json!({ "probability": 0.5, "seed": seed, "fault": fault })).await;
        let mut statuses = Vec::new();
        for _ in 0..64 {
            statuses.push(status(momento.delete("/cache/chat?key=k")).await);
        }
        assert!(statuses.contains(&500) && statuses.contains(&204), "{statuses:?}");
        runs.push(statuses);
    }
    assert_eq!(runs[0], runs[1]);
    assert_ne!(runs[0], runs[2]);
}

#[tokio::test]
async fn a_hang_keeps_the_caller_waiting_and_nothing_is_done_if_it_gives_up() {
    let momento = Server::start().await;
    inject(&momento, json!({ "times": 1, "fault": { "kind": "hang", "milliseconds": 60_000 } })).await;
    let given_up = momento.put(TARGET, "value").timeout(Duration::from_millis(100)).send().await;
    assert!(given_up.unwrap_err().is_timeout());

    inject(&momento, json!({ "times": 1, "fault": { "kind": "hang", "milliseconds": 100 } })).await;
    let before = Instant::now();
    assert_eq!(status(momento.get("/cache/chat?key=k")).await, 404);
    assert!(before.elapsed() >= Duration::from_millis(100));
    assert_eq!(momento.local("/requests").await["requests"][0]["status"], json!(null));
}

#[tokio::test]
async fn a_reset_does_nothing_and_a_lost_answer_comes_after_what_was_asked() {
    let momento = Server::start().await;
    for (fault, left) in [("reset", 404), ("lost-answer", 200)] {
        inject(&momento, json!({ "times": 1, "fault": { "kind": fault } })).await;
        assert!(momento.put(TARGET, "value").send().await.is_err(), "{fault}");
        assert_eq!(status(momento.get("/cache/chat?key=k")).await, left, "{fault}");
    }
}

#[tokio::test]
async fn a_failure_after_the_effect_is_answered_although_all_was_done() {
    let momento = Server::start().await;
    inject(&momento, json!({ "times": 1, "fault": { "kind": "fail-after-effect", "status": 500 } })).await;
    assert_eq!(status(momento.put(TARGET, "value")).await, 500);
    assert_eq!(status(momento.get("/cache/chat?key=k")).await, 200);
}

#[tokio::test]
async fn a_rule_that_cannot_be_followed_is_refused_with_the_reason() {
    let momento = Server::start().await;
    for (rule, reason) in [
        (json!({ "fault": { "kind": "explode" } }), "explode"),
        (json!({ "fault": { "kind": "reset" }, "tims": 1 }), "tims"),
        (json!({ "fault": { "kind": "reset" }, "probability": 2 }), "probability"),
        (json!({ "fault": { "kind": "answer", "status": 99 } }), "99"),
        (json!({ "fault": { "kind": "answer", "status": 429, "retry_after": "\n" } }), "retry_after"),
    ] {
        let refused = momento.request(Method::POST, "/_local/faults").json(&rule).send().await.unwrap();
        assert!(refused.status().is_client_error(), "{rule}");
        let text = refused.text().await.unwrap();
        assert!(text.contains(reason), "{rule}: {text}");
    }
}

#[tokio::test]
async fn clearing_leaves_caches_and_keys_and_nothing_else() {
    let momento = Server::start().await;
    momento.put(TARGET, "value").send().await.unwrap();
    momento.post("/topics/chat/room", "hi").send().await.unwrap();
    inject(&momento, json!({ "fault": { "kind": "reset" } })).await;

    momento.local_post("/clear", json!({})).await;

    assert_eq!(momento.local("/requests").await["requests"], json!([]));
    assert_eq!(momento.local("/faults").await["faults"], json!([]));
    assert_eq!(momento.local("/caches/chat/topics/room").await["messages"], json!([]));
    assert_eq!(status(momento.get("/cache/chat?key=k")).await, 404);
}

#[tokio::test]
async fn a_cache_can_be_made_and_deleted_and_who_waits_on_its_topics_is_told() {
    let momento = Server::start().await;
    assert_eq!(status(momento.request(Method::PUT, "/_local/caches/orders")).await, 204);
    assert_eq!(status(momento.put("/cache/orders?key=k&ttl_seconds=1", "value")).await, 204);
    let waiting = tokio::spawn(status(momento.get("/topics/orders/placed")));
    until("a subscriber waits", || async {
        momento.local("/caches/orders/topics/placed").await["waiting_subscribers"] == 1
    })
    .await;
    assert_eq!(status(momento.request(Method::DELETE, "/_local/caches/orders")).await, 204);
    assert_eq!(timeout(Duration::from_secs(30), waiting).await.unwrap().unwrap(), 404);
    assert_eq!(status(momento.request(Method::DELETE, "/_local/caches/orders")).await, 404);
}

#[tokio::test]
async fn a_page_from_another_port_may_call_with_its_token() {
    let momento = Server::start().await;
    let asked = momento
        .request(Method::OPTIONS, "/topics/chat/room")
        .header("origin", "http://127.0.0.1:8080")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,content-type");
    let allowed = asked.send().await.unwrap();
    assert_eq!(allowed.status(), 200);
    assert_eq!(allowed.headers()["access-control-allow-origin"], "*");
    assert_eq!(allowed.headers()["access-control-allow-headers"], "authorization,content-type");
    let answer = momento.request(Method::GET, "/topics/chat/room").header("origin", "http://127.0.0.1:8080");
    let refused = answer.send().await.unwrap();
    assert_eq!(
        (refused.status().as_u16(), &refused.headers()["access-control-allow-origin"]),
        (401, &"*".parse().unwrap())
    );
}
