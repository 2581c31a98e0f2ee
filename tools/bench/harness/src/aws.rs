//! A fake AWS over TLS: as much of its services as the handlers call.

use std::cell::RefCell;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use anyhow::Result;
use bytes::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Request, Response, StatusCode};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use crate::certificates::{Certificates, HOST};
use crate::http::{Server, status};
use crate::message::SIGNING_SECRET;
use crate::table_service::Table;

/// The services, each with the end of the variable that tells an SDK where it is. In AWS each has a host of its own, so
/// each has a connection of its own.
const SERVICES: [&str; 4] = ["SECRETS_MANAGER", BUS, "SQS", "DYNAMODB"];
const BUS: &str = "EVENTBRIDGE";

/// The fake AWS, and what has been sent to it.
pub(crate) struct FakeAws {
    servers: Vec<(&'static str, Server)>,
    trusted: PathBuf,
    services: Arc<Services>,
    put_events: RefCell<UnboundedReceiver<Bytes>>,
}

impl FakeAws {
    /// Starts the services; `trusted` is the file with the roots that make a client trust them.
    pub(crate) async fn start(certificates: &Certificates, trusted: PathBuf) -> Result<Self> {
        let (sender, put_events) = mpsc::unbounded_channel();
        let services = Arc::new(Services { put_events: sender, events: AtomicU64::new(0), table: Table::default() });
        let mut servers = Vec::new();
        for name in SERVICES {
            let services = Arc::clone(&services);
            let answer = move |request| {
                let response = services.answer(&request);
                async { response }
            };
            // Each with its own TLS sessions: in AWS no service resumes those of another.
            servers.push((name, Server::start(Some(certificates.server()?), answer).await?));
        }
        Ok(Self { servers, trusted, services, put_events: RefCell::new(put_events) })
    }

    /// What tells a handler where the services are, and to trust them.
    pub(crate) fn environment(&self) -> Vec<(String, String)> {
        let endpoint = |(name, server): &(&str, Server)| {
            (format!("AWS_ENDPOINT_URL_{name}"), format!("https://{HOST}:{}", server.address().port()))
        };
        let trusted = ("SSL_CERT_FILE".to_owned(), self.trusted.display().to_string());
        self.servers.iter().map(endpoint).chain([trusted]).collect()
    }

    /// When the newest connection to the bus was ready to be used.
    pub(crate) fn bus_connected(&self) -> Option<Instant> {
        self.bus().and_then(Server::last_opened)
    }

    /// Closes the connections to the bus.
    pub(crate) fn disconnect_bus(&self) {
        self.bus().map(Server::close_connections);
    }

    fn bus(&self) -> Option<&Server> {
        self.servers.iter().find(|(name, _)| *name == BUS).map(|(_, server)| server)
    }

    /// How many events have been put on a bus so far.
    pub(crate) fn events(&self) -> u64 {
        self.services.events.load(Ordering::Relaxed)
    }

    /// Begins with an empty table.
    pub(crate) fn clear_table(&self) {
        self.services.table.clear();
    }

    /// The events put on a bus since this was last asked.
    pub(crate) fn take_events(&self) -> Vec<Value> {
        self.take_calls().concat()
    }

    /// The same by the calls that have put them there; null for a call that makes no sense.
    pub(crate) fn take_calls(&self) -> Vec<Vec<Value>> {
        let mut put_events = self.put_events.borrow_mut();
        let calls = std::iter::from_fn(|| put_events.try_recv().ok());
        calls.map(|call| entries(&call).unwrap_or_else(|| vec![Value::Null])).collect()
    }
}

fn entries(put_events: &[u8]) -> Option<Vec<Value>> {
    match serde_json::from_slice::<Value>(put_events).ok()?.get_mut("Entries")?.take() {
        Value::Array(entries) => Some(entries),
        _ => None,
    }
}

struct Services {
    put_events: UnboundedSender<Bytes>,
    events: AtomicU64,
    table: Table,
}

/// The entries of a call, which need not be looked at to be counted.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PutEvents {
    entries: Vec<IgnoredAny>,
}

impl Services {
    /// Looks at a call as little as it can, since a handler is waiting and its time is taken.
    fn answer(&self, request: &Request<Bytes>) -> Response<Bytes> {
        match request.headers().get("x-amz-target").map(HeaderValue::as_bytes) {
            Some(b"AWSEvents.PutEvents") => {
                let Ok(call) = serde_json::from_slice::<PutEvents>(request.body()) else {
                    return status(StatusCode::BAD_REQUEST);
                };
                let count = call.entries.len() as u64;
                let first = self.events.fetch_add(count, Ordering::Relaxed);
                let ids = (first..first + count).map(|number| format!("11710aed-b79e-4468-a20b-{number:012x}"));
                let entries: Vec<Value> = ids.map(|id| json!({ "EventId": id })).collect();
                let _ = self.put_events.send(request.body().clone());
                json_response(StatusCode::OK, &json!({ "FailedEntryCount": 0, "Entries": entries }))
            }
            Some(b"DynamoDB_20120810.GetItem") => self.table.get(request.body()),
            Some(b"DynamoDB_20120810.UpdateItem") => self.table.update(request.body()),
            Some(b"secretsmanager.GetSecretValue") => secret_value(request.body()),
            _ => status(StatusCode::NOT_FOUND),
        }
    }
}

/// A secret that has not been rotated yet.
fn secret_value(call: &[u8]) -> Response<Bytes> {
    let stage = serde_json::from_slice::<Value>(call).unwrap_or_default();
    match stage.get("VersionStage").and_then(Value::as_str) {
        None | Some("AWSCURRENT") => json_response(
            StatusCode::OK,
            &json!({
                "ARN": "arn:aws:secretsmanager:us-east-1:123456789012:secret:bench-a1b2c3",
                "CreatedDate": 1.7e9,
                "Name": "bench",
                "SecretString": json!({"momentoSecret": SIGNING_SECRET}).to_string(),
                "VersionId": "a1b2c3d4-5678-90ab-cdef-111111111111",
                "VersionStages": ["AWSCURRENT"],
            }),
        ),
        Some(_) => json_response(
            StatusCode::BAD_REQUEST,
            &json!({"__type": "ResourceNotFoundException", "Message": "no value for this staging label"}),
        ),
    }
}

pub(crate) fn json_response(code: StatusCode, body: &Value) -> Response<Bytes> {
    let mut response = status(code).map(|_| Bytes::from(body.to_string()));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.1"));
    response
}
