//! The Lambda function that translates what has been moderated into one language.

use std::env;
use std::fmt::Display;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use moderated_chat::aws::{AmazonTranslate, EventBridge, shared_config};
use moderated_chat::next_step::NextStep;
use moderated_chat::sqs_batch::SqsBatch;
use moderated_chat::translation::translate;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let bus_name = env::var("EVENT_BUS_NAME")?;
    let language = env::var("LANGUAGE_CODE")?;
    let next = NextStep::from_environment()?;
    let config = shared_config().await;
    let bus = EventBridge::new(&config, bus_name);
    let translator = AmazonTranslate::new(&config);
    lambda_runtime::run(service_fn(async |batch: LambdaEvent<SqsBatch>| {
        let report = |reason: &dyn Display| eprintln!("not shown in {language}: {reason}");
        let take = |message| translate(message, &language, &translator, &next, &bus);
        Ok::<_, Error>(batch.payload.each(take, report).await)
    }))
    .await
}
