//! A chat message on its way: as it was published, moderated, translated.

use serde::{Deserialize, Serialize};
use serde_json::json;

/// Who has written what was published with a token that has no id.
const NOBODY: &str = "anonymous";

/// A message as it was published: the detail of its event.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Published {
    /// The cache that the chat's topics belong to.
    pub cache: String,
    /// When Momento published it, or by subscription when it was received, in milliseconds since the Unix epoch.
    pub publish_timestamp: u64,
    /// Its number in its topic. It may start again at 0.
    pub topic_sequence_number: u64,
    /// By subscription the page of the number: the numbers start again on another page only.
    pub topic_sequence_page: Option<u64>,
    /// The id of the token that it was published with.
    pub token_id: Option<String>,
    /// What was written.
    pub text: String,
}

impl Published {
    /// What distinguishes this message from all others, however often and in whichever language it arrives.
    #[must_use]
    pub fn id(&self) -> String {
        // A message that is received twice has two times, and a webhook says no page.
        let counted_from = self.topic_sequence_page.unwrap_or(self.publish_timestamp);
        format!("{counted_from}-{}", self.topic_sequence_number)
    }

    /// Whether its text shows nothing: it has only white space and invisible characters. The page does not send such a message,
    /// by the same rule, but anyone who has a token can publish one without the page.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.text.chars().all(is_invisible)
    }

    /// Who wrote it. A reader can trust that as far as the giver of tokens can be trusted: the writer has no say in it.
    #[must_use]
    pub fn author(&self) -> &str {
        self.token_id.as_deref().filter(|id| !id.is_empty()).unwrap_or(NOBODY)
    }
}

/// White space, control characters, the braille pattern without a dot, and Unicode's property `Default_Ignorable_Code_Point`
/// (of which a new version assigns characters in the ranges below, but adds no range).
fn is_invisible(character: char) -> bool {
    character.is_whitespace()
        || character.is_control()
        || matches!(
            character,
            '\u{2800}'
                | '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fff8}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

/// A message that may be shown, in the language that it was written in: the detail of the event that each language gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Moderated {
    /// The cache that the chat's topics belong to.
    pub cache: String,
    /// See [`Published::id`].
    pub id: String,
    /// The number of the published message in its topic.
    pub sequence: u64,
    /// When it was published, in milliseconds since the Unix epoch.
    pub published_at: u64,
    /// See [`Published::author`].
    pub author: String,
    /// What may be shown.
    pub text: String,
    /// Whether something was masked.
    pub masked: bool,
}

/// A message in the language of its readers: what they get, as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Translated {
    /// See [`Published::id`]: use it to deduplicate.
    pub id: String,
    /// The number of the published message in its topic.
    pub sequence: u64,
    /// When it was published, in milliseconds since the Unix epoch.
    pub published_at: u64,
    /// See [`Published::author`].
    pub author: String,
    /// The text in this language.
    pub text: String,
    /// The language's code, such as `ja`.
    pub language: String,
    /// The code of the language that it was written in, as it was detected.
    pub original_language: String,
    /// The moderated text before its translation, where that differs and both fit into one message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original: Option<String>,
    /// Whether moderation masked something.
    pub masked: bool,
}

/// The most bytes that Momento accepts as a topic message (<https://docs.momentohq.com/topics/limits>).
const MAX_MESSAGE_BYTES: usize = 4096;

impl Translated {
    /// What readers get: without the original if Momento would reject both as too long.
    #[must_use]
    pub fn to_json(&self) -> String {
        let json = json!(self).to_string();
        if json.len() <= MAX_MESSAGE_BYTES || self.original.is_none() {
            return json;
        }
        json!(Self { original: None, ..self.clone() }).to_string()
    }

    /// What to order messages by.
    #[must_use]
    pub fn order(&self) -> (u64, u64, &str) {
        (self.published_at, self.sequence, &self.id)
    }
}

/// A message between two steps of its language: the detail of its event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InLanguage {
    /// The cache that the chat's topics belong to.
    pub cache: String,
    /// The message so far.
    pub message: Translated,
}

#[cfg(test)]
mod tests {
    use super::{Published, Translated};

    fn published_by(token_id: Option<&str>) -> Published {
        Published {
            cache: "chat".to_owned(),
            publish_timestamp: 1_683_219_699_000,
            topic_sequence_number: 12,
            topic_sequence_page: None,
            token_id: token_id.map(str::to_owned),
            text: "Here I am!!".to_owned(),
        }
    }

    #[test]
    fn the_author_is_the_id_of_the_token() {
        assert_eq!(published_by(Some("Ada")).author(), "Ada");
    }

    #[test]
    fn without_an_id_of_the_token_the_author_is_anonymous() {
        assert_eq!(published_by(Some("")).author(), "anonymous");
        assert_eq!(published_by(None).author(), "anonymous");
    }

    #[test]
    fn a_text_with_nothing_to_see_in_it_is_blank() {
        for (text, is_blank) in [
            ("", true),
            ("   ", true),
            ("\t\u{3000}\n", true),
            ("\u{200b}\u{200d}\u{feff} \u{ad}", true),
            ("\u{2800}", true),
            ("\u{3164}\u{e0020}", true),
            (".", false),
            ("  a  ", false),
            ("❤\u{fe0f}", false),
            ("👩\u{200d}🚀", false),
            ("ｱ", false),
        ] {
            assert_eq!(Published { text: text.to_owned(), ..published_by(None) }.is_blank(), is_blank, "{text:?}");
        }
    }

    #[test]
    fn a_message_with_the_number_of_an_earlier_one_has_another_id() {
        let mut later = published_by(None);
        later.publish_timestamp += 1;
        assert_ne!(later.id(), published_by(None).id());
    }

    #[test]
    fn a_message_that_is_received_twice_by_subscription_has_one_id() {
        let subscribed = |publish_timestamp, page| Published {
            publish_timestamp,
            topic_sequence_page: Some(page),
            ..published_by(None)
        };
        assert_eq!(subscribed(1, 1).id(), subscribed(2, 1).id());
        assert_ne!(subscribed(1, 1).id(), subscribed(1, 2).id());
    }

    #[test]
    fn readers_get_the_original_only_where_both_texts_fit() {
        let translated = |length| Translated {
            id: "1-1".to_owned(),
            sequence: 1,
            published_at: 1,
            author: "Ada".to_owned(),
            text: "x".repeat(length),
            language: "es".to_owned(),
            original_language: "en".to_owned(),
            original: Some("y".repeat(length)),
            masked: false,
        };
        assert!(translated(1900).to_json().contains("original\":"));
        let long = translated(2000).to_json();
        assert!(!long.contains("original\":") && long.contains(&"x".repeat(2000)), "{long}");
    }
}
