//! What Momento's definitions say of `cache_client.pubsub.Pubsub`, and what was chosen here where they leave it open.

use std::time::Duration;

use momento_protos::cache_client::pubsub::topic_value::Kind;
use reqwest::Method;
use serde_json::{Value, json};
use tonic::Code;

use crate::server::{KEY, Server, status, until};
use crate::subscriber::{Client, Heard, Subscriber};

const TOPIC: &str = "/topics/chat/room";

async fn subscribed(momento: &Server) -> (Client, Subscriber) {
    let client = Client::connect(momento).await;
    let subscriber = client.subscribe("room").await.unwrap();
    (client, subscriber)
}

async fn page(momento: &Server) -> u64 {
    let topic = momento.local("/caches/chat/topics/room").await;
    topic["messages"].as_array().unwrap().last().unwrap()["sequence_page"].as_u64().unwrap()
}

async fn streams(momento: &Server) -> Value {
    momento.local("/caches/chat/topics/room").await["streams"].clone()
}

fn text(page: u64, number: u64, text: &str) -> Heard {
    Heard::Text { page, number, text: text.to_owned(), publisher: String::new() }
}

async fn code<T>(result: impl Future<Output = Result<T, tonic::Status>>) -> Code {
    result.await.err().unwrap().code()
}

#[tokio::test]
async fn a_stream_begins_with_a_heartbeat_and_then_brings_what_is_published_in_order() {
    let momento = Server::start().await;
    let client = Client::connect(&momento).await;
    client.publish("room", "before").await.unwrap();
    let mut subscriber = client.subscribe("room").await.unwrap();
    for number in 1..=100 {
        client.publish("room", &number.to_string()).await.unwrap();
    }
    let page = page(&momento).await;
    assert_eq!(subscriber.hear().await.unwrap(), Heard::Heartbeat);
    for number in 1..=100 {
        assert_eq!(subscriber.hear_news().await, text(page, number, &number.to_string()));
    }
}

#[tokio::test]
async fn heartbeats_come_with_the_period_that_is_set() {
    let momento = Server::start().await;
    let period = json!({ "milliseconds": 20 });
    assert_eq!(status(momento.request(Method::PUT, "/_local/heartbeat").json(&period)).await, 204);
    let (_client, mut subscriber) = subscribed(&momento).await;
    for _ in 0..5 {
        assert_eq!(subscriber.hear().await.unwrap(), Heard::Heartbeat);
    }
    let none = json!({ "milliseconds": 0 });
    assert_eq!(status(momento.request(Method::PUT, "/_local/heartbeat").json(&none)).await, 400);
}

#[tokio::test]
async fn http_and_grpc_are_of_the_same_topics() {
    let momento = Server::start().await;
    let (client, mut subscriber) = subscribed(&momento).await;
    assert_eq!(status(momento.post(TOPIC, "by HTTP")).await, 204);
    let page = page(&momento).await;
    assert_eq!(subscriber.hear_news().await, text(page, 0, "by HTTP"));

    let poll = momento.get(&format!("{TOPIC}?sequence_number=1&sequence_page={page}"));
    let poll = tokio::spawn(async { poll.send().await.unwrap().json::<Value>().await.unwrap() });
    momento.until_waiting("room", 2).await;
    client.publish("room", "by gRPC").await.unwrap();
    assert_eq!(poll.await.unwrap()["items"][0]["item"]["value"], json!({ "text": "by gRPC" }));
    assert_eq!(subscriber.hear_news().await, text(page, 1, "by gRPC"));
}

#[tokio::test]
async fn binary_stays_binary() {
    let momento = Server::start().await;
    let (client, mut subscriber) = subscribed(&momento).await;
    client.publish_value("chat", "room", Some(Kind::Binary(vec![0xff, 0]))).await.unwrap();
    let octets = momento.request(Method::POST, TOPIC).header("authorization", KEY);
    assert_eq!(status(octets.header("content-type", "application/octet-stream").body("hi")).await, 204);
    assert_eq!(subscriber.hear_news().await, Heard::Binary { number: 0, bytes: vec![0xff, 0] });
    assert_eq!(subscriber.hear_news().await, Heard::Binary { number: 1, bytes: b"hi".to_vec() });
}

#[tokio::test]
async fn a_message_carries_the_id_of_the_token_that_it_was_published_with() {
    let momento = Server::start().await;
    let (client, mut subscriber) = subscribed(&momento).await;
    let permissions = json!([{ "role": "publishonly", "cache": "chat", "topic": "room" }]);
    let asked = json!({ "permissions": permissions, "expires_in_seconds": 300, "token_id": "user-17" });
    let minted: Value = momento.local_post("/tokens", asked).await.json().await.unwrap();
    let publisher = client.with_key(minted["api_key"].as_str().unwrap());
    publisher.publish("room", "hi").await.unwrap();
    let Heard::Text { publisher: id, .. } = subscriber.hear_news().await else { panic!("no text") };
    assert_eq!(id, "user-17");
    assert_eq!(code(publisher.subscribe("room")).await, Code::PermissionDenied);
    assert_eq!(code(publisher.publish("other", "hi")).await, Code::PermissionDenied);
}

#[tokio::test]
async fn a_subscriber_that_resumes_gets_all_that_it_missed_in_order_and_once() {
    let momento = Server::start().await;
    let client = Client::connect(&momento).await;
    for name in ["zero", "one", "two", "three"] {
        client.publish("room", name).await.unwrap();
    }
    let page = page(&momento).await;
    let mut resumed = client.resume("room", page, 2).await.unwrap();
    client.publish("room", "four").await.unwrap();
    assert_eq!(resumed.texts(3).await, ["two", "three", "four"]);
    // Without a page, and from whatever there still is.
    assert_eq!(client.resume("room", 0, 2).await.unwrap().texts(3).await, ["two", "three", "four"]);
    assert_eq!(client.resume("room", 0, 1).await.unwrap().texts(2).await, ["zero", "one"]);
    assert_eq!(client.resume("room", page, 0).await.unwrap().texts(2).await, ["zero", "one"]);
}

#[tokio::test]
async fn a_new_page_is_a_discontinuity_for_who_is_subscribed_and_for_who_resumes() {
    let momento = Server::start().await;
    let (client, mut subscriber) = subscribed(&momento).await;
    for name in ["zero", "one"] {
        client.publish("room", name).await.unwrap();
    }
    let page = page(&momento).await;
    subscriber.texts(2).await;
    momento.local_post("/caches/chat/topics/room/discontinuity", json!({})).await;
    let told = Heard::Discontinuity { last: 1, new: 0, page: page + 1 };
    assert_eq!(subscriber.hear_news().await, told);
    client.publish("room", "new").await.unwrap();
    assert_eq!(subscriber.hear_news().await, text(page + 1, 0, "new"));
    let mut resumed = client.resume("room", page, 2).await.unwrap();
    assert_eq!(resumed.hear_news().await, told);
    assert_eq!(resumed.hear_news().await, text(page + 1, 0, "new"));
}

#[tokio::test]
async fn lost_messages_are_a_discontinuity_within_the_page() {
    let momento = Server::start().await;
    let (client, mut subscriber) = subscribed(&momento).await;
    client.publish("room", "zero").await.unwrap();
    momento.local_post("/caches/chat/topics/room/loss", json!({ "messages": 3 })).await;
    client.publish("room", "four").await.unwrap();
    let page = page(&momento).await;
    assert_eq!(subscriber.hear_news().await, text(page, 0, "zero"));
    assert_eq!(subscriber.hear_news().await, Heard::Discontinuity { last: 0, new: 4, page });
    assert_eq!(subscriber.hear_news().await, text(page, 4, "four"));
}

#[tokio::test]
async fn a_limited_history_is_a_discontinuity_for_who_resumes_before_it() {
    let momento = Server::start().await;
    let (client, mut subscriber) = subscribed(&momento).await;
    let history = "/_local/caches/chat/topics/room/history";
    assert_eq!(status(momento.request(Method::PUT, history).json(&json!({ "messages": 2 }))).await, 204);
    for name in ["zero", "one", "two", "three", "four"] {
        client.publish("room", name).await.unwrap();
    }
    let page = page(&momento).await;
    assert_eq!(subscriber.texts(5).await, ["zero", "one", "two", "three", "four"], "who is subscribed gets everything");

    let mut resumed = client.resume("room", page, 1).await.unwrap();
    assert_eq!(resumed.hear_news().await, Heard::Discontinuity { last: 0, new: 3, page });
    assert_eq!(resumed.texts(2).await, ["three", "four"]);
    assert_eq!(client.resume("room", page, 3).await.unwrap().texts(2).await, ["three", "four"]);

    assert_eq!(status(momento.request(Method::DELETE, history)).await, 204);
    assert_eq!(status(momento.request(Method::PUT, history).json(&json!({ "messages": null }))).await, 204);
    client.publish("room", "five").await.unwrap();
    let mut resumed = client.resume("room", page, 3).await.unwrap();
    assert_eq!(resumed.hear_news().await, Heard::Discontinuity { last: 2, new: 5, page });
    assert_eq!(resumed.hear_news().await, text(page, 5, "five"));
}

#[tokio::test]
async fn a_call_without_a_valid_key_is_unauthenticated() {
    let momento = Server::start().await;
    let wrong = Client::connect(&momento).await.with_key("wrong");
    assert_eq!(code(wrong.publish("room", "hi")).await, Code::Unauthenticated);
    assert_eq!(code(wrong.subscribe("room")).await, Code::Unauthenticated);
}

#[tokio::test]
async fn a_stream_ends_when_its_key_is_revoked_or_its_cache_deleted() {
    let momento = Server::start().await;
    assert_eq!(status(momento.request(Method::PUT, "/_local/api-keys/second")).await, 200);
    let (client, mut other) = subscribed(&momento).await;
    let mut subscriber = client.with_key("second").subscribe("room").await.unwrap();
    assert_eq!(status(momento.request(Method::DELETE, "/_local/api-keys/second")).await, 204);
    assert_eq!(subscriber.failure().await.code(), Code::Unauthenticated);
    assert_eq!(status(momento.request(Method::DELETE, "/_local/caches/chat")).await, 204);
    assert_eq!(other.failure().await.code(), Code::NotFound);
}

#[tokio::test]
async fn an_unknown_cache_is_not_found() {
    let momento = Server::start().await;
    let client = Client::connect(&momento).await;
    let hi = || Some(Kind::Text("hi".to_owned()));
    assert_eq!(code(client.publish_value("other", "room", hi())).await, Code::NotFound);
    assert_eq!(code(client.resume_in("other", "room", 0, 0)).await, Code::NotFound);
}

#[tokio::test]
async fn what_is_no_message_is_an_invalid_argument() {
    let momento = Server::start().await;
    let client = Client::connect(&momento).await;
    client.publish("room", &"x".repeat(4096)).await.unwrap();
    assert_eq!(code(client.publish("room", &"x".repeat(4097))).await, Code::InvalidArgument);
    assert_eq!(code(client.publish("", "hi")).await, Code::InvalidArgument);
    assert_eq!(code(client.publish_value("", "room", Some(Kind::Binary(vec![])))).await, Code::InvalidArgument);
    assert_eq!(code(client.publish_value("chat", "room", None)).await, Code::InvalidArgument);
    assert_eq!(code(client.subscribe("")).await, Code::InvalidArgument);
}

#[tokio::test]
async fn a_service_that_is_not_here_is_answered_in_grpc() {
    let momento = Server::start().await;
    for path in ["/control_client.ScsControl/ListCaches", "/cache_client.pubsub.Pubsub/Unknown"] {
        let call = momento.request(Method::POST, path).header("content-type", "application/grpc");
        let answer = call.send().await.unwrap();
        assert_eq!(
            (answer.status().as_u16(), answer.headers()["grpc-status"].to_str().unwrap()),
            (200, "12"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn calls_are_recorded_without_the_key() {
    let momento = Server::start().await;
    let (client, _subscriber) = subscribed(&momento).await;
    client.with_key("wrong").publish("room", "hi").await.unwrap_err();
    let log = momento.local("/requests").await["requests"].clone();
    assert!(!log.to_string().contains(KEY), "{log}");
    assert_eq!((&log[0]["path"], &log[0]["status"]), (&json!("/cache_client.pubsub.Pubsub/Subscribe"), &json!(200)));
    assert_eq!((&log[0]["caller"], &log[1]["caller"]), (&json!("api-key-1"), &json!(null)));
}

#[tokio::test]
async fn a_stream_counts_as_long_as_somebody_reads_it() {
    let momento = Server::start().await;
    let (_client, subscriber) = subscribed(&momento).await;
    assert_eq!(streams(&momento).await, 1);
    drop(subscriber);
    until("the stream is closed", || async { streams(&momento).await == 0 }).await;
}

#[tokio::test]
async fn many_streams_of_one_connection_are_served_at_once() {
    let momento = Server::start().await;
    let client = Client::connect(&momento).await;
    let mut subscribers = Vec::new();
    for number in 0..100 {
        subscribers.push(client.subscribe(&format!("room-{number}")).await.unwrap());
    }
    for (number, subscriber) in subscribers.iter_mut().enumerate() {
        client.publish(&format!("room-{number}"), "hi").await.unwrap();
        assert_eq!(tokio::time::timeout(Duration::from_secs(30), subscriber.texts(1)).await.unwrap(), ["hi"]);
    }
}
