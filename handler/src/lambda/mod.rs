//! What every Lambda function needs: environment variables, logs, metrics, and how its process ends.

pub mod environment;
pub mod exit;
pub mod logging;
pub mod metrics;
