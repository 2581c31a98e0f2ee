mod environment;
mod metrics;
