//! What the schedule gives to each invocation: the topics, and where to begin with one that has no checkpoint yet.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

use crate::momento::pubsub::{ResumeAt, Topic};

/// The most topics of one function: Momento allows 100 subscriptions on one connection.
pub const MAX_TOPICS: usize = 100;

/// A valid input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleInput {
    /// The topics, each once, 1 to [`MAX_TOPICS`].
    pub topics: Vec<Topic>,
    /// Where to begin with a topic that has no checkpoint.
    pub start_at: ResumeAt,
}

/// What is wrong with an input.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleInputError {
    /// Not of this form.
    #[error(
        "the schedule's input must be {{\"topics\":[{{\"cache\":…,\"topic\":…}}],\"startAt\":\"NEWEST\" or \"AVAILABLE\"}}: {0}"
    )]
    Malformed(String),
    /// None or too many.
    #[error("`topics` must have 1 to {MAX_TOPICS} topics, got {0}")]
    TopicCount(usize),
    /// A name is empty.
    #[error("`topics[{0}]` must have a cache and a topic that are not empty")]
    EmptyName(usize),
    /// There twice.
    #[error("`topics` must name each topic once, got {0} twice")]
    Repeated(Topic),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    topics: Vec<InputTopic>,
    start_at: StartAt,
}

#[derive(Deserialize)]
struct InputTopic {
    cache: String,
    topic: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum StartAt {
    Newest,
    Available,
}

impl ScheduleInput {
    /// Reads an input.
    ///
    /// # Errors
    /// See [`ScheduleInputError`].
    pub fn parse(payload: &Value) -> Result<Self, ScheduleInputError> {
        let input = Input::deserialize(payload).map_err(|error| ScheduleInputError::Malformed(error.to_string()))?;
        if input.topics.is_empty() || input.topics.len() > MAX_TOPICS {
            return Err(ScheduleInputError::TopicCount(input.topics.len()));
        }
        let mut seen = BTreeSet::new();
        let mut topics = Vec::with_capacity(input.topics.len());
        for (index, InputTopic { cache, topic }) in input.topics.into_iter().enumerate() {
            if cache.is_empty() || topic.is_empty() {
                return Err(ScheduleInputError::EmptyName(index));
            }
            let topic = Topic { cache, name: topic };
            if !seen.insert(topic.clone()) {
                return Err(ScheduleInputError::Repeated(topic));
            }
            topics.push(topic);
        }
        let start_at = match input.start_at {
            StartAt::Newest => ResumeAt::Newest,
            StartAt::Available => ResumeAt::Available,
        };
        Ok(Self { topics, start_at })
    }
}
