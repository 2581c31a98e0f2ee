//! Momento's cache, read over its HTTP API by the HTTP stack of the AWS SDK.

use std::fmt::Write as _;
use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::{HttpConnector as _, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;

use crate::api_key::ApiKey;
use crate::history::Cache;

const TIMEOUT: Duration = Duration::from_secs(2);

/// The caches behind an endpoint, such as `https://api.cache.cell-us-east-1-1.prod.a.momentohq.com`.
#[derive(Debug)]
pub struct MomentoCache {
    connector: Connector,
    endpoint: String,
    api_key: ApiKey,
}

impl MomentoCache {
    /// Reads with this API key.
    #[must_use]
    pub fn new(endpoint: String, api_key: ApiKey) -> Self {
        let settings = HttpConnectorSettings::builder().connect_timeout(TIMEOUT).read_timeout(TIMEOUT).build();
        let connector =
            Connector::builder().connector_settings(settings).tls_provider(Provider::Rustls(CryptoMode::Ring)).build();
        Self { connector, endpoint, api_key }
    }
}

impl Cache for MomentoCache {
    async fn get(&self, cache: &str, key: &str) -> Result<Option<String>, String> {
        let mut request = HttpRequest::new(SdkBody::empty());
        let uri = format!("{}/cache/{}?key={}", self.endpoint, encoded(cache), encoded(key));
        request.set_uri(uri).map_err(|_| "the URL is invalid")?;
        request.headers_mut().insert("authorization", self.api_key.get().await.map_err(|error| error.to_string())?);
        let answer = self.connector.call(request).await.map_err(|_| "Momento did not answer")?;
        match answer.status().as_u16() {
            200 => {
                let value = ByteStream::new(answer.into_body()).collect().await;
                let value = value.map_err(|_| "the answer broke off")?.to_vec();
                Ok(Some(String::from_utf8(value).map_err(|_| "the item is not a text")?))
            }
            404 => Ok(None),
            status => {
                if status == 401 {
                    self.api_key.forget().await;
                }
                Err(format!("Momento answered {status}"))
            }
        }
    }
}

/// A text as a part of a URL.
fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(byte.into());
        } else {
            // A string takes all that is written to it.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::encoded;

    #[test]
    fn a_name_cannot_change_the_url() {
        assert_eq!(encoded("friends-subscribe-english"), "friends-subscribe-english");
        assert_eq!(encoded("a/b?c=d&é %"), "a%2Fb%3Fc%3Dd%26%C3%A9%20%25");
    }
}
