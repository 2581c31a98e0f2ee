//! A list of words as a moderator: for a language that the others do not know.

use crate::moderation::{ModerationError, Moderator, Verdict};

/// Masks these words, in upper and lower case. Where words have spaces between them, only whole words.
#[derive(Debug, Clone)]
pub struct WordList(Vec<Vec<char>>);

impl WordList {
    /// Masks these words.
    #[must_use]
    pub fn new(words: Vec<String>) -> Self {
        Self(words.into_iter().map(|word| word.chars().collect()).filter(|word: &Vec<char>| !word.is_empty()).collect())
    }
}

impl Moderator for WordList {
    async fn moderate(&self, text: &str) -> Result<Verdict, ModerationError> {
        let mut characters: Vec<char> = text.chars().collect();
        let mut is_masked = false;
        for word in &self.0 {
            for start in occurrences(&characters, word) {
                is_masked = true;
                for character in characters.iter_mut().skip(start).take(word.len()) {
                    *character = '*';
                }
            }
        }
        Ok(if is_masked { Verdict::Masked(characters.into_iter().collect()) } else { Verdict::Clean })
    }
}

/// Where a word begins in a text.
fn occurrences(text: &[char], word: &[char]) -> Vec<usize> {
    let is_free = |at: Option<usize>| !at.and_then(|at| text.get(at)).is_some_and(|c| is_spaced(*c));
    let is_whole = |start: usize| {
        !word.iter().any(|c| is_spaced(*c)) || is_free(start.checked_sub(1)) && is_free(Some(start + word.len()))
    };
    let windows = text.windows(word.len()).enumerate();
    windows.filter(|(start, found)| is_same(found, word) && is_whole(*start)).map(|(start, _)| start).collect()
}

fn is_same(left: &[char], right: &[char]) -> bool {
    left.iter().zip(right).all(|(left, right)| left.to_lowercase().eq(right.to_lowercase()))
}

/// Whether it is a letter of a script that puts spaces between words: those of Europe and of the Middle East come first.
fn is_spaced(character: char) -> bool {
    character.is_alphabetic() && character < '\u{0e00}'
}

#[cfg(test)]
mod tests {
    use super::WordList;
    use crate::moderation::{Moderator as _, Verdict};

    async fn masked(words: &[&str], text: &str) -> Option<String> {
        let list = WordList::new(words.iter().map(|word| (*word).to_owned()).collect());
        match list.moderate(text).await.unwrap() {
            Verdict::Masked(text) => Some(text),
            Verdict::Clean => None,
        }
    }

    #[tokio::test]
    async fn masks_words_in_any_case_and_only_whole_ones() {
        assert_eq!(masked(&["joder"], "¡JODER, joder!").await.as_deref(), Some("¡*****, *****!"));
        assert_eq!(masked(&["culo"], "El cálculo del círculo").await, None);
        assert_eq!(masked(&["ÑU"], "ñu").await.as_deref(), Some("**"));
    }

    #[tokio::test]
    async fn masks_inside_a_text_without_spaces_between_words() {
        assert_eq!(masked(&["馬鹿"], "この馬鹿野郎").await.as_deref(), Some("この**野郎"));
    }

    #[tokio::test]
    async fn an_empty_list_or_word_or_text_masks_nothing() {
        for (words, text) in [(vec![], "hola"), (vec![""], "hola"), (vec!["hola"], ""), (vec!["hola"], "ho")] {
            assert_eq!(masked(&words, text).await, None);
        }
    }
}
