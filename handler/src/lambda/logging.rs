//! Logs: one JSON object a line on standard output. No secret, no signature and no message text, with one exception:
//! an event that neither the bus nor the queue took is logged whole, since it would be nowhere else.

use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;

/// Logs what this crate says at `level` to `writer`. Other crates are heard from `WARN` up only: further down, HTTP
/// clients show what they send and receive.
pub fn json_logs<W>(level: LevelFilter, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let targets =
        Targets::new().with_default(level.min(LevelFilter::WARN)).with_target(env!("CARGO_CRATE_NAME"), level);
    let lines = tracing_subscriber::fmt::layer().json().flatten_event(true).with_target(false).with_writer(writer);
    tracing_subscriber::registry().with(targets).with(lines)
}
