//! Momento's disposable tokens, from its token service: one call of gRPC.

use std::time::Duration;

use aws_config::SdkConfig;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use http::uri::PathAndQuery;
use serde::Deserialize;
use tonic::client::Grpc;
use tonic::metadata::MetadataValue;
use tonic::transport::{ClientTlsConfig, Endpoint};
use tonic_prost::ProstCodec;

use crate::access::{Grant, Token, TokenError, TokenSource};
use crate::momento_protocol::{GenerateDisposableTokenRequest, GenerateDisposableTokenResponse};

const GENERATE: &str = "/token.Token/GenerateDisposableToken";
/// The longest wait for Momento, in a function that has 10 s.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Asks Momento for tokens with an API key that is in Secrets Manager.
#[derive(Debug)]
pub struct MomentoTokens {
    secrets: aws_sdk_secretsmanager::Client,
    secret_id: String,
    endpoint: Endpoint,
}

impl MomentoTokens {
    /// The secret's string is the API key. It is read for each token, so a rotated key is used at once.
    ///
    /// # Errors
    /// If `url`, where the token service is, is not a valid URL.
    pub fn new(config: &SdkConfig, secret_id: String, url: String) -> Result<Self, tonic::transport::Error> {
        let endpoint = Endpoint::from_shared(url)?.timeout(TIMEOUT).connect_timeout(TIMEOUT);
        // For an URL that begins with `http:`, there is no TLS whatever is said here.
        let endpoint = endpoint.tls_config(ClientTlsConfig::new().with_native_roots())?;
        Ok(Self { secrets: aws_sdk_secretsmanager::Client::new(config), secret_id, endpoint })
    }

    async fn api_key(&self) -> Result<String, TokenError> {
        let read = self.secrets.get_secret_value().secret_id(&self.secret_id).send().await;
        let secret = read.map_err(|error| TokenError::NoApiKey(error.into_service_error().to_string()))?;
        let key = secret.secret_string().ok_or_else(|| TokenError::NoApiKey("the secret is binary".to_owned()))?;
        Ok(unwrapped(key))
    }
}

impl TokenSource for MomentoTokens {
    async fn token(&self, id: &str, grant: &Grant) -> Result<Token, TokenError> {
        let api_key = self.api_key().await?;
        let refused = |error: &dyn std::error::Error| TokenError::Refused(error.to_string());
        let authorization = MetadataValue::try_from(&api_key)
            .map_err(|_| TokenError::NoApiKey("it has characters that no key has".to_owned()))?;
        let mut request = tonic::Request::new(GenerateDisposableTokenRequest::new(api_key, id, grant));
        request.metadata_mut().insert("authorization", authorization);

        let mut service = Grpc::new(self.endpoint.connect().await.map_err(|error| refused(&error))?);
        service.ready().await.map_err(|error| refused(&error))?;
        let codec = ProstCodec::<_, GenerateDisposableTokenResponse>::default();
        let answer = service
            .unary(request, PathAndQuery::from_static(GENERATE), codec)
            .await
            .map_err(|status| refused(&status))?
            .into_inner();
        Ok(Token { token: answer.api_key, expires_at: answer.valid_until })
    }
}

/// Keys of the older kind come wrapped up with the endpoint, as base64 of JSON. The services take what is inside.
fn unwrapped(key: &str) -> String {
    #[derive(Deserialize)]
    struct Wrapped {
        api_key: String,
    }
    let wrapped = URL_SAFE.decode(key).ok().and_then(|json| serde_json::from_slice::<Wrapped>(&json).ok());
    wrapped.map_or_else(|| key.to_owned(), |wrapped| wrapped.api_key)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE;

    use super::unwrapped;

    #[test]
    fn an_older_key_is_unwrapped_and_a_newer_one_taken_as_it_is() {
        let older = URL_SAFE.encode(r#"{"endpoint":"cell-us-east-1-1.prod.a.momentohq.com","api_key":"abc"}"#);
        assert_eq!(unwrapped(&older), "abc");
        assert_eq!(unwrapped("eyJhbGciOiJIUzUxMiJ9.eyJ0IjoiZyJ9.c2ln"), "eyJhbGciOiJIUzUxMiJ9.eyJ0IjoiZyJ9.c2ln");
    }
}
