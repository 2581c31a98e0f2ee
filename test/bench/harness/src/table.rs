//! The table: a row a quantity, a column a handler, and how many times as much the reference takes.

use std::fmt::Write as _;
use std::time::Duration;

use crate::handler::Handler;
use crate::run::Measurement;
use crate::spread::Spread;

struct Row {
    title: &'static str,
    digits: usize,
    webhook: Spread,
    reference: Spread,
    target: Option<Target>,
}

/// What the project wants of its handler on `x86_64`. Never asserted: it is the machine's day too.
enum Target {
    /// At most this, in the row's unit.
    Under(f64),
    /// At most this part of what the reference takes.
    UnderRatio(u8),
}

pub(crate) fn render([webhook, reference]: &[Handler; 2], [ours, theirs]: &[Vec<Measurement>; 2]) -> String {
    let sized = |title, size: fn(&Handler) -> usize, target| Row {
        title,
        digits: 2,
        webhook: Spread::of([megabytes(size(webhook))]),
        reference: Spread::of([megabytes(size(reference))]),
        target,
    };
    let measured = |title, digits, value: fn(&Measurement) -> f64, target| Row {
        title,
        digits,
        webhook: Spread::of(ours.iter().map(value)),
        reference: Spread::of(theirs.iter().map(value)),
        target,
    };
    let memory = |run: &Measurement| megabytes(usize::try_from(run.peak_memory).unwrap_or(usize::MAX));
    let rows = [
        measured("start, exec to ready, ms", 2, |run| millis(run.start), Some(Target::UnderRatio(4))),
        measured("CPU at start, ms", 2, |run| millis(run.start_cpu), None),
        measured("first invocation, ms", 2, |run| millis(run.first), None),
        measured("warm invocation, median, µs", 0, |run| micros(run.warm), None),
        measured("warm invocation, p99, µs", 0, |run| micros(run.warm_p99), None),
        measured("CPU an event, µs", 0, |run| micros(run.event_cpu), None),
        measured("peak memory, MB", 2, memory, Some(Target::Under(9.))),
        sized("binary, MB", |handler| handler.size, None),
        sized("zip, MB", |handler| handler.zip_size, Some(Target::Under(2.6))),
    ];
    let cells = rows.iter().map(Row::cells);
    let header = ["", webhook.name, reference.name, "ratio", "target"].map(str::to_owned);
    align(&std::iter::once(header).chain(cells).collect::<Vec<_>>())
}

impl Row {
    fn cells(&self) -> [String; 5] {
        let ratio = self.reference.median / self.webhook.median;
        let target = self.target.as_ref().map_or_else(String::new, |target| {
            let (text, met) = match target {
                Target::Under(most) => (format!("under {most}"), self.webhook.median < *most),
                Target::UnderRatio(part) => (format!("under 1/{part} of the reference"), ratio > f64::from(*part)),
            };
            format!("{text}: {}", if met { "met" } else { "missed" })
        });
        let value = |spread| self.value(spread);
        [self.title.to_owned(), value(self.webhook), value(self.reference), format!("{ratio:.1}×"), target]
    }

    fn value(&self, Spread { median, min, max }: Spread) -> String {
        let digits = self.digits;
        if min < max {
            format!("{median:.digits$} ({min:.digits$}–{max:.digits$})")
        } else {
            format!("{median:.digits$}")
        }
    }
}

/// Sets the cells in columns: the first and the last to the left, figures to the right.
fn align(rows: &[[String; 5]]) -> String {
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let [title, webhook, reference, ratio] = [0, 1, 2, 3].map(|column| width(column).unwrap_or_default());
    rows.iter().fold(String::new(), |mut table, [a, b, c, d, e]| {
        let line = format!("{a:title$}  {b:>webhook$}  {c:>reference$}  {d:>ratio$}  {e}");
        let _ = writeln!(table, "{}", line.trim_end());
        table
    })
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

#[expect(clippy::cast_precision_loss, reason = "two digits are shown")]
fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(webhook: f64, reference: f64, target: Target) -> [String; 5] {
        let (webhook, reference) = (Spread::of([webhook]), Spread::of([reference]));
        Row { title: "start", digits: 1, webhook, reference, target: Some(target) }.cells()
    }

    #[test]
    fn says_whether_a_target_is_met() {
        assert_eq!(
            cells(2., 9., Target::UnderRatio(4)),
            ["start", "2.0", "9.0", "4.5×", "under 1/4 of the reference: met"]
        );
        assert_eq!(
            cells(3., 9., Target::UnderRatio(4)),
            ["start", "3.0", "9.0", "3.0×", "under 1/4 of the reference: missed"]
        );
        assert_eq!(cells(3., 9., Target::Under(2.6)), ["start", "3.0", "9.0", "3.0×", "under 2.6: missed"]);
    }

    #[test]
    fn shows_how_far_the_runs_lie_apart() {
        let (webhook, reference) = (Spread::of([1., 2., 4.]), Spread::of([8.]));
        let row = Row { title: "start", digits: 1, webhook, reference, target: None };
        assert_eq!(row.cells(), ["start", "2.0 (1.0–4.0)", "8.0", "4.0×", ""]);
    }
}
