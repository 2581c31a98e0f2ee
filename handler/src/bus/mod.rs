//! The event bus.

pub mod event;
