//! What goes wrong with calls and streams of gRPC when a test asks for it.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tonic::Code;

use crate::server::{Server, status};
use crate::subscriber::{Client, Heard};

const A_WHILE: Duration = Duration::from_millis(200);

async fn inject(momento: &Server, rule: Value) {
    momento.local_post("/faults", rule).await;
}

/// Says how many streams it hit.
async fn hit(momento: &Server, fault: Value) -> u64 {
    let asked = json!({ "cache": "chat", "topic": "room", "fault": fault });
    let answer: Value = momento.local_post("/stream-faults", asked).await.json().await.unwrap();
    answer["streams"].as_u64().unwrap()
}

async fn with_short_heartbeats() -> Server {
    let momento = Server::start().await;
    let period = json!({ "milliseconds": 20 });
    assert_eq!(status(momento.request(reqwest::Method::PUT, "/_local/heartbeat").json(&period)).await, 204);
    momento
}

#[tokio::test]
async fn a_call_is_refused_with_the_status_that_is_asked_for_by_its_topic() {
    let momento = Server::start().await;
    let client = Client::connect(&momento).await;
    let fault = json!({ "kind": "grpc-status", "code": "RESOURCE_EXHAUSTED", "message": "too many" });
    let prefix = "/cache_client.pubsub.Pubsub/Subscribe/chat/a%2Fb";
    inject(&momento, json!({ "target_prefix": prefix, "times": 1, "fault": fault })).await;
    client.subscribe("room").await.unwrap();
    client.publish("a/b", "hi").await.unwrap();
    let refused = client.subscribe("a/b").await.err().unwrap();
    assert_eq!((refused.code(), refused.message()), (Code::ResourceExhausted, "too many"));
    client.subscribe("a/b").await.unwrap();
}

#[tokio::test]
async fn a_status_of_grpc_hits_no_call_by_http() {
    let momento = Server::start().await;
    let client = Client::connect(&momento).await;
    inject(&momento, json!({ "times": 1, "fault": { "kind": "grpc-status", "code": "UNAVAILABLE" } })).await;
    assert_eq!(status(momento.post("/topics/chat/room", "hi")).await, 204);
    assert_eq!(client.publish("room", "hi").await.unwrap_err().code(), Code::Unavailable);
    client.publish("room", "hi").await.unwrap();
    assert_eq!(momento.local("/caches/chat/topics/room").await["messages"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn faults_of_http_hit_calls_by_grpc_too() {
    let momento = Server::start().await;
    let client = Client::connect(&momento).await;
    inject(&momento, json!({ "times": 1, "fault": { "kind": "answer", "status": 503 } })).await;
    client.publish("room", "hi").await.unwrap_err();
    inject(&momento, json!({ "times": 1, "fault": { "kind": "lost-answer" } })).await;
    client.publish("room", "hi").await.unwrap_err();
    inject(&momento, json!({ "times": 1, "fault": { "kind": "hang", "milliseconds": 100 } })).await;
    let before = Instant::now();
    client.publish("room", "hi").await.unwrap();
    assert!(before.elapsed() >= Duration::from_millis(100));
    assert_eq!(momento.local("/caches/chat/topics/room").await["messages"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_stream_ends_with_the_status_that_is_asked_for_or_with_none() {
    let momento = Server::start().await;
    let client = Client::connect(&momento).await;
    let mut subscriber = client.subscribe("room").await.unwrap();
    let mut other = client.subscribe("other").await.unwrap();
    assert_eq!(hit(&momento, json!({ "kind": "end", "code": "UNAVAILABLE", "message": "moved" })).await, 1);
    let ended = subscriber.failure().await;
    assert_eq!((ended.code(), ended.message()), (Code::Unavailable, "moved"));
    let mut subscriber = client.subscribe("room").await.unwrap();
    assert_eq!(hit(&momento, json!({ "kind": "end", "code": "OK" })).await, 1);
    assert_eq!(subscriber.hear_news().await, Heard::End);
    client.publish("other", "hi").await.unwrap();
    assert_eq!(other.texts(1).await, ["hi"]);
}

#[tokio::test]
async fn a_stream_that_is_reset_leaves_the_others_of_its_connection_alone() {
    let momento = Server::start().await;
    let client = Client::connect(&momento).await;
    let mut subscriber = client.subscribe("room").await.unwrap();
    let mut other = client.subscribe("other").await.unwrap();
    assert_eq!(hit(&momento, json!({ "kind": "reset" })).await, 1);
    let failure = subscriber.failure().await;
    assert!(failure.message().contains("h2 protocol error"), "{failure:?}");
    client.publish("other", "hi").await.unwrap();
    assert_eq!(other.texts(1).await, ["hi"]);
}

#[tokio::test]
async fn a_connection_that_is_reset_takes_all_its_streams_with_it() {
    let momento = Server::start().await;
    let client = Client::connect(&momento).await;
    let mut subscriber = client.subscribe("room").await.unwrap();
    let mut other = client.subscribe("other").await.unwrap();
    let mut elsewhere = Client::connect(&momento).await.subscribe("other").await.unwrap();
    assert_eq!(hit(&momento, json!({ "kind": "reset-connection" })).await, 1);
    subscriber.failure().await;
    other.failure().await;
    client.publish("other", "hi").await.unwrap();
    assert_eq!(elsewhere.texts(1).await, ["hi"]);
}

#[tokio::test]
async fn a_silent_stream_brings_nothing_though_its_connection_lives() {
    let momento = with_short_heartbeats().await;
    let keep_alive = |endpoint: tonic::transport::Endpoint| {
        endpoint.http2_keep_alive_interval(Duration::from_millis(50)).keep_alive_timeout(Duration::from_secs(30))
    };
    let client = Client::connect_with(&momento, keep_alive).await;
    let mut subscriber = client.subscribe("room").await.unwrap();
    assert!(!subscriber.is_silent(A_WHILE).await);
    assert_eq!(hit(&momento, json!({ "kind": "silence" })).await, 1);
    while !subscriber.is_silent(A_WHILE).await {}
    client.publish("room", "hi").await.unwrap();
    assert!(subscriber.is_silent(A_WHILE).await);
}

#[tokio::test]
async fn a_silent_connection_answers_no_ping_either_and_stays_open() {
    let momento = with_short_heartbeats().await;
    let keep_alive = |endpoint: tonic::transport::Endpoint| {
        endpoint.http2_keep_alive_interval(Duration::from_millis(50)).keep_alive_timeout(Duration::from_millis(200))
    };
    let pinging = Client::connect_with(&momento, keep_alive).await;
    let patient = Client::connect(&momento).await;
    let mut pinger = pinging.subscribe("room").await.unwrap();
    let mut waiter = patient.subscribe("room").await.unwrap();
    assert_eq!(hit(&momento, json!({ "kind": "silence-connection" })).await, 2);
    pinger.failure().await;
    while !waiter.is_silent(A_WHILE).await {}
}

#[tokio::test]
async fn a_slow_stream_brings_each_message_late_and_all_of_them() {
    let momento = Server::start().await;
    let client = Client::connect(&momento).await;
    let mut subscriber = client.subscribe("room").await.unwrap();
    assert_eq!(hit(&momento, json!({ "kind": "slow", "milliseconds": 50 })).await, 1);
    let before = Instant::now();
    for text in ["zero", "one", "two"] {
        client.publish("room", text).await.unwrap();
    }
    assert_eq!(subscriber.texts(3).await, ["zero", "one", "two"]);
    assert!(before.elapsed() >= Duration::from_millis(150));
}

#[tokio::test]
async fn a_fault_that_streams_do_not_know_is_refused_with_the_reason() {
    let momento = Server::start().await;
    for (fault, reason) in [
        (json!({ "kind": "explode" }), "explode"),
        (json!({ "kind": "end", "code": "SAD" }), "SAD"),
        (json!({ "kind": "slow" }), "milliseconds"),
    ] {
        let asked = json!({ "cache": "chat", "topic": "room", "fault": fault });
        let request = momento.request(reqwest::Method::POST, "/_local/stream-faults").json(&asked);
        let refused = request.send().await.unwrap();
        assert!(refused.status().is_client_error(), "{fault}");
        let text = refused.text().await.unwrap();
        assert!(text.contains(reason), "{fault}: {text}");
    }
}
