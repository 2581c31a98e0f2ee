//! Translation: what of a message one language's subscribers see.

use std::future::Future;

use crate::event_bus::{Event, EventBus};
use crate::message::{Moderated, Translated};

/// A text in the language that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Translation {
    /// The text.
    pub text: String,
    /// The code of the language that it was written in, as it was detected.
    pub original_language: String,
}

/// Why a text was not translated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TranslationError {
    /// The service did not translate it. The text says why.
    #[error("not translated: {0}")]
    Unavailable(String),
}

/// Translates texts.
pub trait Translator {
    /// Translates one from whichever language it is in.
    fn translate(
        &self,
        text: &str,
        language: &str,
    ) -> impl Future<Output = Result<Translation, TranslationError>> + Send;
}

/// A language that the chat is shown in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Language {
    /// Its code, such as `ja`.
    pub code: String,
    /// The topic of its subscribers.
    pub topic: String,
}

/// Why a message is not on its way to a language's subscribers.
#[derive(Debug, thiserror::Error)]
pub enum TranslateError<E> {
    /// It was not translated.
    #[error(transparent)]
    Translation(#[from] TranslationError),
    /// The bus did not take it.
    #[error("the event bus did not take the message: {0}")]
    Bus(E),
}

/// Translates a message, and puts the command on the bus that publishes it.
///
/// # Errors
/// See [`TranslateError`]: in each case the message is to be tried again.
pub async fn translate<T: Translator, B: EventBus>(
    message: &Moderated,
    language: &Language,
    translator: &T,
    bus: &B,
) -> Result<(), TranslateError<B::Error>> {
    let translation = translator.translate(&message.text, &language.code).await?;
    let translated = Translated {
        id: &message.id,
        sequence: message.sequence,
        published_at: message.published_at,
        author: &message.author,
        text: &translation.text,
        language: &language.code,
        original_language: &translation.original_language,
        masked: message.masked,
    };
    let command = Event::Publish { cache: &message.cache, topic: &language.topic, message: &translated };
    bus.put(command).await.map_err(TranslateError::Bus)
}
