//! The crate `rustrict` as a moderator: it knows spellings such as `sh1t`, `s h i t` and `shiiit`, mostly in English.

use rustrict::{Censor, Type};

use crate::moderation::{ModerationError, Moderator, Verdict};

/// Masks words that are profane, offensive, sexual or mean, from a moderate degree on.
#[derive(Debug, Clone, Copy)]
pub struct ProfanityFilter;

impl Moderator for ProfanityFilter {
    async fn moderate(&self, text: &str) -> Result<Verdict, ModerationError> {
        let (masked, analysis) = Censor::from_str(text).censor_and_analyze();
        // What it returns for a clean text has lost its accents too.
        Ok(if analysis.is(Type::INAPPROPRIATE) { Verdict::Masked(masked) } else { Verdict::Clean })
    }
}

#[cfg(test)]
mod tests {
    use super::ProfanityFilter;
    use crate::moderation::{Moderator as _, Verdict};

    async fn verdict(text: &str) -> Verdict {
        ProfanityFilter.moderate(text).await.unwrap()
    }

    #[tokio::test]
    async fn masks_profanity_however_it_is_spelled() {
        for word in ["shit", "SHIT", "sh1t", "$h!t", "s h i t", "s.h.i.t", "shiiiiit", "ѕhіt", "𝖘𝖍𝖎𝖙", "sh*t"]
        {
            let Verdict::Masked(text) = verdict(&format!("what a {word}, friends")).await else {
                panic!("{word} is taken for clean");
            };
            assert!(text.starts_with("what a ") && text.ends_with(", friends"), "{text}");
            assert!(text.contains("***") && !text.contains(word), "{text}");
        }
    }

    #[tokio::test]
    async fn leaves_words_that_merely_contain_some() {
        for text in ["assassins", "pass the class", "push it to Scunthorpe", "cocktails in Essex"] {
            assert_eq!(verdict(text).await, Verdict::Clean, "{text}");
        }
    }

    #[tokio::test]
    async fn leaves_other_languages_and_their_accents() {
        for text in
            ["¿Qué tal, señor? ¡Mañana vamos!", "こんにちは、友達", "Schöne Grüße, naïve Straße", "你好朋友", "🎉 👋"]
        {
            assert_eq!(verdict(text).await, Verdict::Clean, "{text}");
        }
    }
}
