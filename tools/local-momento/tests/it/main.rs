//! The promises of the local Momento, kept over TCP.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod cache_api;
mod control;
mod process;
mod pubsub_api;
mod rust_sdk;
mod server;
mod stream_faults;
mod subscriber;
mod topics_api;
mod webhooks;
