use std::collections::HashMap;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConsumedCapacity, ReturnConsumedCapacity, ReturnValuesOnConditionCheckFailure,
};
use aws_sdk_dynamodb::{Client, config};
use aws_types::SdkConfig;

use super::error::service_error;
use super::user_agent::OwnUserAgent;
use crate::claims::{Claim, ClaimAnswer, ClaimTable};
use crate::clock::UnixMillis;
use crate::service_error::ServiceError;

/// The partition key: a request's id.
const ID: &str = "id";
/// The time-to-live attribute, in seconds since the Unix epoch.
const EXPIRES: &str = "expires";
/// Who made a claim.
const CLAIMANT: &str = "claimant";
/// Until when a claim holds, in milliseconds since the Unix epoch.
const CLAIMED_UNTIL: &str = "claimedUntil";
/// There once the request was taken.
const TAKEN: &str = "taken";

/// A DynamoDB table of claims.
#[derive(Debug, Clone)]
pub struct DynamoDb {
    client: Client,
    table: String,
}

impl DynamoDb {
    /// The table with this name or ARN.
    #[must_use]
    pub fn new(config: &SdkConfig, table: String) -> Self {
        Self { client: Client::from_conf(config::Builder::from(config).interceptor(OwnUserAgent).build()), table }
    }
}

impl ClaimTable for DynamoDb {
    async fn claim(&self, claim: &Claim, now: UnixMillis) -> Result<ClaimAnswer, ServiceError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .item(ID, id(claim))
            .item(EXPIRES, number(claim.expires.0.div_ceil(1_000)))
            .item(CLAIMANT, number(claim.claimant))
            .item(CLAIMED_UNTIL, number(claim.until.0))
            // DynamoDB deletes what has expired within days, not at once.
            .condition_expression(format!(
                "attribute_not_exists({ID}) OR {EXPIRES} < :now_in_seconds \
                 OR (attribute_not_exists({TAKEN}) AND ({CLAIMED_UNTIL} < :now OR {CLAIMANT} = :claimant))"
            ))
            .expression_attribute_values(":now_in_seconds", number(now.0 / 1_000))
            .expression_attribute_values(":now", number(now.0))
            .expression_attribute_values(":claimant", number(claim.claimant))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        match put {
            Ok(answer) => check_receipt(answer.consumed_capacity()).map(|()| ClaimAnswer::Granted),
            Err(SdkError::ServiceError(error)) if error.err().is_conditional_check_failed_exception() => {
                Ok(other_claim(error.err()))
            }
            Err(error) => Err(service_error(&error)),
        }
    }

    async fn mark_taken(&self, claim: &Claim) -> Result<(), ServiceError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .key(ID, id(claim))
            // Where the claim was never made, for want of the table, this is the whole entry.
            .update_expression(format!("SET {TAKEN} = :taken, {EXPIRES} = :expires"))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .expression_attribute_values(":taken", AttributeValue::Bool(true))
            .expression_attribute_values(":expires", number(claim.expires.0.div_ceil(1_000)));
        check_receipt(update.send().await.map_err(|error| service_error(&error))?.consumed_capacity())
    }

    async fn release(&self, claim: &Claim) -> Result<(), ServiceError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .key(ID, id(claim))
            .update_expression(format!("SET {CLAIMED_UNTIL} = :never"))
            .condition_expression(format!("{CLAIMANT} = :claimant AND attribute_not_exists({TAKEN})"))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .expression_attribute_values(":never", number(0))
            .expression_attribute_values(":claimant", number(claim.claimant));
        match update.send().await {
            Ok(answer) => check_receipt(answer.consumed_capacity()),
            // It ran out and somebody else's holds, or it was never made: there is nothing to give back.
            Err(SdkError::ServiceError(error)) if error.err().is_conditional_check_failed_exception() => Ok(()),
            Err(error) => Err(service_error(&error)),
        }
    }
}

/// DynamoDB's answer to a write is empty unless it is asked for something. What the write cost is the one thing that only
/// DynamoDB can say, and it costs nothing to ask.
fn check_receipt(consumed: Option<&ConsumedCapacity>) -> Result<(), ServiceError> {
    consumed.map(|_| ()).ok_or_else(|| ServiceError::Unavailable("NoConsumedCapacity".to_owned()))
}

fn other_claim(error: &PutItemError) -> ClaimAnswer {
    let taken = |item: &HashMap<String, AttributeValue>| item.contains_key(TAKEN);
    match error {
        PutItemError::ConditionalCheckFailedException(failed) if failed.item().is_some_and(taken) => ClaimAnswer::Taken,
        _ => ClaimAnswer::InProgress,
    }
}

fn id(claim: &Claim) -> AttributeValue {
    AttributeValue::S(claim.id.as_str().to_owned())
}

fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}
