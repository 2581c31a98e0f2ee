use momento_eventbridge::clock::UnixMillis;
use serde_json::{Value, json};

use crate::fakes::{Behaviour, Gateway, NOW, body_at, refused, request, signed};

async fn metrics(gateway: &Gateway, request: Value) -> Value {
    let verdict = gateway.receive(request).await;
    serde_json::from_str(&verdict.metrics().to_line("in", UnixMillis(NOW))).unwrap()
}

fn names(document: &Value) -> Vec<&str> {
    let metrics = document["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap();
    metrics.iter().map(|metric| metric["Name"].as_str().unwrap()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_published_message_counts_as_accepted_with_its_age_and_the_time_it_took() {
    let document = metrics(&Gateway::new(), signed(&body_at(NOW - 1_500))).await;
    assert_eq!(
        document,
        json!({
            "_aws": {
                "Timestamp": NOW,
                "CloudWatchMetrics": [{
                    "Namespace": "MomentoEventBridge",
                    "Dimensions": [["FunctionName"]],
                    "Metrics": [
                        {"Name": "Accepted", "Unit": "Count"},
                        {"Name": "PublishTime", "Unit": "Milliseconds"},
                        {"Name": "MessageAge", "Unit": "Milliseconds"},
                    ],
                }],
            },
            "FunctionName": "in",
            "Accepted": 1,
            "MessageAge": 1500.0,
            "PublishTime": 0.0,
        })
    );
}

#[tokio::test(start_paused = true)]
async fn a_rejection_counts_in_all_and_by_its_reason() {
    let gateway = Gateway::new();
    let cases = [
        (request("GET", None, ""), "Method"),
        (signed(&"x".repeat(200_000)), "TooLarge"),
        (request("POST", None, ""), "Unauthorized"),
        (request("POST", Some(&"0".repeat(64)), ""), "Unauthorized"),
        (signed("{}"), "Payload"),
        (signed(&body_at(0)), "Stale"),
        (signed(&body_at(2 * NOW)), "Future"),
    ];
    for (request, reason) in cases {
        let document = metrics(&gateway, request).await;
        assert_eq!((document["Rejected"].as_u64(), document["Reason"].as_str()), (Some(1), Some(reason)));
        let dimensions = &document["_aws"]["CloudWatchMetrics"][0]["Dimensions"];
        assert_eq!(dimensions, &json!([["FunctionName"], ["FunctionName", "Reason"]]));
    }
    let gateway = Gateway::new();
    *gateway.secrets.current.lock().unwrap() = None;
    assert_eq!(metrics(&gateway, signed(&body_at(NOW))).await["Reason"], "NoSecret");
}

#[tokio::test(start_paused = true)]
async fn duplicates_parked_and_lost_messages_are_counted() {
    let gateway = Gateway::new();
    gateway.receive(signed(&body_at(NOW))).await;
    assert_eq!(names(&metrics(&gateway, signed(&body_at(NOW))).await), ["Duplicate", "MessageAge"]);
    let parked = metrics(&Gateway::with([refused()], [Behaviour::Take]), signed(&body_at(NOW))).await;
    assert_eq!(names(&parked), ["Accepted", "Parked", "MessageAge"]);
    let lost = metrics(&Gateway::with([refused()], [refused()]), signed(&body_at(NOW))).await;
    assert_eq!(names(&lost), ["Lost", "MessageAge"]);
}
