//! Momento's HTTP API, over HTTP/1.1.

use std::sync::Arc;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::HttpConnector as _;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use http_body_util::BodyExt as _;
use rustls::RootCertStore;
use tokio::sync::{Mutex, Semaphore};
use tokio::time::timeout;

use super::api::{CallError, ErrorResponse, MomentoApi, RetryAfter};
use super::api_key::ApiKey;
use super::call::MomentoCall;
use crate::command::Command;
use crate::https::{HttpsClient, Limits};

/// What a connection is needed for has 5 s in all. It is kept for less than servers commonly do, so that it is seldom one that Momento
/// has closed meanwhile.
const LIMITS: Limits = Limits { connect: Duration::from_secs(2), idle: Duration::from_secs(30) };
/// The longest wait of the call that is first in line for those before it, while connections are still to be made.
///
/// The first call goes alone, the next two together, then four, and so on: each answered call lets two begin. A connection can
/// resume the TLS session of one before it, and servers commonly hand out two tickets for that with a connection. Ten connections
/// at once, as for a first batch, would be ten full handshakes of 2.5 M instructions each: at a fourteenth of a core, that takes
/// longer than three round trips.
///
/// Each wait lets one call begin, not all of them: where an answer takes longer than this, the machine may be the reason, and ten
/// handshakes at once the last thing that it needs. Ten calls that Momento does not answer have all begun after 0.9 s.
const LONGEST_TURN: Duration = Duration::from_millis(100);
/// How much of an answer's body is read, in bytes. A body that is read to its end frees the connection for the next call.
const MAX_ANSWER_BYTES: usize = 4 * 1024;
/// The longest wait for that much of an answer's body.
const DISCARD_TIMEOUT: Duration = Duration::from_millis(250);
/// What Momento answers to a command that it has done (`HTTP API` in its documentation). Any other success is somebody
/// else's, such as a proxy's page, and says nothing about the command.
const DONE: u16 = 204;

/// Momento's HTTP API.
#[derive(Debug)]
pub struct MomentoHttp {
    client: HttpsClient,
    endpoint: String,
    line: Mutex<()>,
    turns: Semaphore,
}

impl MomentoHttp {
    /// The API at this endpoint, such as `https://api.cache.cell-us-east-1-1.prod.a.momentohq.com`, if its certificate goes back to these
    /// roots.
    #[must_use]
    pub fn new(endpoint: &str, roots: Arc<RootCertStore>) -> Self {
        let client = HttpsClient::new(roots, LIMITS);
        let endpoint = endpoint.trim_end_matches('/').to_owned();
        Self { client, endpoint, line: Mutex::new(()), turns: Semaphore::new(1) }
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
        let turn = {
            let _first_in_line = self.line.lock().await;
            timeout(LONGEST_TURN, self.turns.acquire()).await
        };
        let answer = self
            .client
            .call(request)
            .await
            .map_err(|error| if error.is_timeout() { CallError::TimedOut } else { CallError::ConnectionFailed })?;
        self.turns.add_permits(1);
        drop(turn);
        let status = answer.status().as_u16();
        if status == DONE {
            return Ok(());
        }
        let retry_after = answer.headers().get("retry-after").and_then(RetryAfter::parse);
        // A body that does not end costs the connection, and not the answer.
        let _ = timeout(DISCARD_TIMEOUT, discard(answer)).await;
        Err(CallError::Answered(ErrorResponse { status, retry_after }))
    }
}

/// Reads the first of an answer's body and forgets it: Momento may repeat the message or the API key in it.
async fn discard(answer: HttpResponse) {
    let mut body = answer.into_body();
    let mut bytes = 0;
    while bytes <= MAX_ANSWER_BYTES
        && let Some(Ok(frame)) = body.frame().await
    {
        bytes += frame.into_data().map_or(0, |data| data.len());
    }
}
