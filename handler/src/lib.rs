//! What runs behind this project's constructs.
//!
//! Behind `MomentoWebhookToEventBridge`: [`webhook`] is the way of a request of Momento's from its arrival to its answer, and
//! [`redrive`] that of a message which the bus did not take at first. Behind `MomentoTopicToEventBridge`: [`subscribe`] reads
//! topics around the clock, without webhooks. Behind `EventBridgeToMomento`: [`deliver`] is the way of
//! a [`command`] from the queue to Momento, and [`follow_rotation`] keeps the copy of the API key that a connection of
//! EventBridge's has. The other modules are their steps.
//!
//! Time, chance and the services are passed in, so all of it runs in a test without a network or a wait. [`aws`] and
//! [`momento::http`] and [`momento::grpc`] hold the real services.
//!
//! # For other programs
//!
//! The feature `handlers` is on by default. Without it, two parts compile in seconds, because neither needs an SDK: `signature`
//! verifies and makes the signatures of webhooks, and `command` makes and reads the events that `EventBridgeToMomento` carries out.
//!
//! ```
//! # #[cfg(feature = "signature")] {
//! use momento_eventbridge::signature::{Signature, SignatureAlgorithm, SigningSecret};
//!
//! let secret = SigningSecret::new("the signing secret").ok_or("it is empty")?;
//! let body = br#"{"cache":"chat","topic":"room-281"}"#;
//! let header = SignatureAlgorithm::HmacSha3_256.sign(&secret, body).to_header();
//!
//! let signature = Signature::from_header(Some(&header))?;
//! assert!(SignatureAlgorithm::HmacSha3_256.verify(&secret, body, &signature));
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![cfg_attr(
    feature = "handlers",
    expect(async_fn_in_trait, reason = "one thread runs a handler, so no future needs to be `Send`")
)]

#[cfg(feature = "handlers")]
pub mod aws;
#[cfg(feature = "handlers")]
pub mod bus;
#[cfg(feature = "handlers")]
pub mod changes;
#[cfg(feature = "handlers")]
pub mod checkpoints;
#[cfg(feature = "handlers")]
pub mod claims;
#[cfg(feature = "handlers")]
pub mod clock;
#[cfg(feature = "command")]
pub mod command;
#[cfg(feature = "handlers")]
pub mod connection;
#[cfg(feature = "handlers")]
pub mod deliver;
#[cfg(feature = "handlers")]
pub mod follow_rotation;
#[cfg(feature = "handlers")]
pub mod https;
#[cfg(feature = "command")]
pub mod json_object;
#[cfg(feature = "handlers")]
pub mod lambda;
#[cfg(feature = "handlers")]
pub mod message;
#[cfg(feature = "handlers")]
pub mod momento;
#[cfg(feature = "handlers")]
pub mod queue;
#[cfg(feature = "handlers")]
pub mod redrive;
#[cfg(feature = "handlers")]
mod retry;
#[cfg(feature = "handlers")]
pub mod secret;
#[cfg(feature = "handlers")]
pub mod service_error;
#[cfg(feature = "handlers")]
pub mod subscribe;
#[cfg(feature = "handlers")]
pub mod template;
#[cfg(feature = "handlers")]
pub mod webhook;
#[cfg(feature = "signature")]
pub use momento_signature as signature;
