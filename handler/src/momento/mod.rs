//! Momento's HTTP API: the call of a command, the answer, and the API key.

pub mod api;
pub mod api_key;
pub mod call;
pub mod http;
