use std::time::Duration;

use momento_eventbridge::clock::UnixMillis;
use momento_eventbridge::lambda::metrics::{Metric, Metrics};
use serde_json::{Value, json};

fn line(metrics: &Metrics<'_>) -> Value {
    serde_json::from_str(&metrics.to_line("function", UnixMillis(7))).unwrap()
}

#[test]
fn metrics_are_counted_by_the_function_and_by_a_dimension_too_where_there_is_one() {
    let metrics = vec![Metric::Count("Taken", 3), Metric::Millis("Time", Duration::from_micros(1_500))];
    let mut expected = json!({
        "_aws": {
            "Timestamp": 7,
            "CloudWatchMetrics": [{
                "Namespace": "MomentoEventBridge",
                "Dimensions": [["FunctionName"]],
                "Metrics": [{"Name": "Taken", "Unit": "Count"}, {"Name": "Time", "Unit": "Milliseconds"}],
            }],
        },
        "FunctionName": "function",
        "Taken": 3,
        "Time": 1.5,
    });
    assert_eq!(line(&Metrics::from(metrics.clone())), expected);
    expected["_aws"]["CloudWatchMetrics"][0]["Dimensions"] = json!([["FunctionName"], ["FunctionName", "Kind"]]);
    expected["Kind"] = json!("small");
    assert_eq!(line(&Metrics { metrics, dimension: Some(("Kind", "small")) }), expected);
}
