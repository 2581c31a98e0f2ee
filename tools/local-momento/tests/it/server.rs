//! A local Momento, and a client that calls it over TCP.

use std::future::Future;
use std::time::Duration;

use local_momento::{Settings, serve};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub(crate) const KEY: &str = "momento-key";

/// Served until it is dropped.
pub(crate) struct Server {
    pub(crate) endpoint: String,
    pub(crate) client: Client,
    serving: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Server {
    /// With the cache `chat` and the key `momento-key`.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let settings = Settings { caches: vec!["chat".to_owned()], api_keys: vec![KEY.to_owned()] };
        let serving = tokio::spawn(async { serve(listener, settings).await.unwrap() });
        Self { endpoint, client: Client::builder().no_proxy().build().unwrap(), serving }
    }

    /// Without a key.
    pub(crate) fn request(&self, method: Method, target: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{target}", self.endpoint))
    }

    pub(crate) fn get(&self, target: &str) -> RequestBuilder {
        self.request(Method::GET, target).header("authorization", KEY)
    }

    pub(crate) fn put(&self, target: &str, body: impl Into<reqwest::Body>) -> RequestBuilder {
        self.request(Method::PUT, target).header("authorization", KEY).body(body)
    }

    pub(crate) fn delete(&self, target: &str) -> RequestBuilder {
        self.request(Method::DELETE, target).header("authorization", KEY)
    }

    /// Text.
    pub(crate) fn post(&self, target: &str, body: impl Into<reqwest::Body>) -> RequestBuilder {
        self.request(Method::POST, target).header("authorization", KEY).header("content-type", "text/plain").body(body)
    }

    /// What `/_local/…` says.
    pub(crate) async fn local(&self, path: &str) -> Value {
        self.request(Method::GET, &format!("/_local{path}")).send().await.unwrap().json().await.unwrap()
    }

    /// Asks `/_local/…` to do something.
    pub(crate) async fn local_post(&self, path: &str, body: Value) -> Response {
        let request = self.request(Method::POST, &format!("/_local{path}")).header("authorization", KEY);
        let response = request.json(&body).send().await.unwrap();
        assert!(response.status().is_success(), "{path}: {}", response.text().await.unwrap());
        response
    }

    pub(crate) async fn advance_clock(&self, by: Duration) {
        let milliseconds = u64::try_from(by.as_millis()).unwrap();
        self.local_post("/clock", json!({ "milliseconds": milliseconds })).await;
    }

    /// Returns once so many long polls wait for messages of a topic of `chat`.
    pub(crate) async fn until_waiting(&self, topic: &str, count: u64) {
        until("a subscriber waits", || async {
            self.local(&format!("/caches/chat/topics/{topic}")).await["waiting_subscribers"] == count
        })
        .await;
    }
}

/// Asks again and again, for half a minute at most.
pub(crate) async fn until<F: Future<Output = bool>>(what: &str, mut is_so: impl FnMut() -> F) {
    for _ in 0..3000 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("timed out waiting until {what}");
}

pub(crate) async fn status(request: RequestBuilder) -> u16 {
    request.send().await.unwrap().status().as_u16()
}

/// Status, code and message of a refusal.
pub(crate) async fn refusal(request: RequestBuilder) -> (u16, String, String) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    (status, body["code"].as_str().unwrap().to_owned(), body["message"].as_str().unwrap().to_owned())
}
