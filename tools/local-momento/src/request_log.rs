//! The requests that came, in their order, without the keys in them.

use std::time::Duration;

use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Serialize, Serializer};

use crate::clock::millis;

const HIDDEN: &str = "(hidden)";

#[derive(Debug, Default)]
pub(crate) struct RequestLog {
    entries: Vec<Entry>,
    /// How often the log was emptied, so that an answer to a request from before then finds no place.
    generation: u64,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Entry {
    /// In milliseconds since the Unix epoch.
    received_at: u64,
    method: String,
    /// As sent, percent-encoded.
    path: String,
    /// As sent, percent-encoded, but for the value of `token`.
    query: String,
    /// As sent, but for the value of `authorization`; names in lower case.
    headers: Vec<(String, String)>,
    #[serde(rename = "body_base64", serialize_with = "as_base64")]
    body: Bytes,
    /// Who called, if the key or token is known.
    caller: Option<String>,
    fault: Option<&'static str>,
    /// None while there is no answer, and where there never was one.
    status: Option<u16>,
}

/// Where in the log a request is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    generation: u64,
    index: usize,
}

pub(crate) struct Received<'a> {
    pub(crate) at: Duration,
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) caller: Option<String>,
    pub(crate) fault: Option<&'static str>,
}

impl RequestLog {
    pub(crate) fn received(&mut self, request: Received<'_>) -> Place {
        self.entries.push(Entry {
            received_at: millis(request.at),
            method: request.method.to_owned(),
            path: request.path.to_owned(),
            query: without_token(request.query),
            headers: without_key(request.headers),
            body: request.body,
            caller: request.caller,
            fault: request.fault,
            status: None,
        });
        Place { generation: self.generation, index: self.entries.len() - 1 }
    }

    pub(crate) fn answered(&mut self, place: Place, status: StatusCode) {
        if place.generation == self.generation
            && let Some(entry) = self.entries.get_mut(place.index)
        {
            entry.status = Some(status.as_u16());
        }
    }

    /// The entries from the given number on, counted from 0.
    pub(crate) fn from(&self, first: usize) -> &[Entry] {
        self.entries.get(first..).unwrap_or_default()
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        self.generation += 1;
    }
}

fn without_token(query: &str) -> String {
    let hide = |parameter: &str| match parameter.strip_prefix("token=") {
        Some(_) => format!("token={HIDDEN}"),
        None => parameter.to_owned(),
    };
    query.split('&').map(hide).collect::<Vec<_>>().join("&")
}

fn without_key(headers: &HeaderMap) -> Vec<(String, String)> {
    let shown = |name: &header::HeaderName, value: &header::HeaderValue| {
        if name == header::AUTHORIZATION { HIDDEN.to_owned() } else { String::from_utf8_lossy(value.as_bytes()).into() }
    };
    headers.iter().map(|(name, value)| (name.to_string(), shown(name, value))).collect()
}

fn as_base64<S: Serializer>(bytes: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&BASE64.encode(bytes))
}
