use std::collections::HashMap;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use aws_sdk_dynamodb::{Client, config};
use aws_types::SdkConfig;
use serde_json::json;

use super::error::service_error;
use super::user_agent::OwnUserAgent;
use crate::checkpoints::{Bid, Checkpoint, CheckpointTable, Fence, Fenced, Lease};
use crate::clock::UnixMillis;
use crate::momento::pubsub::{ResumeAt, Topic};
use crate::service_error::ServiceError;

/// The partition key: [`LEASE`], or the topic.
const ID: &str = "id";
/// The id of the lease. Those of topics are JSON arrays.
const LEASE: &str = "lease";
/// The number of the holder of the lease; of a topic, that of the holder that took it over last.
const FENCE: &str = "fence";
/// The lease: who holds it, for what, until when, from when on it looks for a successor, and who waits.
const HOLDER: &str = "holder";
const PLAN: &str = "plan";
const EXPIRES: &str = "expires";
const HANDS_OVER_FROM: &str = "handsOverFrom";
const SUCCESSOR: &str = "successor";
/// A topic: which checkpoint of its holder it is, and the page and the number of the message to go on with. Without a page:
/// with what Momento still has. Without a number: there is no checkpoint.
const REVISION: &str = "revision";
const PAGE: &str = "page";
const NUMBER: &str = "number";

type Item = HashMap<String, AttributeValue>;

/// A DynamoDB table with a lease and checkpoints.
#[derive(Debug, Clone)]
pub struct Checkpoints {
    client: Client,
    table: String,
}

/// What a conditional update came to: the item as it is now, or as it is without the update where its condition is not met.
enum Updated {
    Done(Item),
    NotMet(Item),
}

impl Checkpoints {
    /// The table with this name or ARN.
    #[must_use]
    pub fn new(config: &SdkConfig, table: String) -> Self {
        Self { client: Client::from_conf(config::Builder::from(config).interceptor(OwnUserAgent).build()), table }
    }

    fn update(&self, id: &str) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.table)
            .key(ID, AttributeValue::S(id.to_owned()))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }
}

impl CheckpointTable for Checkpoints {
    async fn lease(&self) -> Result<Option<Lease>, ServiceError> {
        let get = self
            .client
            .get_item()
            .table_name(&self.table)
            .key(ID, AttributeValue::S(LEASE.to_owned()))
            .consistent_read(true);
        let answer = get.send().await.map_err(|error| service_error(&error))?;
        answer.item.map(|item| lease(&item).ok_or_else(unreadable)).transpose()
    }

    async fn acquire(&self, bid: &Bid, seen: Option<Fence>) -> Result<Option<Fence>, ServiceError> {
        let fence = Fence(seen.map_or(1, |Fence(seen)| seen.saturating_add(1)));
        let update = self
            .update(LEASE)
            .update_expression(format!(
                "SET {FENCE} = :fence, {HOLDER} = :holder, #plan = :plan, {EXPIRES} = :expires, \
                 {HANDS_OVER_FROM} = :from REMOVE {SUCCESSOR}"
            ))
            // A reserved word.
            .expression_attribute_names("#plan", PLAN)
            .expression_attribute_values(":fence", number(fence.0))
            .expression_attribute_values(":holder", AttributeValue::S(bid.holder.clone()))
            .expression_attribute_values(":plan", AttributeValue::S(bid.plan.clone()))
            .expression_attribute_values(":expires", number(bid.expires.0))
            .expression_attribute_values(":from", number(bid.hands_over_from.0));
        let update = match seen {
            None => update.condition_expression(format!("attribute_not_exists({ID})")),
            Some(Fence(seen)) => update
                .condition_expression(format!("{FENCE} = :seen"))
                .expression_attribute_values(":seen", number(seen)),
        };
        Ok(match send(update).await? {
            Updated::Done(_) => Some(fence),
            Updated::NotMet(_) => None,
        })
    }

    async fn renew(&self, fence: Fence, expires: UnixMillis) -> Result<Result<Option<String>, Fenced>, ServiceError> {
        let update = self
            .update(LEASE)
            .update_expression(format!("SET {EXPIRES} = :expires"))
            .condition_expression(format!("{FENCE} = :fence"))
            .expression_attribute_values(":expires", number(expires.0))
            .expression_attribute_values(":fence", number(fence.0));
        Ok(match send(update).await? {
            Updated::Done(item) => Ok(text(&item, SUCCESSOR)),
            Updated::NotMet(_) => Err(Fenced),
        })
    }

    async fn announce(&self, Fence(holder): Fence, successor: &str) -> Result<Result<(), Fenced>, ServiceError> {
        let update = self
            .update(LEASE)
            .update_expression(format!("SET {SUCCESSOR} = :successor"))
            .condition_expression(format!("{FENCE} = :holder"))
            .expression_attribute_values(":successor", AttributeValue::S(successor.to_owned()))
            .expression_attribute_values(":holder", number(holder));
        Ok(done_or_fenced(&send(update).await?))
    }

    async fn release(&self, fence: Fence) -> Result<Result<(), Fenced>, ServiceError> {
        let update = self
            .update(LEASE)
            .update_expression(format!("SET {EXPIRES} = :never"))
            .condition_expression(format!("{FENCE} = :fence"))
            .expression_attribute_values(":never", number(0))
            .expression_attribute_values(":fence", number(fence.0));
        Ok(done_or_fenced(&send(update).await?))
    }

    async fn take_over(&self, topic: &Topic, fence: Fence) -> Result<Result<Option<ResumeAt>, Fenced>, ServiceError> {
        let update = self
            .update(&id(topic))
            .update_expression(format!("SET {FENCE} = :fence, {REVISION} = :none"))
            .condition_expression(format!("attribute_not_exists({FENCE}) OR {FENCE} < :fence"))
            .expression_attribute_values(":fence", number(fence.0))
            .expression_attribute_values(":none", number(0));
        let item = match send(update).await? {
            Updated::Done(item) => item,
            // An answer was lost.
            Updated::NotMet(item) if find_number(&item, FENCE) == Some(fence.0) => item,
            Updated::NotMet(_) => return Ok(Err(Fenced)),
        };
        let is_there = item.contains_key(NUMBER) || item.contains_key(PAGE);
        Ok(Ok(is_there.then(|| match (find_number(&item, PAGE), find_number(&item, NUMBER)) {
            (Some(page), Some(number)) => ResumeAt::Number { page, number },
            // Also where somebody's edit cannot be read: copies of what Momento still has are better than a silent gap.
            _ => ResumeAt::Available,
        })))
    }

    async fn write(&self, topic: &Topic, checkpoint: &Checkpoint) -> Result<Result<(), Fenced>, ServiceError> {
        let (page, at) = match checkpoint.resume_at {
            ResumeAt::Number { page, number } => (Some(page), number),
            ResumeAt::Newest | ResumeAt::Available => (None, 1),
        };
        let update = self
            .update(&id(topic))
            .condition_expression(format!("{FENCE} = :fence AND {REVISION} < :revision"))
            .expression_attribute_names("#number", NUMBER)
            .expression_attribute_values(":number", number(at))
            .expression_attribute_values(":fence", number(checkpoint.fence.0))
            .expression_attribute_values(":revision", number(checkpoint.revision));
        let update = match page {
            Some(page) => update
                .update_expression(format!("SET {REVISION} = :revision, {PAGE} = :page, #number = :number"))
                .expression_attribute_values(":page", number(page)),
            None => update.update_expression(format!("SET {REVISION} = :revision, #number = :number REMOVE {PAGE}")),
        };
        Ok(match send(update).await? {
            Updated::Done(_) => Ok(()),
            // This one has arrived before, and so has its answer, or a later one has.
            Updated::NotMet(item) if find_number(&item, FENCE) == Some(checkpoint.fence.0) => Ok(()),
            Updated::NotMet(_) => Err(Fenced),
        })
    }
}

async fn send(update: UpdateItemFluentBuilder) -> Result<Updated, ServiceError> {
    match update.send().await {
        // Each update asks for the item, so that an answer without it is not from DynamoDB.
        Ok(answer) => {
            let item = answer.attributes.ok_or_else(|| ServiceError::Unavailable("NoAttributes".to_owned()));
            item.map(Updated::Done)
        }
        Err(SdkError::ServiceError(error)) if error.err().is_conditional_check_failed_exception() => {
            Ok(Updated::NotMet(old_item(error.into_err())))
        }
        Err(error) => Err(service_error(&error)),
    }
}

fn old_item(error: UpdateItemError) -> Item {
    match error {
        UpdateItemError::ConditionalCheckFailedException(failed) => failed.item.unwrap_or_default(),
        _ => Item::new(),
    }
}

fn done_or_fenced(updated: &Updated) -> Result<(), Fenced> {
    match updated {
        Updated::Done(_) => Ok(()),
        Updated::NotMet(_) => Err(Fenced),
    }
}

/// A topic's id: a JSON array, so that no name needs an escape and none is another's.
fn id(topic: &Topic) -> String {
    json!([topic.cache, topic.name]).to_string()
}

fn lease(item: &Item) -> Option<Lease> {
    Some(Lease {
        fence: Fence(find_number(item, FENCE)?),
        holder: text(item, HOLDER)?,
        plan: text(item, PLAN)?,
        expires: UnixMillis(find_number(item, EXPIRES)?),
        hands_over_from: UnixMillis(find_number(item, HANDS_OVER_FROM)?),
        successor: text(item, SUCCESSOR),
    })
}

fn unreadable() -> ServiceError {
    ServiceError::Refused("UnreadableLease".to_owned())
}

fn text(item: &Item, attribute: &str) -> Option<String> {
    item.get(attribute)?.as_s().ok().cloned()
}

fn find_number(item: &Item, attribute: &str) -> Option<u64> {
    item.get(attribute)?.as_n().ok()?.parse().ok()
}

fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}
