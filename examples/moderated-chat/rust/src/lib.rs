//! A chat on Momento topics: what is said is moderated, then translated into each language by itself.
//!
//! A message goes from [`message::Published`] over [`moderation`] to [`message::Moderated`], and from there, once for each
//! language, over [`translation`] to [`message::Translated`]. Between the steps it is on the event bus. [`access`] is how
//! the page gets its token. The services stand behind traits; [`aws`] and [`momento_tokens`] hold the real ones.

pub mod access;
pub mod aws;
pub mod event_bus;
pub mod message;
pub mod moderation;
mod momento_protocol;
pub mod momento_tokens;
pub mod profanity_filter;
pub mod sqs_batch;
pub mod translation;
