//! Moderation of what was translated: a step of one language, which sees what its readers would.

use serde::Deserialize;

use crate::aws::ToxicityDetection;
use crate::event_bus::EventBus;
use crate::message::InLanguage;
use crate::moderation::{ModerateError, ModerationError, Moderator, Verdict};
use crate::next_step::NextStep;
use crate::profanity_filter::ProfanityFilter;
use crate::word_list::WordList;

/// What a step moderates with, as the stack says it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Setting {
    /// `"profanity"`: the crate `rustrict`.
    Profanity,
    /// `{"words":["…"]}`: a list.
    Words(Vec<String>),
    /// `{"toxicity":0.5}`: Amazon Comprehend, with this threshold.
    Toxicity(f32),
}

/// The moderator of a step.
#[derive(Debug)]
pub enum StepModerator {
    /// See [`Setting::Profanity`].
    Profanity(ProfanityFilter),
    /// See [`Setting::Words`].
    Words(WordList),
    /// See [`Setting::Toxicity`].
    Toxicity(ToxicityDetection),
}

impl Moderator for StepModerator {
    async fn moderate(&self, text: &str) -> Result<Verdict, ModerationError> {
        match self {
            Self::Profanity(moderator) => moderator.moderate(text).await,
            Self::Words(moderator) => moderator.moderate(text).await,
            Self::Toxicity(moderator) => moderator.moderate(text).await,
        }
    }
}

/// Moderates a translated message, and passes it on. What is masked in the translation is not shown in the original either.
///
/// # Errors
/// See [`ModerateError`]: in each case the message is to be tried again.
pub async fn moderate_translation<M: Moderator, B: EventBus>(
    mut passed: InLanguage,
    moderator: &M,
    next: &NextStep,
    bus: &B,
) -> Result<(), ModerateError<B::Error>> {
    if let Verdict::Masked(text) = moderator.moderate(&passed.message.text).await? {
        passed.message.text = text;
        passed.message.original = None;
        passed.message.masked = true;
    }
    bus.put(next.event(&passed)).await.map_err(ModerateError::Bus)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::Mutex;

    use serde_json::{Value, json};

    use super::{Setting, moderate_translation};
    use crate::event_bus::{Event, EventBus};
    use crate::message::InLanguage;
    use crate::next_step::NextStep;
    use crate::word_list::WordList;

    #[derive(Default)]
    struct Events(Mutex<Vec<(String, Value)>>);

    impl EventBus for Events {
        type Error = Infallible;

        async fn put(&self, event: Event<'_>) -> Result<(), Infallible> {
            self.0.lock().unwrap().push((event.detail_type().to_owned(), event.detail()));
            Ok(())
        }
    }

    fn passed(text: &str) -> InLanguage {
        let message = json!({
            "id": "1-1", "sequence": 1, "publishedAt": 1, "author": "Ada", "text": text, "language": "es",
            "originalLanguage": "en", "original": "What a day", "masked": false,
        });
        serde_json::from_value(json!({ "cache": "chat", "message": message })).unwrap()
    }

    async fn events(text: &str, next: &NextStep) -> Vec<(String, Value)> {
        let bus = Events::default();
        let moderator = WordList::new(vec!["mierda".to_owned()]);
        moderate_translation(passed(text), &moderator, next, &bus).await.unwrap();
        bus.0.into_inner().unwrap()
    }

    #[tokio::test]
    async fn a_clean_message_goes_on_to_the_next_step_as_it_is() {
        let next = NextStep::Step("spanish-2".to_owned());
        let expected = ("spanish-2".to_owned(), json!(passed("Qué día")));
        assert_eq!(events("Qué día", &next).await, [expected]);
    }

    #[tokio::test]
    async fn after_the_last_step_a_message_is_published_and_a_masked_one_has_no_original() {
        let sent = events("Qué mierda", &NextStep::Readers("friends-subscribe-spanish".to_owned())).await;
        let [(detail_type, detail)] = sent.as_slice() else { panic!("{sent:?}") };
        assert_eq!((detail_type.as_str(), &detail["topicName"]), ("topicPublish", &json!("friends-subscribe-spanish")));
        let message: Value = serde_json::from_str(detail["message"].as_str().unwrap()).unwrap();
        assert_eq!(message["text"], "Qué ******");
        assert_eq!(message["masked"], true);
        assert_eq!(message.get("original"), None);
    }

    #[test]
    fn settings_are_read_as_the_stack_writes_them() {
        let read = |json| serde_json::from_str::<Setting>(json).unwrap();
        assert_eq!(read(r#""profanity""#), Setting::Profanity);
        assert_eq!(read(r#"{"words":["a","b"]}"#), Setting::Words(vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(read(r#"{"toxicity":0.5}"#), Setting::Toxicity(0.5));
    }
}
