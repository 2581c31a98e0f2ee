//! The processing itself: the place for your own.

/// A message to publish.
#[derive(Debug, PartialEq)]
pub(crate) struct Outbound {
    /// A topic of the cache that the message came from.
    pub(crate) topic: &'static str,
    pub(crate) text: String,
}

/// What is published for a message with this text: nothing, or any number of messages.
#[must_use]
pub(crate) fn process(text: &str) -> Vec<Outbound> {
    vec![
        Outbound { topic: "topic2", text: text.to_uppercase() },
        Outbound { topic: "topic3", text: format!("{} words", text.split_whitespace().count()) },
    ]
}

#[cfg(test)]
mod tests {
    use super::{Outbound, process};

    #[test]
    fn publishes_in_upper_case_in_every_alphabet_that_has_cases_and_counts_words() {
        let upper_case = Outbound { topic: "topic2", text: "NAÏVE STRASSE, 日本!".to_owned() };
        let words = Outbound { topic: "topic3", text: "3 words".to_owned() };
        assert_eq!(process("naïve straße, 日本!"), [upper_case, words]);
    }
}
