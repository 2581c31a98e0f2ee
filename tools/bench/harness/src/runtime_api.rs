//! A fake Lambda Runtime API for one process.
//! The real one: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::net::SocketAddr;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use hyper::{Method, Request, Response, StatusCode};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::http::{Server, status};

/// Longer than anything here takes, under valgrind too; shorter than a person's patience.
const PATIENCE: Duration = Duration::from_mins(1);
const FUNCTION_TIMEOUT: Duration = Duration::from_secs(10);
const VERSION: &str = "/2018-06-01/runtime/";

/// The API, seen from Lambda.
pub(crate) struct RuntimeApi {
    server: Server,
    calls: UnboundedReceiver<Call>,
}

enum Call {
    /// The process is ready for work and waits for it.
    Next { at: Instant, work: oneshot::Sender<Work> },
    /// It has answered.
    Response { at: Instant, request_id: String, body: Bytes },
    /// It could not, or could not start.
    Error(Bytes),
}

struct Work {
    request_id: String,
    event: String,
    timeout: Duration,
}

/// A process that waits for work.
pub(crate) struct Ready {
    /// Since when it does.
    pub(crate) at: Instant,
    work: oneshot::Sender<Work>,
}

/// What an invocation came to.
pub(crate) struct Outcome {
    pub(crate) took: Duration,
    pub(crate) answer: Bytes,
}

impl RuntimeApi {
    pub(crate) async fn start() -> Result<Self> {
        let (sender, calls) = mpsc::unbounded_channel();
        let server = Server::start(None, move |request| respond(request, sender.clone())).await?;
        Ok(Self { server, calls })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Waits until the process asks for work.
    pub(crate) async fn ready(&mut self) -> Result<Ready> {
        match self.call().await? {
            Call::Next { at, work } => Ok(Ready { at, work }),
            Call::Response { .. } => bail!("an answer to nothing"),
            Call::Error(error) => bail!("it failed: {}", String::from_utf8_lossy(&error)),
        }
    }

    /// Gives the process work and waits for its answer.
    pub(crate) async fn invoke(&mut self, ready: Ready, number: u64, event: String) -> Result<Outcome> {
        let started = Instant::now();
        let request_id = Self::give(ready, number, event, FUNCTION_TIMEOUT)?;
        match self.call().await? {
            Call::Response { at, request_id: answered, body } if answered == request_id => {
                Ok(Outcome { took: at - started, answer: body })
            }
            Call::Response { .. } => bail!("an answer to another request"),
            Call::Next { .. } => bail!("it asks for work before it has answered"),
            Call::Error(error) => bail!("the invocation failed: {}", String::from_utf8_lossy(&error)),
        }
    }

    /// Gives the process work that it may take so long for; returns the id of the request.
    pub(crate) fn give(ready: Ready, number: u64, event: String, timeout: Duration) -> Result<String> {
        let request_id = format!("8476a536-e9f4-11e8-9739-{number:012x}");
        if ready.work.send(Work { request_id: request_id.clone(), event, timeout }).is_err() {
            bail!("it no longer waits for work");
        }
        Ok(request_id)
    }

    async fn call(&mut self) -> Result<Call> {
        match timeout(PATIENCE, self.calls.recv()).await {
            Ok(call) => call.context("the Runtime API has ended"),
            Err(_) => bail!("it was not heard from for {PATIENCE:?}"),
        }
    }
}

async fn respond(request: Request<Bytes>, calls: UnboundedSender<Call>) -> Response<Bytes> {
    let at = Instant::now();
    let path = request.uri().path().strip_prefix(VERSION).unwrap_or_default();
    let call = match (request.method(), path.split('/').collect::<Vec<_>>().as_slice()) {
        (&Method::GET, ["invocation", "next"]) => return next(at, &calls).await,
        (&Method::POST, ["invocation", request_id, "response"]) => {
            Call::Response { at, request_id: (*request_id).to_owned(), body: request.body().clone() }
        }
        (&Method::POST, ["invocation", _, "error"] | ["init", "error"]) => Call::Error(request.body().clone()),
        _ => return status(StatusCode::NOT_FOUND),
    };
    let _ = calls.send(call);
    status(StatusCode::ACCEPTED)
}

async fn next(at: Instant, calls: &UnboundedSender<Call>) -> Response<Bytes> {
    let (sender, work) = oneshot::channel();
    let _ = calls.send(Call::Next { at, work: sender });
    let Ok(Work { request_id, event, timeout }) = work.await else { return status(StatusCode::GONE) };
    let deadline = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + timeout;
    Response::builder()
        .header("content-type", "application/json")
        .header("lambda-runtime-aws-request-id", request_id)
        .header("lambda-runtime-deadline-ms", deadline.as_millis().to_string())
        .header("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:123456789012:function:bench")
        .header("lambda-runtime-trace-id", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0")
        .body(event.into())
        .unwrap_or_else(|_| status(StatusCode::INTERNAL_SERVER_ERROR))
}
