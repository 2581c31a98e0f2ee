//! Translation: what of a message one language's subscribers see.

use std::future::Future;

use crate::event_bus::EventBus;
use crate::message::{InLanguage, Moderated, Translated};
use crate::next_step::NextStep;

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

/// Translates a message into the language with this code, and passes it on.
///
/// # Errors
/// See [`TranslateError`]: in each case the message is to be tried again.
pub async fn translate<T: Translator, B: EventBus>(
    message: Moderated,
    language: &str,
    translator: &T,
    next: &NextStep,
    bus: &B,
) -> Result<(), TranslateError<B::Error>> {
    let Translation { text, original_language } = translator.translate(&message.text, language).await?;
    let translated = Translated {
        id: message.id,
        sequence: message.sequence,
        published_at: message.published_at,
        author: message.author,
        original: (text != message.text).then_some(message.text),
        text,
        language: language.to_owned(),
        original_language,
        masked: message.masked,
    };
    let passed = InLanguage { cache: message.cache, message: translated };
    bus.put(next.event(&passed)).await.map_err(TranslateError::Bus)
}
