//! What is asked of the table with the lease and the checkpoints, and what its answers are taken for.

use std::sync::{Arc, Mutex};

use aws_types::SdkConfig;
use momento_eventbridge::aws::Checkpoints;
use momento_eventbridge::checkpoints::{Bid, Checkpoint, CheckpointTable, Fence, Fenced, Lease};
use momento_eventbridge::clock::UnixMillis;
use momento_eventbridge::momento::pubsub::{ResumeAt, Topic};
use momento_eventbridge::service_error::ServiceError;
use serde_json::{Value, json};

use crate::aws::service;

fn table(status: u16, answer: &Value) -> (Checkpoints, Arc<Mutex<Value>>) {
    let (config, asked): (SdkConfig, _) = service(status, answer);
    (Checkpoints::new(&config, "table".to_owned()), asked)
}

/// The answer to an update whose condition is not met.
fn not_met(item: &Value) -> Value {
    json!({"__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException", "Item": item})
}

fn topic() -> Topic {
    Topic { cache: "a\"b".to_owned(), name: "c,d".to_owned() }
}

fn bid() -> Bid {
    Bid {
        holder: "me".to_owned(),
        plan: "plan".to_owned(),
        expires: UnixMillis(30_000),
        hands_over_from: UnixMillis(800_000),
    }
}

#[tokio::test]
async fn the_lease_is_read_consistently() {
    let item = json!({
        "id": {"S": "lease"}, "fence": {"N": "7"}, "holder": {"S": "me"}, "plan": {"S": "plan"},
        "expires": {"N": "30000"}, "handsOverFrom": {"N": "800000"}, "successor": {"S": "next"},
    });
    let (found, asked) = table(200, &json!({"Item": item}));
    let Bid { holder, plan, expires, hands_over_from } = bid();
    let lease = Lease { fence: Fence(7), holder, plan, expires, hands_over_from, successor: Some("next".to_owned()) };
    assert_eq!(found.lease().await, Ok(Some(lease)));
    assert_eq!(asked.lock().unwrap()["Key"], json!({"id": {"S": "lease"}}));
    assert_eq!(asked.lock().unwrap()["ConsistentRead"], true);
    assert_eq!(table(200, &json!({})).0.lease().await, Ok(None));
    let unreadable = table(200, &json!({"Item": {"id": {"S": "lease"}}})).0.lease().await;
    assert_eq!(unreadable, Err(ServiceError::Refused("UnreadableLease".to_owned())));
}

#[tokio::test]
async fn a_lease_is_acquired_from_the_holder_that_was_seen_only() {
    let (free, asked) = table(200, &json!({"Attributes": {}}));
    assert_eq!(free.acquire(&bid(), None).await, Ok(Some(Fence(1))));
    assert_eq!(asked.lock().unwrap()["ConditionExpression"], "attribute_not_exists(id)");
    assert_eq!(free.acquire(&bid(), Some(Fence(7))).await, Ok(Some(Fence(8))));
    let asked = asked.lock().unwrap().clone();
    assert_eq!(asked["ConditionExpression"], "fence = :seen");
    let values = &asked["ExpressionAttributeValues"];
    assert_eq!((&values[":seen"], &values[":fence"]), (&json!({"N": "7"}), &json!({"N": "8"})));
    assert_eq!((&values[":holder"], &values[":expires"]), (&json!({"S": "me"}), &json!({"N": "30000"})));
    assert!(asked["UpdateExpression"].as_str().unwrap().ends_with("REMOVE successor"));
    let (taken, _) = table(400, &not_met(&json!({})));
    assert_eq!(taken.acquire(&bid(), Some(Fence(7))).await, Ok(None));
}

#[tokio::test]
async fn only_the_newest_holder_can_renew_be_told_of_a_successor_and_give_up() {
    let (mine, asked) = table(200, &json!({"Attributes": {"successor": {"S": "next"}}}));
    assert_eq!(mine.renew(Fence(7), UnixMillis(9)).await, Ok(Ok(Some("next".to_owned()))));
    assert_eq!(asked.lock().unwrap()["ConditionExpression"], "fence = :fence");
    assert_eq!(mine.announce(Fence(7), "next").await, Ok(Ok(())));
    assert_eq!(asked.lock().unwrap()["ConditionExpression"], "fence = :holder");
    assert_eq!(mine.release(Fence(7)).await, Ok(Ok(())));
    assert_eq!(asked.lock().unwrap()["ExpressionAttributeValues"][":never"], json!({"N": "0"}));
    let (taken, _) = table(400, &not_met(&json!({"fence": {"N": "8"}})));
    assert_eq!(taken.renew(Fence(7), UnixMillis(9)).await, Ok(Err(Fenced)));
    assert_eq!(taken.announce(Fence(7), "next").await, Ok(Err(Fenced)));
    assert_eq!(taken.release(Fence(7)).await, Ok(Err(Fenced)));
}

#[tokio::test]
async fn taking_a_topic_over_says_where_to_go_on() {
    let fence = json!({"N": "7"});
    let at = ResumeAt::Number { page: 1, number: 2 };
    for (item, resume_at) in [
        (json!({"fence": fence}), None),
        (json!({"fence": fence, "number": {"N": "1"}}), Some(ResumeAt::Available)),
        (json!({"fence": fence, "page": {"N": "1"}, "number": {"N": "2"}}), Some(at)),
        // Edited by hand: nothing is skipped in silence.
        (json!({"fence": fence, "page": {"N": "1"}, "number": {"S": "2"}}), Some(ResumeAt::Available)),
        (json!({"fence": fence, "page": {"N": "1"}, "number": {"N": "-2"}}), Some(ResumeAt::Available)),
        (json!({"fence": fence, "page": {"S": "1"}, "number": {"N": "2"}}), Some(ResumeAt::Available)),
        (json!({"fence": fence, "page": {"N": "1"}}), Some(ResumeAt::Available)),
    ] {
        let (taken, asked) = table(200, &json!({"Attributes": item}));
        assert_eq!(taken.take_over(&topic(), Fence(7)).await, Ok(Ok(resume_at)));
        let asked = asked.lock().unwrap().clone();
        assert_eq!(asked["Key"]["id"]["S"], r#"["a\"b","c,d"]"#);
        assert_eq!(asked["ConditionExpression"], "attribute_not_exists(fence) OR fence < :fence");
        // The answer to the same call before was lost.
        assert_eq!(table(400, &not_met(&item)).0.take_over(&topic(), Fence(7)).await, Ok(Ok(resume_at)));
        assert_eq!(table(400, &not_met(&item)).0.take_over(&topic(), Fence(6)).await, Ok(Err(Fenced)));
    }
}

#[tokio::test]
async fn a_checkpoint_is_written_by_who_took_the_topic_over_unless_a_later_one_is_there() {
    let checkpoint = |resume_at| Checkpoint { fence: Fence(7), revision: 3, resume_at };
    let number = checkpoint(ResumeAt::Number { page: u64::MAX, number: 2 });
    let (mine, asked) = table(200, &json!({"Attributes": {}}));
    assert_eq!(mine.write(&topic(), &number).await, Ok(Ok(())));
    let sent = asked.lock().unwrap().clone();
    assert_eq!(sent["ConditionExpression"], "fence = :fence AND revision < :revision");
    assert_eq!(
        sent["ExpressionAttributeValues"],
        json!({
            ":fence": {"N": "7"}, ":revision": {"N": "3"}, ":page": {"N": "18446744073709551615"}, ":number": {"N": "2"},
        })
    );
    assert_eq!(mine.write(&topic(), &checkpoint(ResumeAt::Available)).await, Ok(Ok(())));
    assert!(asked.lock().unwrap()["UpdateExpression"].as_str().unwrap().ends_with("REMOVE page"));
    let answer = |fence: &str| not_met(&json!({"fence": {"N": fence}, "revision": {"N": "3"}}));
    assert_eq!(table(400, &answer("7")).0.write(&topic(), &number).await, Ok(Ok(())));
    assert_eq!(table(400, &answer("8")).0.write(&topic(), &number).await, Ok(Err(Fenced)));
}

#[tokio::test]
async fn an_answer_without_the_item_has_changed_nothing() {
    let (empty, _) = table(200, &json!({}));
    let nothing = || ServiceError::Unavailable("NoAttributes".to_owned());
    let checkpoint = Checkpoint { fence: Fence(7), revision: 3, resume_at: ResumeAt::Available };
    assert_eq!(empty.acquire(&bid(), None).await, Err(nothing()));
    assert_eq!(empty.renew(Fence(7), UnixMillis(9)).await, Err(nothing()));
    assert_eq!(empty.take_over(&topic(), Fence(7)).await, Err(nothing()));
    assert_eq!(empty.write(&topic(), &checkpoint).await, Err(nothing()));
}
