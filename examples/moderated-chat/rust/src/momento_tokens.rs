//! Momento's disposable tokens, from its token service: one call of gRPC.

use std::time::Duration;

use http::uri::PathAndQuery;
use tonic::Code;
use tonic::client::Grpc;
use tonic::metadata::MetadataValue;
use tonic::transport::{ClientTlsConfig, Endpoint};
use tonic_prost::ProstCodec;

use crate::access::{Grant, Token, TokenError, TokenSource};
use crate::api_key::ApiKey;
use crate::momento_protocol::{GenerateDisposableTokenRequest, GenerateDisposableTokenResponse};

const GENERATE: &str = "/token.Token/GenerateDisposableToken";
/// The longest wait for Momento, in a function that has 10 s.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Asks Momento for tokens.
#[derive(Debug)]
pub struct MomentoTokens {
    api_key: ApiKey,
    endpoint: Endpoint,
}

impl MomentoTokens {
    /// Asks the token service at this URL.
    ///
    /// # Errors
    /// If `url` is not a valid URL.
    pub fn new(api_key: ApiKey, url: String) -> Result<Self, tonic::transport::Error> {
        let endpoint = Endpoint::from_shared(url)?.timeout(TIMEOUT).connect_timeout(TIMEOUT);
        // For an URL that begins with `http:`, there is no TLS whatever is said here.
        let endpoint = endpoint.tls_config(ClientTlsConfig::new().with_native_roots())?;
        Ok(Self { api_key, endpoint })
    }
}

impl TokenSource for MomentoTokens {
    async fn token(&self, id: &str, grant: &Grant) -> Result<Token, TokenError> {
        let api_key = self.api_key.get().await?;
        let refused = |error: &dyn std::error::Error| TokenError::Refused(error.to_string());
        let authorization = MetadataValue::try_from(&api_key).map_err(|_| TokenError::InvalidApiKey)?;
        let mut request = tonic::Request::new(GenerateDisposableTokenRequest::new(api_key, id, grant));
        request.metadata_mut().insert("authorization", authorization);

        let mut service = Grpc::new(self.endpoint.connect().await.map_err(|error| refused(&error))?);
        service.ready().await.map_err(|error| refused(&error))?;
        let codec = ProstCodec::<_, GenerateDisposableTokenResponse>::default();
        let answer = match service.unary(request, PathAndQuery::from_static(GENERATE), codec).await {
            Ok(answer) => answer.into_inner(),
            Err(status) => {
                if status.code() == Code::Unauthenticated {
                    self.api_key.forget().await;
                }
                return Err(refused(&status));
            }
        };
        Ok(Token { token: answer.api_key, expires_at: answer.valid_until })
    }
}
