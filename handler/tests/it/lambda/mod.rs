mod environment;
mod logging;
mod metrics;
mod output;
