//! A message of a topic: how it is read, and how it gets on the bus.

pub mod event;
pub mod missed;
pub mod publisher;
pub mod subscribed;
pub mod topic_message;
