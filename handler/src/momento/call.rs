//! The call of Momento's HTTP API that a command becomes.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::command::{Command, Key, Message, Name};

/// Bytes, of which Momento changes none.
const BINARY: &str = "application/octet-stream";
/// Text, which a subscriber receives as text.
const TEXT: &str = "text/plain";

/// All but what RFC 3986 calls unreserved: nothing else in a name or a key can be taken for part of the URL.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A call of Momento's HTTP API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MomentoCall {
    /// The HTTP method.
    pub method: &'static str,
    /// The path and the query, percent-encoded.
    pub path_and_query: String,
    /// What the body is, where there is one.
    pub content_type: Option<&'static str>,
    /// What is stored or published, byte for byte.
    pub body: Vec<u8>,
}

impl From<&Command> for MomentoCall {
    fn from(command: &Command) -> Self {
        match command {
            Command::CacheSet { cache, key, message, ttl_seconds } => Self {
                method: "PUT",
                path_and_query: format!("{}&ttl_seconds={ttl_seconds}", cache_item(cache, key)),
                // A cache keeps bytes and knows no text.
                content_type: Some(BINARY),
                body: bytes(message),
            },
            Command::CacheDelete { cache, key } => {
                Self { method: "DELETE", path_and_query: cache_item(cache, key), content_type: None, body: Vec::new() }
            }
            Command::TopicPublish { cache, topic, message } => Self {
                method: "POST",
                path_and_query: format!("/topics/{}/{}", segment(cache), segment(topic)),
                content_type: Some(match message {
                    Message::Text(_) => TEXT,
                    Message::Bytes(_) => BINARY,
                }),
                body: bytes(message),
            },
        }
    }
}

fn cache_item(cache: &Name, key: &Key) -> String {
    let path = segment(cache);
    match key {
        Key::Text(text) => format!("/cache/{path}?key={}", utf8_percent_encode(text.get(), RESERVED)),
        Key::Bytes(bytes) => format!("/cache/{path}?key_base64={}", URL_SAFE_NO_PAD.encode(bytes.get())),
    }
}

/// A name as one segment of a path. `.` and `..` would be steps in the path, so their dots are encoded, which RFC 3986 has
/// mean the same: it is the most that a client can do.
fn segment(name: &Name) -> String {
    match name.get().as_str() {
        dots @ ("." | "..") => dots.replace('.', "%2E"),
        name => utf8_percent_encode(name, RESERVED).to_string(),
    }
}

fn bytes(message: &Message) -> Vec<u8> {
    match message {
        Message::Text(text) => text.as_bytes().to_vec(),
        Message::Bytes(bytes) => bytes.clone(),
    }
}
