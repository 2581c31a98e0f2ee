//! What runs behind this project's constructs.
//!
//! Behind `MomentoWebhookToEventBridge`: [`webhook`] is the way of a request of Momento's from its arrival to its answer, and
//! [`redrive`] that of a message which the bus did not take at first. Behind `MomentoTopicToEventBridge`: [`subscribe`] reads
//! topics around the clock, without webhooks. Behind `EventBridgeToMomento`: [`deliver`] is the way of
//! a [`command`] from the queue to Momento, and [`follow_rotation`] keeps the copy of the API key that a connection of
//! EventBridge's has. The other modules are their steps.
//!
//! Time, chance and the services are passed in, so all of it runs in a test without a network or a wait. [`aws`] and
//! [`momento::http`] and [`momento::grpc`] hold the real services. [`command::Command`] also serves those who send commands.

#![expect(async_fn_in_trait, reason = "one thread runs a handler, so no future needs to be `Send`")]

pub mod aws;
pub mod bus;
pub mod changes;
pub mod checkpoints;
pub mod claims;
pub mod clock;
pub mod command;
pub mod connection;
pub mod deliver;
pub mod follow_rotation;
pub mod json_object;
pub mod lambda;
pub mod message;
pub mod momento;
pub mod queue;
pub mod redrive;
mod retry;
pub mod secret;
pub mod service_error;
pub mod subscribe;
pub mod webhook;
