//! What runs behind the Function URL of `MomentoWebhookToEventBridge`: it takes the webhooks that Momento Topics send,
//! and puts each genuine, fresh message on an EventBridge bus.
//!
//! [`webhook`] is the way of a request from its arrival to its answer, and [`redrive`] that of a message which the bus
//! did not take at first; the other modules are their steps. Time, chance and the AWS services are passed in, so all of it runs in a test without a network or a wait. [`aws`] holds the
//! real services.

pub mod aws;
pub mod bus_event;
pub mod clock;
pub mod delivery_error;
pub mod embedded_metrics;
pub mod freshness;
pub mod function_url;
pub mod logging;
pub mod payload;
pub mod publisher;
pub mod redrive;
pub mod replay_guard;
pub mod retry;
pub mod secret_store;
pub mod settings;
pub mod signature;
pub mod signing_secrets;
pub mod taken_requests;
pub mod webhook;
pub mod webhook_metrics;
