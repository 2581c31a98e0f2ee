//! CloudWatch's embedded metric format: JSON lines on standard output, which CloudWatch Logs turns into metrics without a
//! call from here.
//! Format: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use std::time::Duration;

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use crate::clock::UnixMillis;
use crate::lambda::logging::escape_invisible;

/// The namespace of every metric.
pub(super) const NAMESPACE: &str = "MomentoEventBridge";
/// The dimension of every metric.
const FUNCTION_NAME: &str = "FunctionName";

/// A metric's name and value.
#[derive(Debug, Clone, PartialEq)]
pub enum Metric {
    /// How often something happened.
    Count(&'static str, usize),
    /// How long something took.
    Millis(&'static str, Duration),
    /// How long each of several things took: 100 at most.
    EachMillis(&'static str, Vec<Duration>),
}

impl Metric {
    fn definition(&self) -> Definition {
        match self {
            Self::Count(name, _) => Definition { name, unit: "Count" },
            Self::Millis(name, _) | Self::EachMillis(name, _) => Definition { name, unit: "Milliseconds" },
        }
    }
}

fn millis(time: &Duration) -> f64 {
    time.as_secs_f64() * 1_000.
}

/// What is counted at once.
#[derive(Debug, Clone, PartialEq)]
pub struct Metrics<'a> {
    /// The metrics, each by `FunctionName`.
    pub metrics: Vec<Metric>,
    /// The name and the value of a dimension that they are also counted by.
    pub dimension: Option<(&'static str, &'a str)>,
}

impl From<Vec<Metric>> for Metrics<'_> {
    fn from(metrics: Vec<Metric>) -> Self {
        Self { metrics, dimension: None }
    }
}

impl Metrics<'_> {
    /// The line that has CloudWatch count them.
    #[must_use]
    #[expect(clippy::expect_used, clippy::missing_panics_doc, reason = "strings and numbers always serialise")]
    pub fn to_line(&self, function_name: &str, UnixMillis(now): UnixMillis) -> String {
        let line = serde_json::to_string(&Line { metrics: self, function_name, now }).expect("metrics are JSON");
        escape_invisible(&line).into_owned()
    }
}

/// A line, written as it is: to build a `serde_json::Value` first took, with the headers that nobody reads, 42,000 instructions an
/// event.
struct Line<'a> {
    metrics: &'a Metrics<'a>,
    function_name: &'a str,
    now: u64,
}

impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut line = serializer.serialize_map(None)?;
        let mut dimensions = vec![vec![FUNCTION_NAME]];
        line.serialize_entry(FUNCTION_NAME, self.function_name)?;
        if let Some((name, value)) = self.metrics.dimension {
            dimensions.push(vec![FUNCTION_NAME, name]);
            line.serialize_entry(name, value)?;
        }
        for metric in &self.metrics.metrics {
            match metric {
                Metric::Count(name, count) => line.serialize_entry(name, count)?,
                Metric::Millis(name, time) => line.serialize_entry(name, &millis(time))?,
                Metric::EachMillis(name, times) => {
                    line.serialize_entry(name, &times.iter().map(millis).collect::<Vec<_>>())?;
                }
            }
        }
        let metrics = self.metrics.metrics.iter().map(Metric::definition).collect();
        let directive = Directive { namespace: NAMESPACE, dimensions, metrics };
        line.serialize_entry("_aws", &Metadata { timestamp: self.now, directives: [directive] })?;
        line.end()
    }
}

#[derive(Serialize)]
struct Metadata {
    #[serde(rename = "Timestamp")]
    timestamp: u64,
    #[serde(rename = "CloudWatchMetrics")]
    directives: [Directive; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Directive {
    namespace: &'static str,
    dimensions: Vec<Vec<&'static str>>,
    metrics: Vec<Definition>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Definition {
    name: &'static str,
    unit: &'static str,
}
