mod contract;
mod deadlines;
mod function_url;
pub(crate) mod log;
mod metrics;
mod replay_guard;
mod settings;
mod signing_secrets;
mod taken_requests;
