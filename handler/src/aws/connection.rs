use aws_sdk_eventbridge::types::{
    ConnectionAuthorizationType, ConnectivityResourceConfigurationArn, ConnectivityResourceParameters,
    DescribeConnectionConnectivityParameters, UpdateConnectionApiKeyAuthRequestParameters,
    UpdateConnectionAuthRequestParameters,
};
use aws_sdk_eventbridge::{Client, config};
use aws_types::SdkConfig;

use super::error::service_error;
use super::user_agent::OwnUserAgent;
use crate::connection::{API_KEY_HEADER, Connection, ConnectionState};
use crate::momento::api_key::ApiKey;
use crate::service_error::ServiceError;

/// A connection of EventBridge's that authorizes by an API key.
#[derive(Debug, Clone)]
pub struct ApiKeyConnection {
    client: Client,
    name: String,
}

impl ApiKeyConnection {
    /// The connection with this name.
    #[must_use]
    pub fn new(config: &SdkConfig, name: String) -> Self {
        Self { client: Client::from_conf(config::Builder::from(config).interceptor(OwnUserAgent).build()), name }
    }
}

impl Connection for ApiKeyConnection {
    async fn describe(&self) -> Result<ConnectionState, ServiceError> {
        let connection = self.client.describe_connection().name(&self.name).send().await;
        let connection = connection.map_err(|error| service_error(&error))?;
        Ok(ConnectionState {
            description: connection.description,
            kms_key: connection.kms_key_identifier.filter(|key| !key.is_empty()),
            private_resource: connection.invocation_connectivity_parameters.and_then(resource_configuration),
        })
    }

    async fn update(&self, key: &ApiKey, state: &ConnectionState) -> Result<(), ServiceError> {
        let api_key = UpdateConnectionApiKeyAuthRequestParameters::builder()
            .api_key_name(API_KEY_HEADER)
            .api_key_value(key.expose())
            .build();
        let private_resource = state.private_resource.as_ref().map(|arn| {
            let resource = ConnectivityResourceConfigurationArn::builder().resource_configuration_arn(arn).build().ok();
            ConnectivityResourceParameters::builder().set_resource_parameters(resource).build()
        });
        let update = self
            .client
            .update_connection()
            .name(&self.name)
            .set_description(state.description.clone())
            .authorization_type(ConnectionAuthorizationType::ApiKey)
            .auth_parameters(UpdateConnectionAuthRequestParameters::builder().api_key_auth_parameters(api_key).build())
            .set_kms_key_identifier(state.kms_key.clone())
            .set_invocation_connectivity_parameters(private_resource);
        match update.send().await {
            Ok(answer) if answer.connection_arn().is_some_and(|arn| !arn.is_empty()) => Ok(()),
            Ok(_) => Err(ServiceError::Unavailable("NoConnectionArn".to_owned())),
            Err(error) => Err(service_error(&error)),
        }
    }
}

fn resource_configuration(connectivity: DescribeConnectionConnectivityParameters) -> Option<String> {
    Some(connectivity.resource_parameters?.resource_configuration_arn)
}
