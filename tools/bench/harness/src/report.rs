//! What the measurements come to: tables, targets and the plot's bars.

use std::time::Duration;

use serde_json::{Value, json};

use crate::backlog::MESSAGES;
use crate::batch_run::BatchRun;
use crate::contender::Contender;
use crate::counts::{DeliverCounts, WebhookCounts};
use crate::plot::{Bar, Panel};
use crate::subscriber_run::{IDLE, SubscriberRun};
use crate::table::{Limit, Row, Table, Target};
use crate::webhook_run::WebhookRun;

// Where the contenders are in the table of webhooks.
const OURS: usize = 0;
const REFERENCE: usize = 1;
const SDK_FLOOR: usize = 2;

const CONNECTED: &str = "start, bus connected, ms";
const READY: &str = "start, exec to ready, ms";
const CPU: &str = "CPU of an event, µs";
const CPU_REFUSED: &str = "CPU of a rejected request, µs";
const MEMORY: &str = "peak memory, MB";
const ZIP: &str = "zip, MB";
const FIRST: &str = "first event, K instructions";
const EVENT: &str = "event, K instructions";
const EVENT_4_KB: &str = "event of 4 KB, K instructions";
const EVENT_100_KB: &str = "event of 100 KB, K instructions";
const REFUSED: &str = "rejected request, K instructions";
const EVENTS_A_SECOND: &str = "events a second";
const MESSAGES_A_SECOND: &str = "backlog, messages a second";
const IDLE_CPU: &str = "idle, % of a core";
const FIRST_BATCH: &str = "first batch, K instructions";

/// What was counted of each handler of webhooks, as far as there are tools for it.
#[derive(Default)]
pub(crate) struct Counted {
    pub(crate) instructions: Option<WebhookCounts>,
    pub(crate) system_calls: Option<f64>,
}

/// The handlers of webhooks.
pub(crate) fn of_webhooks(contenders: &[Contender], runs: &[Vec<WebhookRun>], counted: &[Counted]) -> Table {
    let measured =
        |title, digits, value: fn(&WebhookRun) -> f64| Row::measured(title, digits, runs, |run| Some(value(run)));
    let refused = |title, digits, value: fn(&WebhookRun) -> Option<f64>| Row::measured(title, digits, runs, value);
    let instructions = |title, count: fn(&WebhookCounts) -> Option<u64>| {
        Row::of(title, 0, counted, move |counted| Some(thousands(count(counted.instructions.as_ref()?)?)))
    };
    let rows = vec![
        measured(READY, 2, |run| millis(run.start.time)),
        measured(CONNECTED, 2, |run| millis(run.connected)),
        measured("CPU at start, ms", 2, |run| millis(run.start.cpu)),
        measured("first invocation, ms", 2, |run| millis(run.first)),
        measured("warm invocation, p50, µs", 0, |run| micros(run.warm.median)),
        measured("warm invocation, p99, µs", 0, |run| micros(run.warm.p99)),
        measured(CPU, 0, |run| micros(run.warm.cpu)),
        measured("CPU of an event of 4 KB, µs", 0, |run| micros(run.of_4_kb.cpu)),
        measured("CPU of an event of 100 KB, µs", 0, |run| micros(run.of_100_kb.cpu)),
        measured("event after the bus hung up, p50, ms", 2, |run| millis(run.disconnected.median)),
        measured("CPU of such an event, ms", 2, |run| millis(run.disconnected.cpu)),
        refused(CPU_REFUSED, 0, |run| Some(micros(run.refused?.cpu))),
        measured(MEMORY, 2, |run| megabytes(run.peak_memory)),
        Row::of("binary, MB", 2, contenders, |contender| Some(megabytes(bytes(contender.size)))),
        Row::of(ZIP, 2, contenders, |contender| Some(megabytes(bytes(contender.zip_size)))),
        instructions("start, K instructions", |counts| Some(counts.start)),
        instructions(FIRST, |counts| Some(counts.first)),
        instructions(EVENT, |counts| Some(counts.warm)),
        instructions(EVENT_4_KB, |counts| Some(counts.warm_4_kb)),
        instructions(EVENT_100_KB, |counts| Some(counts.warm_100_kb)),
        instructions(REFUSED, |counts| counts.refused),
        Row::of("system calls of an event", 1, counted, |counted| counted.system_calls),
    ];
    let columns = contenders.iter().map(|contender| contender.name).collect();
    Table { columns, ratios: vec![[REFERENCE, OURS], [OURS, SDK_FLOOR]], rows }
}

/// What the project wants of the handler of webhooks.
pub(crate) fn targets_of_webhooks(table: &Table) -> Vec<Target> {
    let ours = |title| table.median(title, OURS);
    let parts = |one: Option<f64>, other: Option<f64>| Some(one? / other?);
    let target = |title, value, limit| Target { title, value, limit };
    vec![
        target("event, K instructions", ours(EVENT), Limit::AtMost(800.)),
        target(
            "CPU of an event ÷ that of the SDK floor",
            parts(ours(CPU), table.median(CPU, SDK_FLOOR)),
            Limit::AtMost(1.25),
        ),
        target("first event, K instructions", ours(FIRST), Limit::AtMost(900.)),
        target("rejected request, K instructions", ours(REFUSED), Limit::AtMost(250.)),
        target("event ÷ rejected request, instructions", parts(ours(EVENT), ours(REFUSED)), Limit::AtLeast(3.)),
        target("event ÷ rejected request, CPU", parts(ours(CPU), ours(CPU_REFUSED)), Limit::AtLeast(3.)),
        target("event of 4 KB, K instructions", ours(EVENT_4_KB), Limit::AtMost(1_500.)),
        target("event of 100 KB, K instructions", ours(EVENT_100_KB), Limit::AtMost(20_000.)),
        target(
            "start of the reference ÷ ours with the bus connected",
            parts(table.median(READY, REFERENCE), ours(CONNECTED)),
            Limit::AtLeast(6.),
        ),
        target("peak memory, MB", ours(MEMORY), Limit::AtMost(7.7)),
        target("zip, MB", ours(ZIP), Limit::AtMost(2.2)),
    ]
}

/// The handler of commands with all calls of a batch at once, beside itself with one after the other.
pub(crate) fn of_batches(
    columns: Vec<&'static str>,
    events: u32,
    runs: &[Vec<BatchRun>],
    counts: &[Option<DeliverCounts>],
) -> Table {
    let measured =
        |title, digits, value: fn(&BatchRun) -> f64| Row::measured(title, digits, runs, |run| Some(value(run)));
    let instructions = |title, count: fn(&DeliverCounts) -> u64| {
        Row::of(title, 0, counts, move |counts| counts.as_ref().map(|counts| thousands(count(counts))))
    };
    let rate = |run: &BatchRun| Some(f64::from(events) / run.warm.median.as_secs_f64());
    let rows = vec![
        Row::measured(EVENTS_A_SECOND, 0, runs, rate),
        measured("full batch, p50, ms", 2, |run| millis(run.warm.median)),
        measured("full batch, p99, ms", 2, |run| millis(run.warm.p99)),
        measured("CPU of an event, µs", 0, |run| micros(run.warm.cpu)),
        measured("first batch, ms", 2, |run| millis(run.first)),
        measured("start, exec to ready, ms", 2, |run| millis(run.start.time)),
        measured("CPU at start, ms", 2, |run| millis(run.start.cpu)),
        measured("peak memory, MB", 2, |run| megabytes(run.peak_memory)),
        instructions("start, K instructions", |counts| counts.start),
        instructions(FIRST_BATCH, |counts| counts.first_batch),
        instructions("full batch, K instructions", |counts| counts.batch),
    ];
    Table { columns, ratios: vec![[0, 1]], rows }
}

/// What the project wants of the handler of commands.
pub(crate) fn targets_of_batches(table: &Table) -> Vec<Target> {
    let rate = |column| table.median(EVENTS_A_SECOND, column);
    let gain = || Some(rate(0)? / rate(1)?);
    vec![
        Target { title: "full batches ÷ one call at a time", value: gain(), limit: Limit::AtLeast(9.) },
        Target {
            title: "first batch, K instructions",
            value: table.median(FIRST_BATCH, 0),
            limit: Limit::AtMost(17_000.),
        },
    ]
}

/// The subscribers.
pub(crate) fn of_subscribers(contenders: &[Contender], runs: &[Vec<SubscriberRun>]) -> Table {
    let measured =
        |title, digits, value: fn(&SubscriberRun) -> f64| Row::measured(title, digits, runs, |run| Some(value(run)));
    let rows = vec![
        measured(MESSAGES_A_SECOND, 0, |run| f64::from(MESSAGES) / run.backlog.as_secs_f64()),
        measured("events in a call to the bus", 1, |run| run.events_a_call),
        measured("CPU of a message, µs", 0, |run| micros(run.message_cpu)),
        measured(MEMORY, 2, |run| megabytes(run.peak_memory)),
        measured(IDLE_CPU, 3, |run| 100. * run.idle_cpu.as_secs_f64() / IDLE.as_secs_f64()),
        measured(READY, 2, |run| millis(run.start.time)),
        measured("CPU at start, ms", 2, |run| millis(run.start.cpu)),
        Row::of("binary, MB", 2, contenders, |contender| Some(megabytes(bytes(contender.size)))),
        Row::of(ZIP, 2, contenders, |contender| Some(megabytes(bytes(contender.zip_size)))),
    ];
    Table { columns: contenders.iter().map(|contender| contender.name).collect(), ratios: vec![[1, 0]], rows }
}

/// What the project wants of the subscriber.
pub(crate) fn targets_of_subscribers(table: &Table) -> Vec<Target> {
    let target = |title, row, limit| Target { title, value: table.median(row, 0), limit };
    vec![
        target("a backlog of 10,000, messages a second", MESSAGES_A_SECOND, Limit::AtLeast(3_000.)),
        target("peak memory, MB", MEMORY, Limit::AtMost(16.)),
        target("idle, % of a core", IDLE_CPU, Limit::AtMost(0.2)),
    ]
}

/// The plot's panels.
pub(crate) fn panels(webhooks: &Table) -> Vec<Panel> {
    let panel = |title, unit, digits, row| {
        let bars = webhooks.columns.iter().enumerate().filter_map(|(column, name)| {
            Some(Bar { label: name, value: webhooks.median(row, column)?, is_ours: column == OURS })
        });
        Panel { title, unit, digits, bars: bars.collect() }
    };
    vec![
        panel("Start, with the bus connected", "ms", 1, CONNECTED),
        panel("CPU of an event with 256 bytes of text", "µs", 0, CPU),
    ]
}

/// All of it for a program.
pub(crate) fn to_json(table: &Table, targets: &[Target]) -> Value {
    json!({ "table": table.to_json(), "targets": targets.iter().map(Target::to_json).collect::<Vec<_>>() })
}

/// All of it for a person.
pub(crate) fn to_text(table: &Table, targets: &[Target]) -> String {
    format!("{}\n{}", table.to_text(), targets.iter().map(Target::to_text).collect::<String>())
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

fn bytes(size: usize) -> u64 {
    u64::try_from(size).unwrap_or(u64::MAX)
}

#[expect(clippy::cast_precision_loss, reason = "two digits are shown")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

#[expect(clippy::cast_precision_loss, reason = "no digit is shown")]
fn thousands(count: u64) -> f64 {
    count as f64 / 1e3
}
