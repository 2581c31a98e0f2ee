//! Moderation: what of a text may be shown.

use std::future::Future;

use crate::event_bus::{Event, EventBus};
use crate::message::{Moderated, Published};

/// What a moderator has to say of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It may be shown as it is.
    Clean,
    /// It may be shown like this.
    Masked(String),
}

/// Why a text could not be judged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModerationError {
    /// The service did not judge it. The text says why.
    #[error("the toxicity of the text is not known: {0}")]
    Unavailable(String),
}

/// Judges texts.
pub trait Moderator {
    /// Judges one.
    fn moderate(&self, text: &str) -> impl Future<Output = Result<Verdict, ModerationError>> + Send;
}

/// Two moderators, who both see what was written. The second one masks more, so what it masks stays masked.
#[derive(Debug)]
pub struct Stricter<A, B>(pub A, pub Option<B>);

impl<A: Moderator + Sync, B: Moderator + Sync> Moderator for Stricter<A, B> {
    async fn moderate(&self, text: &str) -> Result<Verdict, ModerationError> {
        let Self(first, second) = self;
        if let Some(second) = second
            && let masked @ Verdict::Masked(_) = second.moderate(text).await?
        {
            return Ok(masked);
        }
        first.moderate(text).await
    }
}

/// Why a message was not moderated, or is not on the bus.
#[derive(Debug, thiserror::Error)]
pub enum ModerateError<E> {
    /// It could not be judged.
    #[error(transparent)]
    Moderation(#[from] ModerationError),
    /// The bus did not take it.
    #[error("the event bus did not take the message: {0}")]
    Bus(E),
}

/// Moderates a message, and puts it on the bus for all languages. Drops a blank one.
///
/// # Errors
/// See [`ModerateError`]: in each case the message is to be tried again.
pub async fn moderate<M: Moderator, B: EventBus>(
    message: Published,
    moderator: &M,
    bus: &B,
) -> Result<(), ModerateError<B::Error>> {
    if message.is_blank() {
        return Ok(());
    }
    let verdict = moderator.moderate(&message.text).await?;
    let (id, author) = (message.id(), message.author().to_owned());
    let (text, masked) = match verdict {
        Verdict::Clean => (message.text, false),
        Verdict::Masked(text) => (text, true),
    };
    let moderated = Moderated {
        cache: message.cache,
        id,
        sequence: message.topic_sequence_number,
        published_at: message.publish_timestamp,
        author,
        text,
        masked,
    };
    bus.put(Event::Moderated(&moderated)).await.map_err(ModerateError::Bus)
}

/// The text with every letter and digit masked.
#[must_use]
pub fn mask_all(text: &str) -> String {
    text.chars().map(|c| if c.is_alphanumeric() { '*' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::Mutex;

    use super::{ModerationError, Moderator, Stricter, Verdict, mask_all, moderate};
    use crate::event_bus::{Event, EventBus};
    use crate::message::Published;

    #[derive(Default)]
    struct Details(Mutex<Vec<serde_json::Value>>);

    impl EventBus for Details {
        type Error = Infallible;

        async fn put(&self, event: Event<'_>) -> Result<(), Infallible> {
            self.0.lock().unwrap().push(event.detail());
            Ok(())
        }
    }

    struct Says(Result<Verdict, ModerationError>);

    impl Moderator for Says {
        async fn moderate(&self, _: &str) -> Result<Verdict, ModerationError> {
            self.0.clone()
        }
    }

    fn masked(text: &str) -> Says {
        Says(Ok(Verdict::Masked(text.to_owned())))
    }

    #[tokio::test]
    async fn what_the_second_masks_is_masked_and_otherwise_the_first_decides() {
        let clean = || Says(Ok(Verdict::Clean));
        let cases = [
            (clean(), None, Verdict::Clean),
            (masked("a**"), None, Verdict::Masked("a**".to_owned())),
            (masked("a**"), Some(clean()), Verdict::Masked("a**".to_owned())),
            (clean(), Some(masked("***")), Verdict::Masked("***".to_owned())),
            (masked("a**"), Some(masked("***")), Verdict::Masked("***".to_owned())),
        ];
        for (first, second, expected) in cases {
            assert_eq!(Stricter(first, second).moderate("abc").await, Ok(expected));
        }
    }

    #[tokio::test]
    async fn a_text_that_one_of_them_could_not_judge_is_not_clean() {
        let unavailable = ModerationError::Unavailable("ThrottlingException".to_owned());
        let moderator = Stricter(Says(Ok(Verdict::Clean)), Some(Says(Err(unavailable.clone()))));
        assert_eq!(moderator.moderate("abc").await, Err(unavailable));
    }

    #[tokio::test]
    async fn a_blank_message_is_dropped_and_others_reach_the_bus() {
        let bus = Details::default();
        for (number, text) in ["   ", "Hello", "\u{200b}"].into_iter().enumerate() {
            let message = Published {
                cache: "chat".to_owned(),
                publish_timestamp: 1_683_219_699_000,
                topic_sequence_number: u64::try_from(number).unwrap(),
                topic_sequence_page: None,
                token_id: None,
                text: text.to_owned(),
            };
            moderate(message, &Says(Ok(Verdict::Clean)), &bus).await.unwrap();
        }
        let texts: Vec<_> = bus.0.into_inner().unwrap().iter().map(|detail| detail["text"].clone()).collect();
        assert_eq!(texts, ["Hello"]);
    }

    #[test]
    fn masking_leaves_nothing_but_the_shape() {
        assert_eq!(mask_all("Geh weg, Nr. 5! 消えろ"), "*** ***, **. *! ***");
    }
}
