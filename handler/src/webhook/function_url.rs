//! What a Lambda Function URL hands to the handler, and what it takes back: payload format 2.0.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::clock::UnixMillis;

/// The parts of a Function URL's event that a webhook needs. Every part may be absent: a stranger's request must not
/// make the handler fail.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FunctionUrlEvent {
    #[serde(deserialize_with = "or_default")]
    headers: Headers,
    body: Option<String>,
    #[serde(deserialize_with = "or_default")]
    is_base64_encoded: bool,
    #[serde(deserialize_with = "or_default")]
    request_context: RequestContext,
}

/// Of a dozen headers, the one that is read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Headers {
    #[serde(rename = "momento-signature")]
    signature: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct RequestContext {
    http: Option<Http>,
    time_epoch: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Http {
    method: String,
}

/// `null` as the default: an event of another service may have it where a Function URL has an object.
fn or_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

impl FunctionUrlEvent {
    /// The HTTP method, in capitals; `None` in an event of another kind, such as that of a REST API or a load balancer.
    #[must_use]
    pub fn method(&self) -> Option<&str> {
        self.request_context.http.as_ref().map(|http| http.method.as_str())
    }

    /// The `momento-signature` header. A Function URL writes names in lower case, and joins repeated headers with commas.
    #[must_use]
    pub fn signature(&self) -> Option<&str> {
        self.headers.signature.as_deref()
    }

    /// When the request reached AWS: before this environment was started for it, if it had to be.
    #[must_use]
    pub fn received_at(&self) -> Option<UnixMillis> {
        self.request_context.time_epoch.map(UnixMillis)
    }

    /// The bytes that were sent, or `None` if what Lambda calls base64 is not.
    #[must_use]
    pub fn into_body(self) -> Option<Vec<u8>> {
        let body = self.body.unwrap_or_default();
        if self.is_base64_encoded { STANDARD.decode(body).ok() } else { Some(body.into_bytes()) }
    }
}

/// The answer to a request: a status and a JSON document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    status_code: u16,
    headers: AnswerHeaders,
    #[serde(serialize_with = "as_json_text")]
    body: AnswerBody,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct AnswerHeaders {
    #[serde(rename = "content-type")]
    content_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    allow: Option<&'static str>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct AnswerBody {
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    event_id: Option<String>,
}

impl Answer {
    /// An answer that says this.
    #[must_use]
    pub fn new(status_code: u16, message: impl Into<String>) -> Self {
        Self {
            status_code,
            headers: AnswerHeaders { content_type: "application/json", allow: None },
            body: AnswerBody { message: message.into(), event_id: None },
        }
    }

    /// The same, naming the event that the request became.
    #[must_use]
    pub fn with_event_id(mut self, event_id: impl Into<String>) -> Self {
        self.body.event_id = Some(event_id.into());
        self
    }

    /// The same, naming the methods that would be taken.
    #[must_use]
    pub fn with_allow(mut self, methods: &'static str) -> Self {
        self.headers.allow = Some(methods);
        self
    }

    /// The HTTP status code.
    #[must_use]
    pub fn status_code(&self) -> u16 {
        self.status_code
    }
}

fn as_json_text<S: Serializer>(body: &AnswerBody, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&serde_json::to_string(body).map_err(serde::ser::Error::custom)?)
}
