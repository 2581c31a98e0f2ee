//! The queues: batches of their messages, waits, and dead letters.

pub mod backoff;
pub mod dead_letter;
pub mod fallback;
pub mod sqs_batch;
pub mod tally;
