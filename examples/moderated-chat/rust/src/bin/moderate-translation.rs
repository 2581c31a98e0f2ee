//! The Lambda function that moderates what has been translated into one language.

use std::env;
use std::fmt::Display;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use moderated_chat::aws::{EventBridge, ToxicityDetection, shared_config};
use moderated_chat::next_step::NextStep;
use moderated_chat::profanity_filter::ProfanityFilter;
use moderated_chat::sqs_batch::SqsBatch;
use moderated_chat::translation_moderation::{Setting, StepModerator, moderate_translation};
use moderated_chat::word_list::WordList;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let bus_name = env::var("EVENT_BUS_NAME")?;
    let setting: Setting = serde_json::from_str(&env::var("MODERATION")?)?;
    let next = NextStep::from_environment()?;
    let config = shared_config().await;
    let bus = EventBridge::new(&config, bus_name);
    let moderator = match setting {
        Setting::Profanity => StepModerator::Profanity(ProfanityFilter),
        Setting::Words(words) => StepModerator::Words(WordList::new(words)),
        Setting::Toxicity(threshold) => StepModerator::Toxicity(ToxicityDetection::new(&config, threshold)),
    };
    lambda_runtime::run(service_fn(async |batch: LambdaEvent<SqsBatch>| {
        let report = |reason: &dyn Display| eprintln!("translation not moderated: {reason}");
        let take = |message| moderate_translation(message, &moderator, &next, &bus);
        Ok::<_, Error>(batch.payload.each(take, report).await)
    }))
    .await
}
