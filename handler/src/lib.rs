//! What runs behind the Function URL of `MomentoWebhookToEventBridge`: it takes the webhooks that Momento Topics send,
//! and puts each genuine, fresh message on an EventBridge bus.
//!
//! [`webhook`] is the way of a request from its arrival to its answer; the other modules are its steps. Time, chance
//! and the AWS services are passed in, so all of it runs in a test without a network or a wait. [`aws`] holds the
//! real services.

pub mod aws;
pub mod bus_event;
pub mod clock;
pub mod freshness;
pub mod function_url;
pub mod logging;
pub mod metrics;
pub mod payload;
pub mod publisher;
pub mod replay_guard;
pub mod secret_store;
pub mod settings;
pub mod signature;
pub mod signing_secrets;
pub mod webhook;
