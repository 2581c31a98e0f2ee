//! The tables: a row a quantity, two columns to compare, and how many times better the first is.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Value, json};

use crate::counts::WebhookCounts;
use crate::handler::Handler;
use crate::run::Measurement;
use crate::spread::Spread;

/// Two contenders, side by side.
pub(crate) struct Table {
    columns: [&'static str; 2],
    rows: Vec<Row>,
}

struct Row {
    title: &'static str,
    /// After the point.
    digits: usize,
    ours: Spread,
    theirs: Spread,
    better: Better,
    target: Option<Target>,
}

/// Which way a quantity is good.
enum Better {
    Less,
    More,
}

/// What the project wants of its handler on `x86_64`. Never asserted: it is the machine's day too.
enum Target {
    /// At most this, in the row's unit.
    Under(f64),
    /// At most this part of what the reference takes.
    UnderRatio(u8),
}

/// The webhook handler beside the reference.
pub(crate) fn of_webhooks(
    [webhook, reference]: [&Handler; 2],
    measurements: &[Vec<Measurement>; 2],
    counts: Option<&[WebhookCounts; 2]>,
) -> Table {
    let sized = |title, size: fn(&Handler) -> usize, target| Row {
        title,
        digits: 2,
        ours: Spread::of([megabytes(size(webhook))]),
        theirs: Spread::of([megabytes(size(reference))]),
        better: Better::Less,
        target,
    };
    let measured = |title, digits, value, target| measured(measurements, title, digits, value, target);
    let counted = |title, count: fn(&WebhookCounts) -> u64, target| {
        let counts = counts?;
        let [ours, theirs] = counts.each_ref().map(|counts| Spread::of([thousands(count(counts))]));
        Some(Row { title, digits: 0, ours, theirs, better: Better::Less, target })
    };
    let instructions = [
        counted("start, thousand instructions", |counts| counts.start, None),
        counted("first event, thousand instructions", |counts| counts.first, Some(Target::Under(900.))),
        counted("event, thousand instructions", |counts| counts.warm, Some(Target::Under(800.))),
        counted("event of 4 KB, thousand instructions", |counts| counts.warm_4_kb, Some(Target::Under(1_500.))),
        counted("event of 100 KB, thousand instructions", |counts| counts.warm_100_kb, Some(Target::Under(20_000.))),
        counted("refused request, thousand instructions", |counts| counts.refused, Some(Target::Under(250.))),
    ];
    Table {
        columns: [webhook.name, reference.name],
        rows: [
            measured("start, exec to ready, ms", 2, |run| millis(run.start), Some(Target::UnderRatio(6))),
            measured("CPU at start, ms", 2, |run| millis(run.start_cpu), None),
            measured("first invocation, ms", 2, |run| millis(run.first), None),
            measured("warm invocation, median, µs", 0, |run| micros(run.warm), None),
            measured("warm invocation, p99, µs", 0, |run| micros(run.warm_p99), None),
            measured("CPU an event, µs", 0, |run| micros(run.event_cpu), None),
            measured("peak memory, MB", 2, memory, Some(Target::Under(7.7))),
            sized("binary, MB", |handler| handler.size, None),
            sized("zip, MB", |handler| handler.zip_size, Some(Target::Under(2.2))),
        ]
        .into_iter()
        .chain(instructions.into_iter().flatten())
        .collect(),
    }
}

/// The deliver handler with all calls of a batch at once, beside itself with one after the other.
pub(crate) fn of_batches(columns: [&'static str; 2], events: u32, measurements: &[Vec<Measurement>; 2]) -> Table {
    let measured = |title, digits, value| measured(measurements, title, digits, value, None);
    let rate = |run: &Measurement| f64::from(events) / run.warm.as_secs_f64();
    let rates = |runs: &[Measurement]| Spread::of(runs.iter().map(rate));
    let [ours, theirs] = measurements;
    let events_a_second = Row {
        title: "events a second",
        digits: 0,
        ours: rates(ours),
        theirs: rates(theirs),
        better: Better::More,
        target: None,
    };
    Table {
        columns,
        rows: vec![
            events_a_second,
            measured("full batch, median, ms", 2, |run| millis(run.warm)),
            measured("CPU an event, µs", 0, |run| micros(run.event_cpu)),
            measured("first batch, ms", 2, |run| millis(run.first)),
            measured("start, exec to ready, ms", 2, |run| millis(run.start)),
            measured("peak memory, MB", 2, memory),
        ],
    }
}

fn measured(
    [ours, theirs]: &[Vec<Measurement>; 2],
    title: &'static str,
    digits: usize,
    value: fn(&Measurement) -> f64,
    target: Option<Target>,
) -> Row {
    let spread = |runs: &[Measurement]| Spread::of(runs.iter().map(value));
    Row { title, digits, ours: spread(ours), theirs: spread(theirs), better: Better::Less, target }
}

impl Table {
    /// For a person.
    pub(crate) fn to_text(&self) -> String {
        let [ours, theirs] = self.columns;
        let header = ["", ours, theirs, "ratio", "target"].map(str::to_owned);
        align(&std::iter::once(header).chain(self.rows.iter().map(Row::cells)).collect::<Vec<_>>())
    }

    /// For a program: what each row has of each column, unrounded.
    pub(crate) fn to_json(&self) -> Value {
        let [ours, theirs] = self.columns;
        let row = |row: &Row| (row.title.to_owned(), json!({ ours: row.ours.to_json(), theirs: row.theirs.to_json() }));
        Value::Object(self.rows.iter().map(row).collect())
    }
}

fn memory(run: &Measurement) -> f64 {
    megabytes(usize::try_from(run.peak_memory).unwrap_or(usize::MAX))
}

impl Row {
    fn cells(&self) -> [String; 5] {
        let ratio = match self.better {
            Better::Less => self.theirs.median / self.ours.median,
            Better::More => self.ours.median / self.theirs.median,
        };
        let target = self.target.as_ref().map_or_else(String::new, |target| {
            let (text, met) = match target {
                Target::Under(most) => (format!("under {most}"), self.ours.median < *most),
                Target::UnderRatio(part) => (format!("under 1/{part} of the reference"), ratio > f64::from(*part)),
            };
            format!("{text}: {}", if met { "met" } else { "missed" })
        });
        let value = |spread| self.value(spread);
        [self.title.to_owned(), value(self.ours), value(self.theirs), format!("{ratio:.1}×"), target]
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
    let [title, ours, theirs, ratio] = [0, 1, 2, 3].map(|column| width(column).unwrap_or_default());
    rows.iter().fold(String::new(), |mut table, [a, b, c, d, e]| {
        let line = format!("{a:title$}  {b:>ours$}  {c:>theirs$}  {d:>ratio$}  {e}");
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

#[expect(clippy::cast_precision_loss, reason = "no digit is shown")]
fn thousands(count: u64) -> f64 {
    count as f64 / 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(ours: f64, theirs: f64, target: Target) -> [String; 5] {
        let (ours, theirs) = (Spread::of([ours]), Spread::of([theirs]));
        Row { title: "start", digits: 1, ours, theirs, better: Better::Less, target: Some(target) }.cells()
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
        let (ours, theirs) = (Spread::of([1., 2., 4.]), Spread::of([8.]));
        let row = Row { title: "start", digits: 1, ours, theirs, better: Better::Less, target: None };
        assert_eq!(row.cells(), ["start", "2.0 (1.0–4.0)", "8.0", "4.0×", ""]);
    }

    #[test]
    fn says_the_same_to_a_program() {
        let (ours, theirs) = (Spread::of([1., 2., 4.]), Spread::of([8.]));
        let row = Row { title: "start", digits: 1, ours, theirs, better: Better::Less, target: None };
        let table = Table { columns: ["webhook", "reference"], rows: vec![row] };
        let webhook = json!({"median": 2.0, "min": 1.0, "max": 4.0});
        let reference = json!({"median": 8.0, "min": 8.0, "max": 8.0});
        assert_eq!(table.to_json(), json!({"start": {"webhook": webhook, "reference": reference}}));
    }

    #[test]
    fn has_a_ratio_above_one_where_ours_is_better_whichever_way_that_is() {
        let row = |better| Row {
            title: "",
            digits: 0,
            ours: Spread::of([6.]),
            theirs: Spread::of([2.]),
            better,
            target: None,
        };
        assert_eq!(row(Better::More).cells()[3], "3.0×");
        assert_eq!(row(Better::Less).cells()[3], "0.3×");
    }
}
