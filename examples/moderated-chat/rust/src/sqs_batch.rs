//! A batch of events that come by way of a queue: each is taken by itself, and only those that failed come again.

use std::fmt::Display;
use std::future::Future;

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
}
