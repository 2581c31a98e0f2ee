//! A chat on Momento topics: what is said is moderated, then translated into each language by itself.
//!
//! A message goes from [`message::Published`] over [`moderation`] to [`message::Moderated`], and from there, once for each
//! language, over [`translation`] and any steps of [`translation_moderation`] to its readers. Between the steps it is on the
//! event bus. [`history`] keeps the last messages for who comes late, [`access`] is how the page gets its token. The services
//! stand behind traits; [`aws`], [`tables`], [`momento_cache`] and [`momento_tokens`] hold the real ones.

pub mod access;
pub mod api_key;
pub mod asking_limit;
pub mod aws;
pub mod event_bus;
pub mod history;
pub mod message;
pub mod moderation;
pub mod momento_cache;
mod momento_protocol;
pub mod momento_tokens;
pub mod next_step;
pub mod plans;
pub mod profanity_filter;
pub mod sqs_batch;
pub mod tables;
pub mod translation;
pub mod translation_moderation;
pub mod word_list;
