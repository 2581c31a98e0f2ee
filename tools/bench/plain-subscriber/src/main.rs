//! The subscriber that one writes first, for the benchmark to compare with: Momento's own SDK and the AWS SDK as their guides
//! introduce them. It puts the messages of a topic on the bus, one after the other. It has no lease, no checkpoint, no fallback
//! queue and no metrics, and it is not told of messages that it missed.

use std::env;

use aws_config::BehaviorVersion;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use futures_util::StreamExt as _;
use lambda_runtime::{Error, LambdaEvent, run, service_fn, tracing};
use momento::topics::{SubscribeRequest, ValueKind, configurations};
use momento::{CredentialProvider, TopicClient};
use serde::Deserialize;
use serde_json::json;

/// Where a subscription begins: with what Momento still has.
const AVAILABLE: u64 = 1;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SecretDocument {
    momento_secret: String,
}

#[derive(Deserialize)]
struct Input {
    topics: Vec<Topic>,
}

#[derive(Deserialize)]
struct Topic {
    cache: String,
    topic: String,
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let config = aws_config::load_defaults(BehaviorVersion::latest()).await;
    let document = aws_sdk_secretsmanager::Client::new(&config)
        .get_secret_value()
        .secret_id(env::var("MOMENTO_API_KEY_SECRET_ID")?)
        .send()
        .await?;
    let secret: SecretDocument = serde_json::from_str(document.secret_string().ok_or("the secret is binary")?)?;
    // The SDK takes a key only with the host that it is for, and then another address instead.
    let key = URL_SAFE.encode(json!({ "api_key": secret.momento_secret, "endpoint": "local" }).to_string());
    let credentials =
        CredentialProvider::from_disposable_token(key)?.insecure_endpoint_override(&env::var("MOMENTO_ENDPOINT")?);
    let topics = TopicClient::builder()
        .configuration(configurations::InRegion::latest())
        .credential_provider(credentials)
        .build()?;
    let (events, bus) = (aws_sdk_eventbridge::Client::new(&config), env::var("EVENT_BUS_NAME")?);
    run(service_fn(async |input: LambdaEvent<Input>| {
        for topic in input.payload.topics {
            subscribe(&topics, &topic, &events, &bus).await?;
        }
        Ok::<_, Error>(())
    }))
    .await
}

async fn subscribe(
    topics: &TopicClient,
    Topic { cache, topic }: &Topic,
    events: &aws_sdk_eventbridge::Client,
    bus: &str,
) -> Result<(), Error> {
    let request = SubscribeRequest::new(cache, topic, Some(AVAILABLE), None);
    let mut subscription = topics.send_request(request).await?;
    while let Some(message) = subscription.next().await {
        let ValueKind::Text(text) = message.kind else { continue };
        let detail = json!({
            "cache": cache,
            "topic": topic,
            "topic_sequence_number": message.topic_sequence_number,
            "text": text,
        });
        let entry = PutEventsRequestEntry::builder()
            .event_bus_name(bus)
            .source("Momento")
            .detail_type(format!("{cache}#{topic}"))
            .detail(detail.to_string())
            .build();
        let output = events.put_events().entries(entry).send().await?;
        if output.failed_entry_count() > 0 {
            tracing::error!(number = message.topic_sequence_number, "not published");
        }
    }
    Ok(())
}
