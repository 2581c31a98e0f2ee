//! A Momento webhook of your own: a Lambda function that processes each message before it answers. Here it saves the
//! message in a table.

mod authenticate;
mod without_uri;

use std::env;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_config::BehaviorVersion;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use lambda_http::http::StatusCode;
use lambda_http::tower::ServiceExt;
use lambda_http::{Adapter, Error, Request, Response, lambda_runtime, service_fn};
use momento_signature::{SIGNATURE_HEADER, SigningSecret};
use serde_json::json;

use crate::authenticate::{TopicMessage, authenticate};
use crate::without_uri::without_uri;

struct Webhook {
    secret: SigningSecret,
    dynamodb: aws_sdk_dynamodb::Client,
    table: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let https = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    // Momento waits 5 s for the answer.
    let timeouts = TimeoutConfig::builder().operation_timeout(Duration::from_secs(3)).build();
    let defaults = aws_config::defaults(BehaviorVersion::latest());
    let config = defaults.http_client(https).timeout_config(timeouts).load().await;
    let secrets = aws_sdk_secretsmanager::Client::new(&config);
    let secret = secrets.get_secret_value().secret_id(env::var("SIGNING_SECRET_ID")?).send().await;
    let secret = secret.map_err(aws_sdk_secretsmanager::Error::from)?;
    let webhook = Webhook {
        secret: secret.secret_string().and_then(SigningSecret::new).ok_or("the signing secret is empty")?,
        dynamodb: aws_sdk_dynamodb::Client::new(&config),
        table: env::var("TABLE_NAME")?,
    };
    let service = service_fn(|request: Request| webhook.answer(request));
    lambda_runtime::run(Adapter::from(service).map_request(without_uri)).await
}

impl Webhook {
    async fn answer(&self, request: Request) -> Result<Response<String>, Error> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
        let signature = request.headers().get(SIGNATURE_HEADER).and_then(|value| value.to_str().ok());
        let (status, message) = match authenticate(&self.secret, signature, request.body(), now) {
            Ok(message) => self.process(message).await,
            Err(rejection) => {
                println!("rejected: {rejection:?}");
                rejection.answer()
            }
        };
        let answer = Response::builder().status(status).header("content-type", "application/json");
        Ok(answer.body(json!({ "message": message }).to_string())?)
    }

    /// Your own processing goes here. It is idempotent: a replayed request writes the same item again.
    async fn process(&self, message: TopicMessage) -> (StatusCode, &'static str) {
        let TopicMessage { cache, topic, publish_timestamp, topic_sequence_number, text } = message;
        let item = self.dynamodb.put_item().table_name(&self.table);
        let item = item.item("Topic", AttributeValue::S(format!("{cache}#{topic}")));
        let item = item.item("Message", AttributeValue::S(format!("{publish_timestamp}-{topic_sequence_number}")));
        match item.item("Text", AttributeValue::S(text)).send().await {
            Ok(_) => (StatusCode::OK, "Success"),
            Err(error) => {
                println!("not saved: {}", error.code().unwrap_or("no answer"));
                (StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable")
            }
        }
    }
}
