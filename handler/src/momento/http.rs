//! Momento's HTTP API over connections that stay open, by the same HTTP and TLS stack as the AWS SDK.

use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::{HttpConnector as _, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use http_body_util::BodyExt as _;

use crate::command::{Command, Key, Message};
use crate::momento::api::{CallError, MomentoApi, Refusal, RetryAfter};
use crate::momento::api_key::ApiKey;
use crate::momento::call::MomentoCall;

/// The longest wait for a connection. What it is needed for has 5 s in all.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// How long a connection is kept without a call: less than servers commonly do, so that it is seldom one that Momento has
/// closed meanwhile.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// How much of an answer that is no success is read, in bytes.
const MAX_ANSWER_BYTES: usize = 4 * 1024;
/// How much of what Momento says about a refusal is kept, in characters.
const MAX_REASON_CHARS: usize = 256;
/// A shorter key or message is not looked for in what Momento says: it would be found in every other word.
const MIN_CONFIDENTIAL_BYTES: usize = 4;

/// Momento's HTTP API.
#[derive(Debug)]
pub struct MomentoHttp {
    connector: Connector,
    endpoint: String,
}

impl MomentoHttp {
    /// The API at this endpoint, such as `https://api.cache.cell-us-east-1-1.prod.a.momentohq.com`.
    #[must_use]
    pub fn new(endpoint: &str) -> Self {
        let connector = Connector::builder()
            .connector_settings(HttpConnectorSettings::builder().connect_timeout(CONNECT_TIMEOUT).build())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build();
        Self { connector, endpoint: endpoint.trim_end_matches('/').to_owned() }
    }

    fn request(&self, call: MomentoCall, key: &ApiKey) -> Result<HttpRequest, CallError> {
        let mut request = HttpRequest::new(SdkBody::from(call.body));
        request.set_method(call.method).map_err(|_| CallError::TooLong)?;
        request.set_uri(format!("{}{}", self.endpoint, call.path_and_query)).map_err(|_| CallError::TooLong)?;
        // The raw key: Momento has no scheme such as Bearer.
        request.headers_mut().insert("authorization", key.expose().to_owned());
        if let Some(content_type) = call.content_type {
            request.headers_mut().insert("content-type", content_type);
        }
        Ok(request)
    }
}

impl MomentoApi for MomentoHttp {
    async fn send(&self, command: &Command, key: &ApiKey) -> Result<(), CallError> {
        let request = self.request(MomentoCall::from(command), key)?;
        let answer = self
            .connector
            .call(request)
            .await
            .map_err(|error| if error.is_timeout() { CallError::TimedOut } else { CallError::ConnectionFailed })?;
        if answer.status().is_success() {
            return Ok(());
        }
        let status = answer.status().as_u16();
        let retry_after = answer.headers().get("retry-after").and_then(RetryAfter::parse);
        let reason = without_confidences(&text(answer).await, command, key);
        Err(CallError::Answered(Refusal { status, reason, retry_after }))
    }
}

/// The first of an answer's body. To its end, where that is near: only then is the connection used again.
async fn text(answer: HttpResponse) -> String {
    let mut body = answer.into_body();
    let mut bytes = Vec::new();
    while bytes.len() <= MAX_ANSWER_BYTES
        && let Some(Ok(frame)) = body.frame().await
    {
        if let Some(data) = frame.data_ref() {
            bytes.extend_from_slice(data);
        }
    }
    bytes.truncate(MAX_ANSWER_BYTES);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What Momento says, in case it repeats what it was sent, without that; on one line and cut short.
fn without_confidences(text: &str, command: &Command, key: &ApiKey) -> String {
    let (item_key, message) = match command {
        Command::CacheSet { key, message, .. } => (Some(key), Some(message)),
        Command::CacheDelete { key, .. } => (Some(key), None),
        Command::TopicPublish { message, .. } => (None, Some(message)),
    };
    let mut confidences = vec![key.expose()];
    if let Some(Key::Text(key)) = item_key {
        confidences.push(key.get());
    }
    if let Some(Message::Text(message)) = message {
        confidences.push(message);
    }
    let mut text = text.to_owned();
    for confidence in confidences.into_iter().filter(|confidence| confidence.len() >= MIN_CONFIDENTIAL_BYTES) {
        text = text.replace(confidence, "…");
    }
    let printable = |char: char| if char.is_control() || matches!(char, '\u{fffe}' | '\u{ffff}') { ' ' } else { char };
    text.trim().chars().map(printable).take(MAX_REASON_CHARS).collect()
}
