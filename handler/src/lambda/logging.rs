//! Logs: one JSON object a line on standard output. No secret, no signature and no message text, with one exception:
//! an event that neither the bus nor the queue took is logged whole, since it would be nowhere else.

use std::borrow::Cow;
use std::fmt::{Debug, Write as _};
use std::io;
use std::time::SystemTime;

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Logs what this crate says at `level` to what `writer` returns, each line in one piece. Other crates are heard from `WARN` up only:
/// further down, HTTP clients show what they send and receive.
///
/// Not `tracing-subscriber`, which also keeps spans, that nobody here looks at.
pub fn json_logs<W: io::Write>(
    level: LevelFilter,
    writer: impl Fn() -> W + Send + Sync + 'static,
) -> impl Subscriber + Send + Sync {
    JsonLogs { level, writer }
}

struct JsonLogs<F> {
    level: LevelFilter,
    writer: F,
}

impl<W: io::Write, F: Fn() -> W + Send + Sync + 'static> Subscriber for JsonLogs<F> {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let ours = metadata.target().starts_with(env!("CARGO_CRATE_NAME"));
        metadata.is_event() && *metadata.level() <= if ours { self.level } else { self.level.min(LevelFilter::WARN) }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.level)
    }

    /// Lambda has nobody to tell when a line is not written.
    fn event(&self, event: &Event<'_>) {
        if let Ok(mut line) = serde_json::to_string(&Line(event)) {
            line.push('\n');
            let _ = (self.writer)().write_all(escape_invisible(&line).as_bytes());
        }
    }

    // No span is enabled, so none of these is called.
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// An event as a line: when, how grave, its message, and its fields.
struct Line<'a>(&'a Event<'a>);

impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Ok(now) = DateTime::from(SystemTime::now()).fmt(Format::DateTime) {
            map.serialize_entry("timestamp", &now)?;
        }
        map.serialize_entry("level", self.0.metadata().level().as_str())?;
        let mut fields = Fields { map, outcome: Ok(()) };
        self.0.record(&mut fields);
        fields.outcome?;
        fields.map.end()
    }
}

/// Writes the fields of an event, up to the first that cannot be written.
struct Fields<M: SerializeMap> {
    map: M,
    outcome: Result<(), M::Error>,
}

impl<M: SerializeMap> Fields<M> {
    fn write(&mut self, field: &Field, value: &(impl Serialize + ?Sized)) {
        if self.outcome.is_ok() {
            self.outcome = self.map.serialize_entry(field.name(), value);
        }
    }
}

impl<M: SerializeMap> Visit for Fields<M> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.write(field, &format_args!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.write(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.write(field, &value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.write(field, &value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.write(field, &value);
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.write(field, &value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.write(field, &value);
    }
}

/// JSON with each character escaped that a terminal may obey, or that may make a reader see another text than is there:
/// controls beyond those that JSON escapes itself, marks of writing direction, and line ends that only some programs know.
#[must_use]
pub(super) fn escape_invisible(json: &str) -> Cow<'_, str> {
    // Most lines are ASCII, and found to be in a tenth of the instructions.
    if json.is_ascii() && !json.contains('\u{7f}') || !json.contains(is_invisible) {
        return Cow::Borrowed(json);
    }
    let mut escaped = String::with_capacity(json.len() + 16);
    for char in json.chars() {
        if is_invisible(char) {
            // Each of them is a single UTF-16 code unit, and in JSON they occur in strings only.
            let _ = write!(escaped, "\\u{:04x}", u32::from(char));
        } else {
            escaped.push(char);
        }
    }
    Cow::Owned(escaped)
}

fn is_invisible(char: char) -> bool {
    matches!(char,
        '\u{7f}'..='\u{9f}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}')
}
