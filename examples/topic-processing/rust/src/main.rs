//! A Lambda function that takes each message of one topic from the event bus, processes it, and puts the commands on the
//! bus that have the results published to other topics of the same cache.

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

use crate::processing::{Outbound, process};

/// The part of the event that is the message as Momento sent it.
#[derive(Deserialize)]
struct BusEvent {
    detail: TopicMessage,
}

#[derive(Deserialize)]
struct TopicMessage {
    cache: String,
    topic: String,
    text: String,
}

/// The most entries that one call of `PutEvents` may have.
const MOST_ENTRIES: usize = 10;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let bus = env::var("EVENT_BUS_NAME")?;
    let https = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let config = aws_config::defaults(BehaviorVersion::latest()).http_client(https).load().await;
    let events = Client::new(&config);
    lambda_runtime::run(service_fn(async |event: LambdaEvent<BusEvent>| {
        let message = event.payload.detail;
        publish(&events, &bus, &message, process(&message.text)).await
    }))
    .await
}

/// Puts a command `topicPublish` on the bus for each outbound message. An error makes Lambda try the event again.
async fn publish(events: &Client, bus: &str, message: &TopicMessage, outbound: Vec<Outbound>) -> Result<(), Error> {
    let TopicMessage { cache, topic, .. } = message;
    if outbound.iter().any(|outbound| outbound.topic == topic) {
        return Err(format!("{topic} is the topic that the message came from: it would be processed forever").into());
    }
    for batch in outbound.chunks(MOST_ENTRIES) {
        let entries = batch.iter().map(|Outbound { topic, text }| {
            let command = json!({ "cacheName": cache, "topicName": topic, "message": text });
            let entry = PutEventsRequestEntry::builder().event_bus_name(bus).source("topic-processing");
            entry.detail_type("topicPublish").detail(command.to_string()).build()
        });
        let call = events.put_events().set_entries(Some(entries.collect()));
        let answer = call.send().await.map_err(aws_sdk_eventbridge::Error::from)?;
        // EventBridge answers 200 also when it has not taken an entry.
        if let Some(code) = answer.entries().iter().find_map(|entry| entry.error_code()) {
            return Err(format!("EventBridge did not take a command: {code}").into());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use aws_config::BehaviorVersion;
    use aws_sdk_eventbridge::config::{Credentials, Region};
    use aws_sdk_eventbridge::{Client, Config};
    use aws_smithy_http_client::test_util::{ReplayEvent, StaticReplayClient};
    use aws_smithy_types::body::SdkBody;
    use serde_json::{Value, json};

    use super::{Outbound, TopicMessage, publish};

    /// A client that gets these answers, one for each request, and what records the requests.
    fn answered(contents: &[Value]) -> (Client, StaticReplayClient) {
        let answers = contents.iter().map(|content| {
            let answer = http::Response::new(SdkBody::from(content.to_string()));
            ReplayEvent::new(http::Request::new(SdkBody::empty()), answer)
        });
        let http = StaticReplayClient::new(answers.collect());
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("us-east-1"))
            .credentials_provider(Credentials::for_tests())
            .http_client(http.clone());
        (Client::from_conf(config.build()), http)
    }

    fn message() -> TopicMessage {
        TopicMessage { cache: "orders".to_owned(), topic: "topic1".to_owned(), text: "hi".to_owned() }
    }

    fn outbound(topic: &'static str, text: &str) -> Outbound {
        Outbound { topic, text: text.to_owned() }
    }

    /// The entries of each request.
    fn entries(http: &StaticReplayClient) -> Vec<Vec<Value>> {
        let bodies = http.actual_requests().map(|request| request.body().bytes().unwrap());
        bodies
            .map(|body| serde_json::from_slice::<Value>(body).unwrap()["Entries"].as_array().unwrap().clone())
            .collect()
    }

    #[tokio::test]
    async fn each_command_names_cache_topic_and_message() {
        let (events, http) = answered(&[json!({ "FailedEntryCount": 0, "Entries": [{ "EventId": "1" }] })]);
        let both = vec![outbound("topic2", "HI \"YOU\""), outbound("topic3", "2 words")];
        publish(&events, "default", &message(), both).await.unwrap();
        let entries = entries(&http).concat();
        assert_eq!(entries.len(), 2);
        for (entry, (topic, text)) in entries.iter().zip([("topic2", "HI \"YOU\""), ("topic3", "2 words")]) {
            assert_eq!((&entry["EventBusName"], &entry["DetailType"]), (&json!("default"), &json!("topicPublish")));
            let command: Value = serde_json::from_str(entry["Detail"].as_str().unwrap()).unwrap();
            assert_eq!(command, json!({ "cacheName": "orders", "topicName": topic, "message": text }));
        }
    }

    #[tokio::test]
    async fn any_number_of_messages_can_be_published_for_one() {
        let taken = json!({ "FailedEntryCount": 0, "Entries": [] });
        let (events, http) = answered(&[taken.clone(), taken]);
        publish(&events, "default", &message(), vec![]).await.unwrap();
        assert!(entries(&http).is_empty());
        let many = (0..11).map(|number| outbound("topic2", &number.to_string())).collect();
        publish(&events, "default", &message(), many).await.unwrap();
        assert_eq!(entries(&http).iter().map(Vec::len).collect::<Vec<_>>(), [10, 1]);
    }

    #[tokio::test]
    async fn a_command_that_the_bus_did_not_take_is_an_error() {
        let entries = json!([{ "EventId": "1" }, { "ErrorCode": "ThrottlingException" }]);
        let (events, _) = answered(&[json!({ "FailedEntryCount": 1, "Entries": entries })]);
        let both = vec![outbound("topic2", "HI"), outbound("topic3", "1 words")];
        let error = publish(&events, "default", &message(), both).await.unwrap_err();
        assert_eq!(error.to_string(), "EventBridge did not take a command: ThrottlingException");
    }

    #[tokio::test]
    async fn nothing_is_published_to_the_topic_that_the_message_came_from() {
        let (events, http) = answered(&[]);
        let both = vec![outbound("topic2", "HI"), outbound("topic1", "HI")];
        let error = publish(&events, "default", &message(), both).await.unwrap_err();
        assert_eq!(error.to_string(), "topic1 is the topic that the message came from: it would be processed forever",);
        assert!(entries(&http).is_empty());
    }
}
