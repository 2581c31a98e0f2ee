//! The Lambda function that keeps the last messages of each language for who comes late.

use std::env;
use std::fmt::Display;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use moderated_chat::api_key::ApiKey;
use moderated_chat::aws::{EventBridge, shared_config};
use moderated_chat::history::{PublishCommand, Topic, WAITS_MS, keep};
use moderated_chat::momento_cache::MomentoCache;
use moderated_chat::sqs_batch::SqsBatch;
use moderated_chat::tables::HistoryTable;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (bus_name, table) = (env::var("EVENT_BUS_NAME")?, env::var("HISTORY_TABLE")?);
    let (endpoint, secret_id) = (env::var("MOMENTO_ENDPOINT")?, env::var("API_KEY_SECRET")?);
    let config = shared_config().await;
    let bus = EventBridge::new(&config, bus_name);
    let histories = HistoryTable::new(&config, table);
    let cache = MomentoCache::new(endpoint, ApiKey::new(&config, secret_id));
    lambda_runtime::run(service_fn(async |batch: LambdaEvent<SqsBatch>| {
        let report = |reason: &dyn Display| eprintln!("not kept for who comes late: {reason}");
        let topic_of = |command: &PublishCommand| command.topic.clone();
        let take = async |topic: Topic, commands: Vec<PublishCommand>| {
            let messages = commands.into_iter().map(|command| command.message).collect();
            keep(&topic, messages, &histories, &cache, &bus, &WAITS_MS).await
        };
        Ok::<_, Error>(batch.payload.each_group(topic_of, take, report).await)
    }))
    .await
}
