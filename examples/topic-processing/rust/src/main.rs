//! A Lambda function that takes each message of one topic from the event bus, processes it, and puts the command on the
//! bus that has it published to another topic of the same cache.

mod processing;

use std::env;

use aws_config::BehaviorVersion;
use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::Deserialize;
use serde_json::json;

use crate::processing::process;

/// The part of the event that is the message as Momento sent it.
#[derive(Deserialize)]
struct BusEvent {
    detail: TopicMessage,
}

#[derive(Deserialize)]
struct TopicMessage {
    cache: String,
    text: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let bus = env::var("EVENT_BUS_NAME")?;
    let output_topic = env::var("OUTPUT_TOPIC")?;
    let https = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let config = aws_config::defaults(BehaviorVersion::latest()).http_client(https).load().await;
    let events = Client::new(&config);
    lambda_runtime::run(service_fn(async |event: LambdaEvent<BusEvent>| {
        let TopicMessage { cache, text } = event.payload.detail;
        publish(&events, &bus, &cache, &output_topic, &process(&text)).await
    }))
    .await
}

/// Puts the command `topicPublish` on the bus. An error makes Lambda try the event again.
async fn publish(events: &Client, bus: &str, cache: &str, topic: &str, message: &str) -> Result<(), Error> {
    let command = json!({ "cacheName": cache, "topicName": topic, "message": message });
    let entry = PutEventsRequestEntry::builder()
        .event_bus_name(bus)
        .source("topic-processing")
        .detail_type("topicPublish")
        .detail(command.to_string());
    let answer = events.put_events().entries(entry.build()).send().await.map_err(aws_sdk_eventbridge::Error::from)?;
    // EventBridge answers 200 also when it has not taken an entry.
    match answer.entries().first().and_then(|entry| entry.error_code()) {
        Some(code) => Err(format!("EventBridge did not take the command: {code}").into()),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use aws_config::BehaviorVersion;
    use aws_sdk_eventbridge::config::{Credentials, Region};
    use aws_sdk_eventbridge::{Client, Config};
    use aws_smithy_http_client::test_util::{ReplayEvent, StaticReplayClient};
    use aws_smithy_types::body::SdkBody;
    use serde_json::{Value, json};

    use super::publish;

    /// A client that gets this answer, and what records its request.
    fn answered(content: &Value) -> (Client, StaticReplayClient) {
        let answer = http::Response::new(SdkBody::from(content.to_string()));
        let http = StaticReplayClient::new(vec![ReplayEvent::new(http::Request::new(SdkBody::empty()), answer)]);
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("us-east-1"))
            .credentials_provider(Credentials::for_tests())
            .http_client(http.clone());
        (Client::from_conf(config.build()), http)
    }

    #[tokio::test]
    async fn the_command_names_cache_topic_and_message() {
        let (events, http) = answered(&json!({ "FailedEntryCount": 0, "Entries": [{ "EventId": "1" }] }));
        publish(&events, "default", "orders", "topic2", "HI \"YOU\"").await.unwrap();
        let request = http.actual_requests().next().unwrap().body().bytes().unwrap();
        let entry = &serde_json::from_slice::<Value>(request).unwrap()["Entries"][0];
        assert_eq!((&entry["EventBusName"], &entry["DetailType"]), (&json!("default"), &json!("topicPublish")));
        let command: Value = serde_json::from_str(entry["Detail"].as_str().unwrap()).unwrap();
        assert_eq!(command, json!({ "cacheName": "orders", "topicName": "topic2", "message": "HI \"YOU\"" }));
    }

    #[tokio::test]
    async fn a_command_that_the_bus_did_not_take_is_an_error() {
        let failed = json!({ "FailedEntryCount": 1, "Entries": [{ "ErrorCode": "ThrottlingException" }] });
        let error = publish(&answered(&failed).0, "default", "orders", "topic2", "HI").await.unwrap_err();
        assert_eq!(error.to_string(), "EventBridge did not take the command: ThrottlingException");
    }
}
