//! Logs: one JSON object a line on standard output. No secret, no signature and no message text, with one exception:
//! an event that neither the bus nor the queue took is logged whole, since it would be nowhere else.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io;

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
    let lines =
        tracing_subscriber::fmt::layer().json().flatten_event(true).with_target(false).with_writer(Escaping(writer));
    tracing_subscriber::registry().with(targets).with(lines)
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

/// Writes lines of JSON with [`escape_invisible`]. The subscriber hands each line over in one piece.
struct Escaping<W>(W);

impl<'writer, W: MakeWriter<'writer>> MakeWriter<'writer> for Escaping<W> {
    type Writer = Escaping<W::Writer>;

    fn make_writer(&'writer self) -> Self::Writer {
        Escaping(self.0.make_writer())
    }
}

impl<W: io::Write> io::Write for Escaping<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.write_all(escape_invisible(&String::from_utf8_lossy(line)).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
