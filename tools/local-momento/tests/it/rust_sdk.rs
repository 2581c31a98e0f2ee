//! Momento's own SDK for Rust, unchanged, on the local Momento.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE as BASE64_URL;
use futures_util::StreamExt as _;
use momento::topics::{Subscription, SubscriptionValue, ValueKind, configurations};
use momento::{CredentialProvider, MomentoErrorCode, TopicClient};
use serde_json::json;
use tokio::time::timeout;

use crate::server::{KEY, Server, status, until};

/// Long enough for a busy machine, and short enough to notice.
const PATIENCE: Duration = Duration::from_secs(30);

fn client(momento: &Server, key: &str) -> TopicClient {
    // The SDK takes a key only with the host that it is for, and then another address instead.
    let key = BASE64_URL.encode(json!({ "api_key": key, "endpoint": "local" }).to_string());
    let credentials =
        CredentialProvider::from_disposable_token(key).unwrap().insecure_endpoint_override(&momento.endpoint);
    let configuration = configurations::Laptop::latest();
    TopicClient::builder().configuration(configuration).credential_provider(credentials).build().unwrap()
}

async fn next(subscription: &mut Subscription) -> SubscriptionValue {
    timeout(PATIENCE, subscription.next()).await.unwrap().unwrap()
}

async fn text(subscription: &mut Subscription) -> (u64, String) {
    let value = next(subscription).await;
    (value.topic_sequence_number, value.try_into().unwrap())
}

#[tokio::test]
async fn it_publishes_and_subscribes_text_and_binary() {
    let momento = Server::start().await;
    let client = client(&momento, KEY);
    let mut subscription = client.subscribe("chat", "room").await.unwrap();
    client.publish("chat", "room", "é").await.unwrap();
    client.publish("chat", "room", vec![0xff, 0]).await.unwrap();
    assert_eq!(text(&mut subscription).await, (0, "é".to_owned()));
    assert_eq!(next(&mut subscription).await.kind, ValueKind::Binary(vec![0xff, 0]));
}

#[tokio::test]
async fn it_gets_what_is_published_over_http_and_the_reverse() {
    let momento = Server::start().await;
    let client = client(&momento, KEY);
    let mut subscription = client.subscribe("chat", "room").await.unwrap();
    assert_eq!(status(momento.post("/topics/chat/room", "by HTTP")).await, 204);
    assert_eq!(text(&mut subscription).await, (0, "by HTTP".to_owned()));
    client.publish("chat", "room", "by gRPC").await.unwrap();
    let polled = momento.get("/topics/chat/room?sequence_number=1").send().await.unwrap().text().await.unwrap();
    assert!(polled.contains("by gRPC"), "{polled}");
}

/// It resumes at the last message that it had, which comes again: as it would of Momento.
#[tokio::test]
async fn it_goes_on_after_its_stream_is_reset_with_the_last_message_again() {
    let momento = Server::start().await;
    let client = client(&momento, KEY);
    let mut subscription = client.subscribe("chat", "room").await.unwrap();
    for name in ["zero", "one"] {
        assert_eq!(status(momento.post("/topics/chat/room", name)).await, 204);
        assert_eq!(text(&mut subscription).await.1, name);
    }
    let reset = json!({ "cache": "chat", "topic": "room", "fault": { "kind": "reset" } });
    momento.local_post("/stream-faults", reset).await;
    until("the stream is closed", || async { momento.local("/caches/chat/topics/room").await["streams"] == 0 }).await;
    assert_eq!(status(momento.post("/topics/chat/room", "two")).await, 204);
    assert_eq!(text(&mut subscription).await, (1, "one".to_owned()));
    assert_eq!(text(&mut subscription).await, (2, "two".to_owned()));
}

#[tokio::test]
async fn it_names_each_refusal_as_it_would_of_momento() {
    let momento = Server::start().await;
    let known = client(&momento, KEY);
    let stranger = client(&momento, "wrong");
    let code = |error: momento::MomentoError| error.error_code;
    let unknown_cache = known.publish("other", "room", "hi").await.err().map(code);
    assert_eq!(unknown_cache, Some(MomentoErrorCode::CacheNotFoundError));
    let unknown_cache = known.subscribe("other", "room").await.err().map(code);
    assert_eq!(unknown_cache, Some(MomentoErrorCode::CacheNotFoundError));
    let unknown_key = stranger.publish("chat", "room", "hi").await.err().map(code);
    assert_eq!(unknown_key, Some(MomentoErrorCode::AuthenticationError));
    let fault = json!({ "kind": "grpc-status", "code": "RESOURCE_EXHAUSTED" });
    momento.local_post("/faults", json!({ "times": 1, "fault": fault })).await;
    let throttled = known.subscribe("chat", "room").await.err().map(code);
    assert_eq!(throttled, Some(MomentoErrorCode::LimitExceededError));
}
