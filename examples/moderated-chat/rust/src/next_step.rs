//! Where a message of a language goes from one step: to the next one, or to its readers.

use std::env::{self, VarError};

use crate::event_bus::Event;
use crate::message::InLanguage;

/// What comes after a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NextStep {
    /// Another step, by the detail-type of the events that it takes.
    Step(String),
    /// The readers, by the topic that they subscribe to.
    Readers(String),
}

impl NextStep {
    /// What the function's variables say: `NEXT_STEP`, or for the last step `TOPIC`.
    ///
    /// # Errors
    /// If neither is there.
    pub fn from_environment() -> Result<Self, VarError> {
        env::var("NEXT_STEP").map(Self::Step).or_else(|_| env::var("TOPIC").map(Self::Readers))
    }

    /// The event that passes a message on.
    #[must_use]
    pub fn event<'a>(&'a self, message: &'a InLanguage) -> Event<'a> {
        match self {
            Self::Step(step) => Event::InLanguage { step, message },
            Self::Readers(topic) => Event::Publish { topic, message },
        }
    }
}
