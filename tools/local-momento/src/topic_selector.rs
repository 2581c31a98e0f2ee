use serde::{Deserialize, Serialize};

/// Which topics of a cache are meant: one, or all whose names begin alike.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TopicSelector {
    Topic(String),
    TopicPrefix(String),
}

impl TopicSelector {
    pub(crate) fn matches(&self, topic: &str) -> bool {
        match self {
            Self::Topic(name) => name == topic,
            Self::TopicPrefix(prefix) => topic.starts_with(prefix),
        }
    }
}
