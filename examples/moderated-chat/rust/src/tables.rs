//! The chat's tables in DynamoDB.

use std::time::{SystemTime, UNIX_EPOCH};

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};

use crate::asking_limit::{Asks, WINDOW_SECONDS};
use crate::aws::code_of;
use crate::history::{Histories, Topic};

/// The table with the last messages of each topic.
#[derive(Debug)]
pub struct HistoryTable {
    client: Client,
    name: String,
}

impl HistoryTable {
    /// The table of this name, with the key `topic`.
    #[must_use]
    pub fn new(config: &SdkConfig, name: String) -> Self {
        Self { client: Client::new(config), name }
    }
}

impl Histories for HistoryTable {
    async fn load(&self, topic: &Topic) -> Result<Option<String>, String> {
        let read = self.client.get_item().table_name(&self.name).key("topic", key(topic)).consistent_read(true);
        let answer = read.send().await.map_err(|error| code_of(&error))?;
        Ok(answer.item.and_then(|mut item| item.remove("history")).and_then(|history| match history {
            AttributeValue::S(history) => Some(history),
            _ => None,
        }))
    }

    async fn save(&self, topic: &Topic, history: &str) -> Result<(), String> {
        let item = self.client.put_item().table_name(&self.name).item("topic", key(topic));
        let written = item.item("history", AttributeValue::S(history.to_owned())).send().await;
        written.map(drop).map_err(|error| code_of(&error))
    }
}

fn key(topic: &Topic) -> AttributeValue {
    AttributeValue::S(format!("{}#{}", topic.cache, topic.name))
}

/// The table that counts how often an address has asked for a token.
#[derive(Debug)]
pub struct AskTable {
    client: Client,
    name: String,
}

impl AskTable {
    /// The table of this name, with the key `asker`, whose items expire at their `expiresAt`.
    #[must_use]
    pub fn new(config: &SdkConfig, name: String) -> Self {
        Self { client: Client::new(config), name }
    }
}

impl Asks for AskTable {
    async fn count(&self, address: &str) -> Result<u32, String> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let window = now / WINDOW_SECONDS;
        let number = |number: u64| AttributeValue::N(number.to_string());
        let answer = self
            .client
            .update_item()
            .table_name(&self.name)
            .key("asker", AttributeValue::S(format!("{address} {window}")))
            .update_expression("ADD asks :one SET expiresAt = :end")
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":end", number((window + 1) * WINDOW_SECONDS))
            .return_values(ReturnValue::UpdatedNew)
            .send()
            .await
            .map_err(|error| code_of(&error))?;
        let asks = answer.attributes().and_then(|item| item.get("asks")).and_then(|asks| asks.as_n().ok());
        asks.and_then(|asks| asks.parse().ok()).ok_or_else(|| "an answer without a count".to_owned())
    }
}
