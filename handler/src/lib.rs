//! What runs behind this project's constructs.
//!
//! Behind `MomentoWebhookToEventBridge`: [`webhook`] is the way of a request of Momento's from its arrival to its answer, and
//! [`redrive`] that of a message which the bus did not take at first. Behind `EventBridgeToMomento`: [`deliver`] is the way of
//! a [`command`] from the queue to Momento, and [`follow_rotation`] keeps the copy of the API key that a connection of
//! EventBridge's has. The other modules are their steps.
//!
//! Time, chance and the services are passed in, so all of it runs in a test without a network or a wait. [`aws`] and
//! [`momento_http`] hold the real services. [`command`] and [`aws::command_entry`] also serve those who send commands.

pub mod api_key;
pub mod aws;
pub mod backoff;
pub mod bus_event;
pub mod clock;
pub mod command;
pub mod command_event;
pub mod dead_letter;
pub mod deliver;
pub mod delivery_error;
pub mod embedded_metrics;
pub mod exit;
pub mod follow_rotation;
pub mod freshness;
pub mod function_url;
pub mod json_object;
pub mod logging;
pub mod momento_api;
pub mod momento_call;
pub mod momento_http;
pub mod payload;
pub mod publisher;
pub mod rate_limit;
pub mod redrive;
pub mod replay_guard;
pub mod retry;
pub mod secret_store;
pub mod settings;
pub mod signature;
pub mod signing_secrets;
pub mod sqs_batch;
pub mod table;
pub mod taken_requests;
pub mod webhook;
pub mod webhook_metrics;
