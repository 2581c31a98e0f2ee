//! CloudWatch's embedded metric format: JSON lines on standard output, which CloudWatch Logs turns into metrics without a
//! call from here.
//! Format: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::clock::UnixMillis;
use crate::lambda::logging::escape_invisible;

/// The namespace of every metric.
pub(super) const NAMESPACE: &str = "MomentoEventBridge";

/// A metric's name and value.
#[derive(Debug, Clone, PartialEq)]
pub enum Metric {
    /// How often something happened.
    Count(&'static str, usize),
    /// How long something took.
    Millis(&'static str, Duration),
}

impl Metric {
    fn definition(&self) -> Value {
        match self {
            Self::Count(name, _) => json!({"Name": name, "Unit": "Count"}),
            Self::Millis(name, _) => json!({"Name": name, "Unit": "Milliseconds"}),
        }
    }

    fn entry(&self) -> (String, Value) {
        match self {
            Self::Count(name, count) => ((*name).to_owned(), json!(count)),
            Self::Millis(name, time) => ((*name).to_owned(), json!(time.as_secs_f64() * 1_000.)),
        }
    }
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
    pub fn to_line(&self, function_name: &str, UnixMillis(now): UnixMillis) -> String {
        let mut line: Map<String, Value> = self.metrics.iter().map(Metric::entry).collect();
        let mut dimensions = vec![json!(["FunctionName"])];
        line.insert("FunctionName".to_owned(), json!(function_name));
        if let Some((name, value)) = self.dimension {
            dimensions.push(json!(["FunctionName", name]));
            line.insert(name.to_owned(), json!(value));
        }
        let definitions: Vec<Value> = self.metrics.iter().map(Metric::definition).collect();
        line.insert(
            "_aws".to_owned(),
            json!({
                "Timestamp": now,
                "CloudWatchMetrics": [{"Namespace": NAMESPACE, "Dimensions": dimensions, "Metrics": definitions}],
            }),
        );
        escape_invisible(&Value::Object(line).to_string()).into_owned()
    }
}
