//! From the changes of a DynamoDB table to commands for Momento: what `DynamoDbToMomento` has between the table's stream and
//! the event bus.
//!
//! [`handler`] takes a batch of records, [`mapping`] says what a change becomes; the others are their words.

pub mod attribute;
pub mod change;
pub mod handler;
pub mod lifetime;
pub mod mapping;
pub mod pipe_event;
pub mod settings;
pub mod template;
