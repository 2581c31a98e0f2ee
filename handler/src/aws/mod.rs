//! The AWS services behind the traits of this crate.

mod checkpoints;
mod command_entry;
mod connection;
mod dynamo_db;
mod error;
mod event_bridge;
mod secrets_manager;
mod sqs;
mod user_agent;

pub use checkpoints::Checkpoints;
pub use connection::ApiKeyConnection;
pub use dynamo_db::DynamoDb;
pub use event_bridge::EventBridge;
pub use secrets_manager::SecretsManager;
pub use sqs::Sqs;

use std::env;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::http::{SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_smithy_types::retry::RetryConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};

use crate::https::{HttpsClient, Limits, roots};

/// A second for a connection leaves a caller time for what it does instead, such as the fallback queue. 90 s idle are hyper's default.
const LIMITS: Limits = Limits { connect: Duration::from_secs(1), idle: Duration::from_secs(90) };

/// The configuration that all clients share: region, credentials and endpoints from the environment, one pool of connections.
///
/// No retries of the SDK's own: only the caller knows the deadline, and reads errors that the SDK does not see, inside an answer
/// of status 200. No protection of its own against streams that stall either: it watches every body, and each caller stops
/// waiting by itself.
///
/// One client by HTTPS, made once: each of the SDK's own clients would make another, and parse the root certificates again. The
/// environment, and not the SDK's default chain: Lambda sets nothing elsewhere, and to look through profiles, web identities and
/// metadata services takes 0.3 MB of every zip. Together 3.3 M of 21 M instructions of a start.
#[must_use]
pub fn shared_config() -> SdkConfig {
    config_from(|name| env::var(name).ok())
}

/// The same from other variables. One that is empty counts as absent.
#[must_use]
pub fn config_from(variable: fn(&str) -> Option<String>) -> SdkConfig {
    let variables = Variables(variable);
    let client = SharedHttpConnector::new(HttpsClient::new(roots::trusted(), LIMITS));
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(http_client_fn(move |_, _| client.clone()))
        .retry_config(RetryConfig::disabled())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .service_config(variables);
    config
        .set_region(variables.get("AWS_REGION").map(Region::new))
        .set_credentials_provider(variables.credentials().map(SharedCredentialsProvider::new))
        .set_endpoint_url(variables.get("AWS_ENDPOINT_URL"))
        .set_use_fips(variables.switch("AWS_USE_FIPS_ENDPOINT"))
        .set_use_dual_stack(variables.switch("AWS_USE_DUALSTACK_ENDPOINT"));
    config.build()
}

/// Environment variables by name.
#[derive(Debug, Clone, Copy)]
struct Variables(fn(&str) -> Option<String>);

impl Variables {
    fn get(self, name: &str) -> Option<String> {
        (self.0)(name).filter(|value| !value.is_empty())
    }

    fn switch(self, name: &str) -> Option<bool> {
        Some(self.get(name)?.eq_ignore_ascii_case("true"))
    }

    /// Those of the function's role. They outlive the execution environment.
    fn credentials(self) -> Option<Credentials> {
        let (id, secret) = (self.get("AWS_ACCESS_KEY_ID")?, self.get("AWS_SECRET_ACCESS_KEY")?);
        Some(Credentials::new(id, secret, self.get("AWS_SESSION_TOKEN"), None, "Environment"))
    }
}

impl LoadServiceConfig for Variables {
    /// What is set for one service, such as its endpoint in `AWS_ENDPOINT_URL_EVENTBRIDGE`.
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        let service = key.service_id().replace(' ', "_").to_uppercase();
        self.get(&format!("{}_{service}", key.env()))
    }
}
