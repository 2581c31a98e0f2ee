//! A secret, kept in memory.

pub mod store;
