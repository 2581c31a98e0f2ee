//! A backlog of messages at the local Momento, and the events that they have to become.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::message::{SIGNING_SECRET, TEXT};

/// How many messages wait for a subscriber.
pub(crate) const MESSAGES: u32 = 10_000;

const CACHE: &str = "chat";
const TOPIC: &str = "room-281";
const PATIENCE: Duration = Duration::from_secs(10);

/// A local Momento with a backlog. It ends when this is dropped.
pub(crate) struct Backlog {
    _momento: Child,
    /// Where it is.
    pub(crate) endpoint: String,
}

impl Backlog {
    /// Starts a local Momento, and publishes what nobody has read.
    pub(crate) async fn publish(local_momento: &Path) -> Result<Self> {
        let mut momento = Command::new(local_momento)
            // The secret that the fake AWS has.
            .args(["--api-key", SIGNING_SECRET, "--cache", CACHE])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("the local Momento cannot be started")?;
        let said = momento.stdout.take().context("the local Momento has no output")?;
        let line = timeout(PATIENCE, BufReader::new(said).lines().next_line()).await??.context("it has ended")?;
        let said: Value = serde_json::from_str(&line)?;
        let endpoint = said.get("endpoint").and_then(Value::as_str).context("it does not say where it is")?.to_owned();
        let authority = endpoint.strip_prefix("http://").context("its endpoint is not http")?;
        let stream = TcpStream::connect(authority).await?;
        stream.set_nodelay(true)?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let connection = tokio::spawn(connection);
        for number in 0..MESSAGES {
            let request = Request::post(format!("/topics/{CACHE}/{TOPIC}"))
                .header(HOST, authority)
                .header(AUTHORIZATION, SIGNING_SECRET)
                .header(CONTENT_TYPE, "text/plain")
                .body(Full::new(Bytes::from(text(number))))?;
            sender.ready().await?;
            let status = sender.send_request(request).await?.status();
            ensure!(status == StatusCode::NO_CONTENT, "a message could not be published: {status}");
        }
        connection.abort();
        Ok(Self { _momento: momento, endpoint })
    }
}

/// What the schedule gives to a subscriber.
pub(crate) fn input() -> String {
    json!({ "topics": [{ "cache": CACHE, "topic": TOPIC }], "startAt": "AVAILABLE" }).to_string()
}

/// Fails unless the events are those of the backlog, each once and in its order.
pub(crate) fn check(events: &[Value]) -> Result<()> {
    ensure!(events.len() == MESSAGES as usize, "{} events are on the bus", events.len());
    for (number, event) in (0..).zip(events) {
        let detail = event.get("Detail").and_then(Value::as_str).context("an event without a detail")?;
        let detail: Value = serde_json::from_str(detail)?;
        let expected = text(number);
        ensure!(detail.get("text").and_then(Value::as_str) == Some(&expected), "event {number} is {event}");
    }
    Ok(())
}

/// 256 bytes that no other message has.
fn text(number: u32) -> String {
    let number = format!("{number:05} ");
    let rest = TEXT.get(number.len()..).unwrap_or_default();
    number + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events() -> Vec<Value> {
        (0..MESSAGES).map(|number| json!({ "Detail": json!({ "text": text(number) }).to_string() })).collect()
    }

    #[test]
    fn accepts_the_backlog_in_its_order_and_nothing_else() {
        check(&events()).unwrap();
        let mut swapped = events();
        swapped.swap(0, 1);
        assert!(check(&swapped).is_err());
        let mut twice = events();
        twice.push(twice[0].clone());
        assert!(check(&twice).is_err());
    }

    #[test]
    fn has_texts_of_the_same_size() {
        assert!([0, MESSAGES - 1].into_iter().all(|number| text(number).len() == TEXT.len()));
    }
}
