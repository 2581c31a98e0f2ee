//! Momento: calls of its HTTP API, its topics over gRPC, and the API key.

pub mod api;
pub mod api_key;
pub mod call;
pub mod grpc;
pub mod http;
pub mod pubsub;
