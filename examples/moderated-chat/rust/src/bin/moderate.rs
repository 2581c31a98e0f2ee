//! The Lambda function that moderates what users publish.

use std::env;
use std::fmt::Display;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use moderated_chat::aws::{EventBridge, ToxicityDetection, shared_config};
use moderated_chat::moderation::{Stricter, moderate};
use moderated_chat::profanity_filter::ProfanityFilter;
use moderated_chat::sqs_batch::SqsBatch;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let bus_name = env::var("EVENT_BUS_NAME")?;
    let threshold = env::var("TOXICITY_THRESHOLD").ok().map(|threshold| threshold.parse()).transpose()?;
    let config = shared_config().await;
    let bus = EventBridge::new(&config, bus_name);
    let moderator = Stricter(ProfanityFilter, threshold.map(|threshold| ToxicityDetection::new(&config, threshold)));
    lambda_runtime::run(service_fn(async |batch: LambdaEvent<SqsBatch>| {
        let report = |reason: &dyn Display| eprintln!("not moderated: {reason}");
        Ok::<_, Error>(batch.payload.each(|message| moderate(message, &moderator, &bus), report).await)
    }))
    .await
}
