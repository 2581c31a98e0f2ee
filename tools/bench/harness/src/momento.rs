//! A fake Momento over TLS: it takes every call that has the key, and keeps it to be looked at.

use std::cell::RefCell;
use std::time::Duration;

use anyhow::Result;
use bytes::Bytes;
use hyper::header::AUTHORIZATION;
use hyper::{Request, Response, StatusCode};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::time::sleep;

use crate::certificates::{Certificates, HOST};
use crate::http::{Server, status};
use crate::message::SIGNING_SECRET;

/// How long an answer takes, in the place of a network: to wait for several at once is what there is to gain.
pub(crate) const ANSWER_TIME: Duration = Duration::from_millis(5);

/// A call that was made.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Call {
    /// Method, path and query.
    pub(crate) request: String,
    pub(crate) body: Bytes,
}

/// The fake Momento, and what has been sent to it.
pub(crate) struct FakeMomento {
    server: Server,
    calls: RefCell<UnboundedReceiver<Call>>,
}

impl FakeMomento {
    pub(crate) async fn start(certificates: &Certificates) -> Result<Self> {
        let (sender, calls) = mpsc::unbounded_channel();
        let server =
            Server::start(Some(certificates.server()?), move |request| answer(request, sender.clone())).await?;
        Ok(Self { server, calls: RefCell::new(calls) })
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("https://{HOST}:{}", self.server.address().port())
    }

    /// The calls since this was last asked.
    pub(crate) fn take_calls(&self) -> Vec<Call> {
        let mut calls = self.calls.borrow_mut();
        std::iter::from_fn(|| calls.try_recv().ok()).collect()
    }
}

async fn answer(request: Request<Bytes>, calls: UnboundedSender<Call>) -> Response<Bytes> {
    // The secret that holds the key is the one that the fake AWS has.
    if request.headers().get(AUTHORIZATION).is_none_or(|key| key != SIGNING_SECRET) {
        return status(StatusCode::UNAUTHORIZED);
    }
    let _ =
        calls.send(Call { request: format!("{} {}", request.method(), request.uri()), body: request.body().clone() });
    sleep(ANSWER_TIME).await;
    status(StatusCode::NO_CONTENT)
}
