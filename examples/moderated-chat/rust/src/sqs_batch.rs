//! A batch of events that come by way of a queue: each is taken by itself, and only those that failed come again.

use std::collections::HashMap;
use std::fmt::Display;
use std::future::Future;
use std::hash::Hash;

use futures::future::join_all;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// A batch as Lambda hands it over.
#[derive(Debug, Deserialize)]
pub struct SqsBatch {
    /// The messages.
    #[serde(rename = "Records")]
    pub records: Vec<SqsMessage>,
}

/// A message of the queue.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SqsMessage {
    message_id: String,
    body: String,
}

/// The messages of a batch that Lambda shall leave in the queue.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchResponse {
    batch_item_failures: Vec<BatchItemFailure>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct BatchItemFailure {
    item_identifier: String,
}

/// An event as the rule has put it in the queue.
#[derive(Debug, Deserialize)]
struct BusEvent<D> {
    detail: D,
}

impl SqsBatch {
    /// Has `take` take the details of all the events, at the same time. What it fails on, and any other event, stays
    /// in the queue, and `report` is told why.
    pub async fn each<D, E, F>(self, take: impl Fn(D) -> F, report: impl Fn(&dyn Display)) -> BatchResponse
    where
        D: DeserializeOwned,
        E: Display,
        F: Future<Output = Result<(), E>>,
    {
        let (take, report) = (&take, &report);
        let outcomes = self.records.into_iter().map(|record| async move {
            let taken = match serde_json::from_str::<BusEvent<D>>(&record.body) {
                Ok(event) => take(event.detail).await.map_err(|error| report(&error)),
                // The error names the place and the field, and not what was written there.
                Err(error) => {
                    report(&format_args!("no event of the chat: {error}"));
                    Err(())
                }
            };
            taken.err().map(|()| BatchItemFailure { item_identifier: record.message_id })
        });
        BatchResponse { batch_item_failures: join_all(outcomes).await.into_iter().flatten().collect() }
    }

    /// Has `take` take the details of all the events in groups, each by itself, at the same time. The groups that it fails on,
    /// and any other event, stay in the queue, and `report` is told why.
    pub async fn each_group<K, D, E, F>(
        self,
        group_of: impl Fn(&D) -> K,
        take: impl Fn(K, Vec<D>) -> F,
        report: impl Fn(&dyn Display),
    ) -> BatchResponse
    where
        K: Eq + Hash,
        D: DeserializeOwned,
        E: Display,
        F: Future<Output = Result<(), E>>,
    {
        let mut failures = Vec::new();
        let mut groups: HashMap<K, (Vec<String>, Vec<D>)> = HashMap::new();
        for SqsMessage { message_id, body } in self.records {
            match serde_json::from_str::<BusEvent<D>>(&body) {
                Ok(BusEvent { detail }) => {
                    let (ids, details) = groups.entry(group_of(&detail)).or_default();
                    ids.push(message_id);
                    details.push(detail);
                }
                Err(error) => {
                    report(&format_args!("not an event of the chat: {error}"));
                    failures.push(message_id);
                }
            }
        }
        let (take, report) = (&take, &report);
        let outcomes = groups.into_iter().map(|(group, (ids, details))| async move {
            let taken = take(group, details).await.map_err(|error| report(&error));
            if taken.is_ok() { Vec::new() } else { ids }
        });
        failures.extend(join_all(outcomes).await.into_iter().flatten());
        let failures = failures.into_iter().map(|item_identifier| BatchItemFailure { item_identifier });
        BatchResponse { batch_item_failures: failures.collect() }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use serde::Deserialize;
    use serde_json::json;

    use super::SqsBatch;

    #[derive(Deserialize)]
    struct Number {
        number: u8,
    }

    #[tokio::test]
    async fn only_what_failed_stays_in_the_queue_and_each_reason_is_told() {
        let record = |id: &str, body: &str| json!({ "messageId": id, "body": body });
        let batch: SqsBatch = serde_json::from_value(json!({ "Records": [
            record("good", r#"{"detail":{"number":1}}"#),
            record("bad", r#"{"detail":{"number":2}}"#),
            record("other", r#"{"detail":{}}"#),
            record("no JSON", "{"),
        ] }))
        .unwrap();
        let reasons = RefCell::new(Vec::new());
        let take = async |Number { number }: Number| if number == 1 { Ok(()) } else { Err(format!("{number} is bad")) };
        let response = batch.each(take, |reason| reasons.borrow_mut().push(reason.to_string())).await;
        assert_eq!(
            json!(response),
            json!({ "batchItemFailures": [
                { "itemIdentifier": "bad" },
                { "itemIdentifier": "other" },
                { "itemIdentifier": "no JSON" },
            ] })
        );
        let mut reasons = reasons.into_inner();
        reasons.sort();
        assert_eq!(reasons.len(), 3);
        assert_eq!(reasons[0], "2 is bad");
        assert!(reasons[1].starts_with("no event of the chat: EOF"), "{}", reasons[1]);
        assert!(reasons[2].starts_with("no event of the chat: missing field `number`"), "{}", reasons[2]);
    }

    #[tokio::test]
    async fn a_group_that_failed_stays_in_the_queue_whole_and_the_others_do_not() {
        let record = |id: u8, number: u8| json!({ "messageId": id.to_string(), "body": json!({ "detail": { "number": number } }).to_string() });
        let records = [record(1, 10), record(2, 21), record(3, 11), record(4, 22)];
        let mut records = records.to_vec();
        records.push(json!({ "messageId": "other", "body": "{}" }));
        let batch: SqsBatch = serde_json::from_value(json!({ "Records": records })).unwrap();
        let take = async |tens: u8, numbers: Vec<Number>| {
            assert_eq!(numbers.len(), 2);
            if tens == 1 { Ok(()) } else { Err("the twenties are bad") }
        };
        let response = batch.each_group(|Number { number }| number / 10, take, |_| ()).await;
        let failed: Vec<_> =
            response.batch_item_failures.iter().map(|failure| failure.item_identifier.as_str()).collect();
        assert_eq!(failed, ["other", "2", "4"]);
    }
}
