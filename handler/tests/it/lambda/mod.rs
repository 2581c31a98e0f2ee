mod environment;
mod logging;
mod metrics;
