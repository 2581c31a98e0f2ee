//! The AWS services behind the traits of this crate.

pub mod bounded;
mod command_entry;
mod connection;
mod dynamo_db;
mod error;
mod event_bridge;
mod secrets_manager;
mod sqs;

use bounded::BoundedAnswers;

pub use connection::ApiKeyConnection;
pub use dynamo_db::DynamoDb;
pub use event_bridge::EventBridge;
pub use secrets_manager::SecretsManager;
pub use sqs::Sqs;

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;

/// The configuration that all clients share: region, role and endpoint from the environment, one pool of connections.
/// No retries of the SDK's own: who calls has a deadline, which only he knows, and reads errors that the SDK does not
/// see, inside an answer of status 200.
pub async fn shared_config() -> SdkConfig {
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(BoundedAnswers(Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https()))
        .retry_config(RetryConfig::disabled())
        .timeout_config(TimeoutConfig::builder().connect_timeout(Duration::from_secs(1)).build())
        .load()
        .await
}
