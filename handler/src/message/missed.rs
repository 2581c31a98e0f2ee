//! Messages of a topic that nobody will see, as an event.

use serde::Serialize;

use crate::bus::event::BusEvent;
use crate::clock::UnixMillis;
use crate::momento::pubsub::Topic;

/// The `source` of the events that the subscription makes itself.
pub(crate) const SUBSCRIPTION_SOURCE: &str = "Momento.Subscription";
/// The detail-type of an event about messages that are missing.
const MESSAGES_MISSED: &str = "Topic Messages Missed";

/// A hole in the numbers of a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// The page and the number that were due; `None` where no number of the topic was known.
    pub due: Option<(u64, u64)>,
    /// The page that goes on.
    pub new_page: u64,
    /// The number that goes on.
    pub new_number: u64,
}

impl Gap {
    /// How many messages are missing, if known: within a page only.
    #[must_use]
    pub fn missed(&self) -> Option<u64> {
        let (_, due) = self.due.filter(|(page, _)| *page == self.new_page)?;
        Some(self.new_number.saturating_sub(due))
    }
}

#[derive(Serialize)]
struct Detail<'a> {
    cache: &'a str,
    topic: &'a str,
    /// None where the first number of a page was due: no message of the page came before.
    last_topic_sequence_number: Option<u64>,
    /// None where no message of the topic came before.
    last_topic_sequence_page: Option<u64>,
    new_topic_sequence_number: u64,
    new_topic_sequence_page: u64,
    missed: Option<u64>,
}

impl BusEvent {
    /// The event that says which messages of a topic are missing.
    #[must_use]
    #[expect(clippy::expect_used, clippy::missing_panics_doc, reason = "strings and numbers always serialise")]
    pub fn of_gap(topic: &Topic, gap: &Gap, noticed_at: UnixMillis) -> Self {
        let detail = Detail {
            cache: &topic.cache,
            topic: &topic.name,
            last_topic_sequence_number: gap.due.and_then(|(_, due)| due.checked_sub(1)),
            last_topic_sequence_page: gap.due.map(|(page, _)| page),
            new_topic_sequence_number: gap.new_number,
            new_topic_sequence_page: gap.new_page,
            missed: gap.missed(),
        };
        Self {
            source: SUBSCRIPTION_SOURCE.to_owned(),
            detail_type: MESSAGES_MISSED.to_owned(),
            detail: serde_json::to_string(&detail).expect("a gap is JSON"),
            time: noticed_at.0,
            trace_header: None,
        }
    }
}
