//! What Momento documents of `/cache/{cacheName}`.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::server::{KEY, Server, refusal, status};

#[tokio::test]
async fn an_item_is_read_as_it_was_set_byte_for_byte() {
    let momento = Server::start().await;
    let bytes: Vec<u8> = (0..=255).collect();

    assert_eq!(status(momento.put("/cache/chat?key=k&ttl_seconds=60", bytes.clone())).await, 204);

    let response = momento.get("/cache/chat?key=k").send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/octet-stream");
    assert_eq!(response.bytes().await.unwrap(), bytes);
}

#[tokio::test]
async fn setting_an_item_again_replaces_it() {
    let momento = Server::start().await;
    for value in ["one", "two"] {
        momento.put("/cache/chat?key=k&ttl_seconds=60", value).send().await.unwrap();
    }
    assert_eq!(momento.get("/cache/chat?key=k").send().await.unwrap().text().await.unwrap(), "two");
}

#[tokio::test]
async fn deleting_is_answered_204_whether_or_not_there_is_such_an_item() {
    let momento = Server::start().await;
    momento.put("/cache/chat?key=k&ttl_seconds=60", "value").send().await.unwrap();
    for _ in 0..2 {
        assert_eq!(status(momento.delete("/cache/chat?key=k")).await, 204);
        assert_eq!(status(momento.get("/cache/chat?key=k")).await, 404);
    }
}

#[tokio::test]
async fn key_and_key_base64_name_the_same_item_with_and_without_padding() {
    let momento = Server::start().await;
    momento.put("/cache/chat?key_base64=ZXhhbXBsZV9rZXk&ttl_seconds=60", "value").send().await.unwrap();
    for key in ["key=example_key", "key_base64=ZXhhbXBsZV9rZXk", "key_base64=ZXhhbXBsZV9rZXk%3D", "key=example%5Fkey"] {
        assert_eq!(status(momento.get(&format!("/cache/chat?{key}"))).await, 200, "{key}");
    }
}

#[tokio::test]
async fn an_item_is_gone_when_its_time_to_live_is_over() {
    let momento = Server::start().await;
    momento.put("/cache/chat?key=k&ttl_seconds=60", "value").send().await.unwrap();

    momento.advance_clock(Duration::from_secs(30)).await;
    assert_eq!(status(momento.get("/cache/chat?key=k")).await, 200);

    momento.advance_clock(Duration::from_secs(30)).await;
    let gone = (404, "NotFound".to_owned(), "Key Not Found".to_owned());
    assert_eq!(refusal(momento.get("/cache/chat?key=k")).await, gone);
    assert_eq!(momento.local("/caches/chat/items").await["items"], json!([]));
}

#[tokio::test]
async fn a_cache_that_nobody_made_is_not_found() {
    let momento = Server::start().await;
    let not_found = (404, "NotFound".to_owned(), "Cache Not Found".to_owned());
    assert_eq!(refusal(momento.get("/cache/other?key=k")).await, not_found);
    assert_eq!(refusal(momento.put("/cache/other?key=k&ttl_seconds=60", "value")).await, not_found);
    assert_eq!(refusal(momento.delete("/cache/other?key=k")).await, not_found);
}

#[tokio::test]
async fn what_is_specified_wrongly_is_answered_400_which_says_what() {
    let momento = Server::start().await;
    for (query, reason) in [
        ("ttl_seconds=60", "neither key nor key_base64 is given"),
        ("key=&ttl_seconds=60", "the key is empty"),
        ("key=a&key_base64=YQ&ttl_seconds=60", "key and key_base64 are both given"),
        ("key=a&key=b&ttl_seconds=60", "key is given twice"),
        ("key_base64=a%2Fb%2B&ttl_seconds=60", "key_base64 is not URL-safe base64: "),
        ("key=%FF&ttl_seconds=60", "the query is not UTF-8"),
        ("key=k", "ttl_seconds is missing"),
        ("key=k&ttl_seconds=", "ttl_seconds is not a whole number from 0: "),
        ("key=k&ttl_seconds=1.5", "ttl_seconds is not a whole number from 0: 1.5"),
        ("key=k&ttl_seconds=-1", "ttl_seconds is not a whole number from 0: -1"),
        ("key=k&ttl_seconds=0", "ttl_seconds is not from 1 to 86400: 0"),
        ("key=k&ttl_seconds=86401", "ttl_seconds is not from 1 to 86400: 86401"),
    ] {
        let (status, code, message) = refusal(momento.put(&format!("/cache/chat?{query}"), "value")).await;
        assert_eq!((status, code.as_str()), (400, "Bad Request"), "{query}");
        assert!(message.starts_with(reason), "{query}: {message}");
    }
    assert_eq!(momento.local("/caches/chat/items").await["items"], json!([]));
}

#[tokio::test]
async fn key_and_value_may_have_5_mib_together_and_no_byte_more() {
    let momento = Server::start().await;
    let most = 5 * 1024 * 1024 - 1;
    assert_eq!(status(momento.put("/cache/chat?key=k&ttl_seconds=60", vec![0; most])).await, 204);
    assert_eq!(status(momento.put("/cache/chat?key=k&ttl_seconds=60", vec![0; most + 1])).await, 400);
}

#[tokio::test]
async fn the_key_is_taken_from_the_header_or_the_query_and_not_from_both() {
    let momento = Server::start().await;
    let in_query = format!("/cache/chat?key=k&token={KEY}");
    assert_eq!(status(momento.request(Method::DELETE, "/cache/chat?key=k").header("authorization", KEY)).await, 204);
    assert_eq!(status(momento.request(Method::DELETE, &in_query)).await, 204);
    assert_eq!(status(momento.request(Method::DELETE, &in_query).header("authorization", KEY)).await, 400);
}

#[tokio::test]
async fn without_a_key_or_with_a_wrong_one_the_answer_is_401() {
    let momento = Server::start().await;
    assert_eq!(status(momento.request(Method::GET, "/cache/chat?key=k")).await, 401);
    for wrong in ["wrong", "Bearer momento-key", ""] {
        let request = momento.request(Method::GET, "/cache/chat?key=k").header("authorization", wrong);
        assert_eq!(status(request).await, 401, "{wrong}");
    }
}

#[tokio::test]
async fn a_path_or_a_method_that_momento_does_not_document_is_refused() {
    let momento = Server::start().await;
    assert_eq!(status(momento.get("/cache/chat/k")).await, 404);
    assert_eq!(status(momento.post("/cache/chat?key=k", "value")).await, 405);
}

#[tokio::test]
async fn a_cache_name_arrives_as_it_was_before_percent_encoding() {
    let momento = Server::start().await;
    assert_eq!(status(momento.request(Method::PUT, "/_local/caches/a%2Fb%20%C3%A9%25%23%3F")).await, 204);
    let target = "/cache/a%2Fb%20%C3%A9%25%23%3F?key=%2F%26+%2B&ttl_seconds=1";
    assert_eq!(status(momento.put(target, "value")).await, 204);
    let items = momento.local("/caches/a%2Fb%20%C3%A9%25%23%3F/items").await;
    assert_eq!(items["items"][0]["key_base64"], "LyYgKw=="); // `/& +`
}

#[tokio::test]
async fn a_token_for_an_item_reads_this_item_and_does_nothing_else() {
    let momento = Server::start().await;
    assert_eq!(status(momento.request(Method::PUT, "/_local/caches/other")).await, 204);
    for target in
        ["/cache/chat?key=k&ttl_seconds=60", "/cache/chat?key=k2&ttl_seconds=60", "/cache/other?key=k&ttl_seconds=60"]
    {
        assert_eq!(status(momento.put(target, "v")).await, 204);
    }
    let permissions = json!([{ "role": "readonly", "cache": "chat", "key": "k" }]);
    let asked = json!({ "permissions": permissions, "expires_in_seconds": 300 });
    let minted: Value = momento.local_post("/tokens", asked).await.json().await.unwrap();
    let token = minted["api_key"].as_str().unwrap();
    for (method, target, expected) in [
        (Method::GET, "/cache/chat?key=k", 200),
        (Method::GET, "/cache/chat?key_base64=aw", 200),
        (Method::GET, "/cache/chat?key=k2", 403),
        (Method::GET, "/cache/chat", 403),
        (Method::GET, "/cache/other?key=k", 403),
        (Method::PUT, "/cache/chat?key=k&ttl_seconds=60", 403),
        (Method::DELETE, "/cache/chat?key=k", 403),
        (Method::POST, "/topics/chat/k", 403),
    ] {
        let request = momento.request(method.clone(), target).header("authorization", token);
        assert_eq!(status(request).await, expected, "{method} {target}");
    }
}

#[tokio::test]
async fn a_token_for_a_cache_reads_all_of_its_items_and_no_others() {
    let momento = Server::start().await;
    assert_eq!(status(momento.request(Method::PUT, "/_local/caches/other")).await, 204);
    for target in ["/cache/chat?key=k&ttl_seconds=60", "/cache/other?key=k&ttl_seconds=60"] {
        assert_eq!(status(momento.put(target, "v")).await, 204);
    }
    let permissions = json!([{ "role": "readonly", "cache": "chat" }]);
    let asked = json!({ "permissions": permissions, "expires_in_seconds": 300 });
    let minted: Value = momento.local_post("/tokens", asked).await.json().await.unwrap();
    let token = minted["api_key"].as_str().unwrap();
    for (method, target, expected) in [
        (Method::GET, "/cache/chat?key=k", 200),
        (Method::GET, "/cache/chat?key=missing", 404),
        (Method::GET, "/cache/other?key=k", 403),
        (Method::DELETE, "/cache/chat?key=k", 403),
        (Method::GET, "/topics/chat/k", 403),
    ] {
        let request = momento.request(method.clone(), target).header("authorization", token);
        assert_eq!(status(request).await, expected, "{method} {target}");
    }
}
