//! The least that a handler on the AWS SDK does, for the benchmark to compare with: it takes an invocation and puts its body on the
//! bus. It checks nothing, reads no secret, logs nothing and counts nothing. The SDK is configured as in the handlers, without its
//! own retries and stream protection.

use std::env;

use aws_sdk_eventbridge::config::retry::RetryConfig;
use aws_sdk_eventbridge::config::{
    BehaviorVersion, Config, Credentials, Region, SharedCredentialsProvider, StalledStreamProtectionConfig,
};
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde::{Deserialize, Serialize};
use tokio::task::spawn_local;

#[derive(Deserialize)]
struct Request {
    body: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    status_code: u16,
}

// In a task, which saves a few system calls an event, as in the handlers.
#[tokio::main(flavor = "local")]
async fn main() -> Result<(), Error> {
    spawn_local(serve()).await?
}

async fn serve() -> Result<(), Error> {
    let credentials = Credentials::new(
        env::var("AWS_ACCESS_KEY_ID")?,
        env::var("AWS_SECRET_ACCESS_KEY")?,
        env::var("AWS_SESSION_TOKEN").ok(),
        None,
        "Environment",
    );
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https())
        .region(Region::new(env::var("AWS_REGION")?))
        .endpoint_url(env::var("AWS_ENDPOINT_URL_EVENTBRIDGE")?)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(RetryConfig::disabled())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .build();
    let client = aws_sdk_eventbridge::Client::from_conf(config);
    let (bus, detail_type) = (env::var("EVENT_BUS_NAME")?, env::var("DETAIL_TYPE")?);
    run(service_fn(async |request: LambdaEvent<Request>| -> Result<Answer, Error> {
        let entry = PutEventsRequestEntry::builder()
            .event_bus_name(&bus)
            .source("Momento")
            .detail_type(&detail_type)
            .detail(request.payload.body)
            .build();
        let output = client.put_events().entries(entry).send().await?;
        Ok(Answer { status_code: if output.failed_entry_count() == 0 { 200 } else { 503 } })
    }))
    .await
}
