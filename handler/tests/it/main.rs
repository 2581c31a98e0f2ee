//! The handler's promises, kept without a network and without waiting: the services are fakes and time is paused.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod aws;
mod bus;
mod changes;
mod checkpoints;
mod command;
mod deliver;
mod fakes;
mod follow_rotation;
mod house;
mod https;
mod lambda;
mod message;
mod momento;
mod output;
mod properties;
mod redrive;
mod secret;
mod subscribe;
mod webhook;
