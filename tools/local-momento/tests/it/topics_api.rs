//! What Momento documents of `/topics/{cacheName}/{topicName}`.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::server::{KEY, Server, refusal, status};

const TOPIC: &str = "/topics/chat/room";

/// Begins a long poll.
fn poll(momento: &Server, query: &str) -> JoinHandle<Value> {
    let request = momento.get(&format!("{TOPIC}?{query}"));
    tokio::spawn(async { request.send().await.unwrap().json().await.unwrap() })
}

async fn subscribed(momento: &Server) -> JoinHandle<Value> {
    let poll = poll(momento, "sequence_number=0&sequence_page=0");
    momento.until_waiting("room", 1).await;
    poll
}

/// Publishes a message and says in which page it is.
async fn publish(momento: &Server, text: &'static str) -> u64 {
    assert_eq!(status(momento.post(TOPIC, text)).await, 204);
    let messages = momento.local("/caches/chat/topics/room").await;
    messages["messages"].as_array().unwrap().last().unwrap()["sequence_page"].as_u64().unwrap()
}

fn item(page: u64, number: u64, text: &str) -> Value {
    json!({ "item": { "topic_sequence_number": number, "sequence_page": page, "value": { "text": text } } })
}

#[tokio::test]
async fn a_long_poll_waits_for_the_next_message_and_gets_it() {
    let momento = Server::start().await;
    publish(&momento, "before").await;
    let poll = subscribed(&momento).await;

    let page = publish(&momento, "hello world").await;

    assert_eq!(poll.await.unwrap(), json!({ "items": [item(page, 1, "hello world")] }));
}

#[tokio::test]
async fn a_first_request_needs_no_parameters() {
    let momento = Server::start().await;
    let poll = poll(&momento, "");
    momento.until_waiting("room", 1).await;
    let page = publish(&momento, "hello").await;
    assert_eq!(poll.await.unwrap(), json!({ "items": [item(page, 0, "hello")] }));
}

#[tokio::test]
async fn a_subscriber_that_goes_on_where_it_was_gets_all_that_it_missed_in_order_and_once() {
    let momento = Server::start().await;
    let page = publish(&momento, "zero").await;
    for text in ["one", "two", "three"] {
        publish(&momento, text).await;
    }
    let missed = poll(&momento, &format!("sequence_number=2&sequence_page={page}")).await.unwrap();
    assert_eq!(missed, json!({ "items": [item(page, 2, "two"), item(page, 3, "three")] }));
    // A page of 0 is what a subscriber sends that is not sure of it.
    assert_eq!(poll(&momento, "sequence_number=2&sequence_page=0").await.unwrap(), missed);
}

#[tokio::test]
async fn every_subscriber_gets_every_message() {
    let momento = Server::start().await;
    let polls: Vec<_> = (0..3).map(|_| poll(&momento, "")).collect();
    momento.until_waiting("room", 3).await;
    let page = publish(&momento, "hello").await;
    for poll in polls {
        assert_eq!(poll.await.unwrap(), json!({ "items": [item(page, 0, "hello")] }));
    }
}

#[tokio::test]
async fn when_the_topic_starts_anew_a_subscriber_is_told_of_the_discontinuity() {
    let momento = Server::start().await;
    let page = publish(&momento, "old").await;
    let waiting = poll(&momento, &format!("sequence_number=1&sequence_page={page}"));
    momento.until_waiting("room", 1).await;

    momento.local_post("/caches/chat/topics/room/discontinuity", json!({})).await;

    let told = |new_page: u64| json!({ "discontinuity": { "last_topic_sequence": 0, "new_topic_sequence": 0, "new_sequence_page": new_page } });
    assert_eq!(waiting.await.unwrap(), json!({ "items": [told(page + 1)] }));
    publish(&momento, "new").await;
    let late = poll(&momento, &format!("sequence_number=1&sequence_page={page}")).await.unwrap();
    assert_eq!(late, json!({ "items": [told(page + 1), item(page + 1, 0, "new")] }));
}

#[tokio::test]
async fn a_subscriber_ahead_of_the_topic_is_told_of_the_discontinuity() {
    let momento = Server::start().await;
    let page = publish(&momento, "zero").await;
    let told = poll(&momento, &format!("sequence_number=101&sequence_page={page}")).await.unwrap();
    let discontinuity = json!({ "last_topic_sequence": 100, "new_topic_sequence": 1, "new_sequence_page": page });
    assert_eq!(told, json!({ "items": [{ "discontinuity": discontinuity }] }));
}

#[tokio::test]
async fn an_octet_stream_is_published_as_binary_and_anything_else_as_text() {
    let momento = Server::start().await;
    for (content_type, value) in [
        ("application/octet-stream", json!({ "binary": "aGk=" })),
        ("text/plain", json!({ "text": "hi" })),
        ("text/plain; charset=utf-8", json!({ "text": "hi" })),
        // What `curl -d` sends, as in Momento's own example.
        ("application/x-www-form-urlencoded", json!({ "text": "hi" })),
    ] {
        let poll = subscribed(&momento).await;
        let request = momento.request(Method::POST, TOPIC).header("authorization", KEY);
        assert_eq!(status(request.header("content-type", content_type).body("hi")).await, 204);
        assert_eq!(poll.await.unwrap()["items"][0]["item"]["value"], value, "{content_type}");
    }
}

#[tokio::test]
async fn a_message_without_a_content_type_or_text_that_is_not_utf_8_is_refused() {
    let momento = Server::start().await;
    let untyped = momento.request(Method::POST, TOPIC).header("authorization", KEY).body("hi");
    assert_eq!(refusal(untyped).await.2, "Content-Type is missing");
    assert_eq!(refusal(momento.post(TOPIC, vec![0xff])).await.2, "a message of text/plain is not UTF-8");
}

#[tokio::test]
async fn a_message_may_have_4_kib_and_no_byte_more() {
    let momento = Server::start().await;
    assert_eq!(status(momento.post(TOPIC, vec![b'x'; 4096])).await, 204);
    assert_eq!(status(momento.post(TOPIC, vec![b'x'; 4097])).await, 400);
    assert_eq!(status(momento.post(TOPIC, "")).await, 204);
}

#[tokio::test]
async fn a_cache_that_nobody_made_has_no_topics() {
    let momento = Server::start().await;
    let not_found = (404, "NotFound".to_owned(), "Cache Not Found".to_owned());
    assert_eq!(refusal(momento.post("/topics/other/room", "hi")).await, not_found);
    assert_eq!(refusal(momento.get("/topics/other/room")).await, not_found);
}

#[tokio::test]
async fn names_arrive_as_they_were_before_percent_encoding() {
    let momento = Server::start().await;
    assert_eq!(status(momento.post("/topics/chat/a%2Fb%20%C3%A9%25%23%3F", "hi")).await, 204);
    let topic = momento.local("/caches/chat/topics/a%2Fb%20%C3%A9%25%23%3F").await;
    assert_eq!(topic["messages"][0]["value"]["text"], "hi");
    assert_eq!(status(momento.post("/topics/chat/%FF", "hi")).await, 400);
}

#[tokio::test]
async fn header_and_query_with_a_key_each_are_answered_400_which_says_so() {
    let momento = Server::start().await;
    let (status, _, message) = refusal(momento.post(&format!("{TOPIC}?token={KEY}"), "hi")).await;
    assert_eq!(status, 400);
    assert!(message.ends_with("only one must be"), "{message}");
}

#[tokio::test]
async fn a_token_permits_what_it_names_until_it_expires() {
    let momento = Server::start().await;
    let permissions = json!([
        { "role": "publishonly", "cache": "chat", "topic": "in" },
        { "role": "subscribeonly", "cache": "chat", "topic_prefix": "out-" },
    ]);
    let asked = json!({ "permissions": permissions, "expires_in_seconds": 300, "token_id": "user-17" });
    let minted: Value = momento.local_post("/tokens", asked).await.json().await.unwrap();
    let token = minted["api_key"].as_str().unwrap();
    let publish = |target: &str| {
        let request = momento.request(Method::POST, &format!("{target}?token={token}"));
        request.header("content-type", "text/plain").body("hi")
    };
    let poll = |target: &str| momento.request(Method::GET, &format!("{target}?sequence_number=9&token={token}"));

    assert_eq!(status(publish("/topics/chat/in")).await, 204);
    assert_eq!(status(poll("/topics/chat/out-english")).await, 200);
    assert_eq!(momento.local("/caches/chat/topics/in").await["messages"][0]["token_id"], "user-17");

    assert_eq!(status(publish("/topics/chat/out-english")).await, 403);
    assert_eq!(status(publish("/topics/other/in")).await, 403);
    assert_eq!(status(poll("/topics/chat/in")).await, 403);
    assert_eq!(status(momento.request(Method::GET, &format!("/cache/chat?key=k&token={token}"))).await, 403);

    momento.advance_clock(Duration::from_mins(5)).await;
    assert_eq!(status(publish("/topics/chat/in")).await, 401);
}

#[tokio::test]
async fn a_token_needs_an_end_within_25_hours_and_an_api_key_to_mint_it() {
    let momento = Server::start().await;
    let permissions = json!([{ "role": "publishonly", "cache": "chat", "topic": "in" }]);
    let mint = |key: &str, seconds: u64| {
        let asked = json!({ "permissions": permissions, "expires_in_seconds": seconds });
        momento.request(Method::POST, "/_local/tokens").header("authorization", key).json(&asked)
    };
    assert_eq!(status(mint(KEY, 90_000)).await, 200);
    assert_eq!(status(mint(KEY, 90_001)).await, 400);
    assert_eq!(status(mint(KEY, 0)).await, 400);
    assert_eq!(status(mint("wrong", 300)).await, 401);
}
