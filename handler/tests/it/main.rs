//! The handler's promises, kept without a network and without waiting: the services are fakes and time is paused.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod api_key;
mod aws;
mod bus_event;
mod command;
mod contract;
mod deadlines;
mod deliver;
mod fakes;
mod follow_rotation;
mod function_url;
mod logging;
mod momento_http;
mod payload;
mod properties;
mod publisher;
mod rate_limit;
mod redrive;
mod replay_guard;
mod secret_store;
mod settings;
mod signature;
mod signing_secrets;
mod table;
mod taken_requests;
mod webhook_metrics;
