//! Messages of topics, posted as Momento's webhooks were.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use hmac::{KeyInit as _, Mac as _, SimpleHmac};
use serde_json::{Value, json};
use sha3::Sha3_256;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::server::{Server, status, until};
use crate::subscriber::Client;

/// A receiver of webhooks, and what it has received.
async fn receiver(answer: StatusCode) -> (String, UnboundedReceiver<(HeaderMap, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let (sender, received) = unbounded_channel();
    let receive = move |State(sender): State<UnboundedSender<_>>, headers: HeaderMap, body: String| async move {
        sender.send((headers, body)).unwrap();
        answer
    };
    let router = Router::new().fallback(receive).with_state(sender);
    tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
    (url, received)
}

async fn register(momento: &Server, topics: (&str, &str), url: &str) {
    let mut webhook = json!({ "cache": "chat", "url": url, "signing_secret": "s3cret" });
    webhook[topics.0] = json!(topics.1);
    momento.local_post("/webhooks", webhook).await;
}

#[tokio::test]
async fn a_message_is_posted_as_momento_documented_it_with_its_signature() {
    let momento = Server::start().await;
    let (url, mut received) = receiver(StatusCode::OK).await;
    register(&momento, ("topic", "room"), &url).await;

    assert_eq!(status(momento.post("/topics/chat/room", "Here I am, é!")).await, 204);

    let (headers, body) = received.recv().await.unwrap();
    let payload: Value = serde_json::from_str(&body).unwrap();
    let fields =
        ["cache", "topic", "event_timestamp", "publish_timestamp", "topic_sequence_number", "token_id", "text"];
    let places: Vec<_> = fields.iter().map(|field| body.find(&format!("\"{field}\":")).unwrap()).collect();
    assert!(places.is_sorted(), "{body}");
    assert_eq!(
        (&payload["cache"], &payload["topic"], &payload["text"]),
        (&json!("chat"), &json!("room"), &json!("Here I am, é!"))
    );
    assert_eq!((&payload["topic_sequence_number"], &payload["token_id"]), (&json!(0), &json!("")));
    assert!(payload["publish_timestamp"].as_u64() >= payload["event_timestamp"].as_u64());
    assert_eq!(headers["user-agent"], "Momento/1.0 (Webhooks; +https://docs.momentohq.com/topics/webhooks)");
    assert_eq!(headers["content-type"], "application/json");
    let mut mac = SimpleHmac::<Sha3_256>::new_from_slice(b"s3cret").unwrap();
    mac.update(body.as_bytes());
    let signature = base16ct::lower::encode_string(&mac.finalize().into_bytes());
    assert_eq!(headers["momento-signature"], signature);
}

#[tokio::test]
async fn only_the_topics_that_a_webhook_names_are_posted() {
    let momento = Server::start().await;
    let (url, mut received) = receiver(StatusCode::OK).await;
    register(&momento, ("topic_prefix", "room-"), &url).await;
    for topic in ["rooms", "lobby", "room-281"] {
        assert_eq!(status(momento.post(&format!("/topics/chat/{topic}"), "hi")).await, 204);
    }
    assert!(received.recv().await.unwrap().1.contains("\"topic\":\"room-281\""));
    until("it is noted", || async { momento.local("/webhook-deliveries").await["deliveries"] != json!([]) }).await;
    assert!(received.try_recv().is_err());
}

#[tokio::test]
async fn a_delivery_that_fails_is_noted_and_not_tried_again() {
    let momento = Server::start().await;
    let (refusing, mut received) = receiver(StatusCode::SERVICE_UNAVAILABLE).await;
    register(&momento, ("topic", "room"), &refusing).await;
    // Nothing listens on a port that was just given back.
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    register(&momento, ("topic", "room"), &format!("http://{closed}/")).await;

    assert_eq!(status(momento.post("/topics/chat/room", "hi")).await, 204);

    let deliveries = || async { momento.local("/webhook-deliveries").await["deliveries"].clone() };
    until("both are noted", || async { deliveries().await.as_array().unwrap().len() == 2 }).await;
    let noted = deliveries().await;
    let refused = noted.as_array().unwrap().iter().find(|delivery| delivery["url"] == refusing).unwrap();
    let unreachable = noted.as_array().unwrap().iter().find(|delivery| delivery["url"] != refusing).unwrap();
    assert_eq!((&refused["status"], &refused["error"]), (&json!(503), &json!(null)));
    assert_eq!(unreachable["status"], json!(null));
    assert!(unreachable["error"].is_string());
    received.recv().await.unwrap();
    assert!(received.try_recv().is_err());
}

#[tokio::test]
async fn a_message_published_by_grpc_is_posted_too() {
    let momento = Server::start().await;
    let (url, mut received) = receiver(StatusCode::OK).await;
    register(&momento, ("topic", "room"), &url).await;
    Client::connect(&momento).await.publish("room", "hi").await.unwrap();
    let (_, body) = received.recv().await.unwrap();
    assert_eq!(serde_json::from_str::<Value>(&body).unwrap()["text"], "hi");
}

#[tokio::test]
async fn the_signing_secret_is_not_shown() {
    let momento = Server::start().await;
    register(&momento, ("topic", "room"), "http://127.0.0.1:9/").await;
    let webhooks = momento.local("/webhooks").await;
    assert_eq!(webhooks["webhooks"], json!([{ "cache": "chat", "topic": "room", "url": "http://127.0.0.1:9/" }]));
}
