//! The metrics of one request in CloudWatch's embedded metric format: a JSON line on standard output, which CloudWatch
//! Logs turns into metrics without a call from here.
//! Format: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::clock::UnixMillis;
use crate::freshness::NotFresh;
use crate::webhook::{Arrival, Rejection, Verdict};

/// The namespace of every metric.
pub const NAMESPACE: &str = "MomentoEventBridge";

/// The line that counts what became of a request: every metric by `FunctionName`, rejections by `Reason` too.
#[must_use]
pub fn embedded_metrics(verdict: &Verdict, function_name: &str, UnixMillis(now): UnixMillis) -> String {
    let count = |name| (name, "Count", json!(1));
    let millis = |name, time: Duration| (name, "Milliseconds", json!(time.as_secs_f64() * 1_000.));
    let age = |arrival: &Arrival| millis("MessageAge", arrival.age);
    let (metrics, reason) = match verdict {
        Verdict::Published { arrival, publish_time, .. } => {
            (vec![count("Accepted"), age(arrival), millis("PublishTime", *publish_time)], None)
        }
        Verdict::Parked { arrival, .. } => (vec![count("Accepted"), count("Parked"), age(arrival)], None),
        Verdict::Duplicate { arrival } => (vec![count("Duplicate"), age(arrival)], None),
        Verdict::Lost { arrival, .. } => (vec![count("Lost"), age(arrival)], None),
        Verdict::Rejected(rejection) => (vec![count("Rejected")], Some(reason(rejection))),
    };
    let mut dimensions = vec![json!(["FunctionName"])];
    let mut line = Map::from_iter([("FunctionName".to_owned(), json!(function_name))]);
    if let Some(reason) = reason {
        dimensions.push(json!(["FunctionName", "Reason"]));
        line.insert("Reason".to_owned(), json!(reason));
    }
    let definitions: Vec<Value> = metrics.iter().map(|(name, unit, _)| json!({"Name": name, "Unit": unit})).collect();
    line.extend(metrics.into_iter().map(|(name, _, value)| (name.to_owned(), value)));
    line.insert(
        "_aws".to_owned(),
        json!({
            "Timestamp": now,
            "CloudWatchMetrics": [{"Namespace": NAMESPACE, "Dimensions": dimensions, "Metrics": definitions}],
        }),
    );
    Value::Object(line).to_string()
}

fn reason(rejection: &Rejection) -> &'static str {
    match rejection {
        Rejection::Method => "Method",
        Rejection::TooLarge(_) => "TooLarge",
        Rejection::Signature(_) | Rejection::Unauthorized => "Unauthorized",
        Rejection::NoSecret(_) => "NoSecret",
        Rejection::Payload(_) => "Payload",
        Rejection::NotFresh(NotFresh::Stale(_)) => "Stale",
        Rejection::NotFresh(NotFresh::Future(_)) => "Future",
    }
}
