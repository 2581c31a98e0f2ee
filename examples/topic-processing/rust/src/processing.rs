//! The processing itself: the place for your own.

/// What is published for a message with this text.
#[must_use]
pub(crate) fn process(text: &str) -> String {
    text.to_uppercase()
}

#[cfg(test)]
mod tests {
    use super::process;

    #[test]
    fn upper_cases_every_alphabet_that_has_cases() {
        assert_eq!(process("naïve straße, 日本!"), "NAÏVE STRASSE, 日本!");
    }
}
