//! A topic: numbers the messages published to it, and gives each subscriber what it has not had.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Serialize;
use tokio::sync::Notify;
use tokio::sync::futures::OwnedNotified;

/// All messages of one topic, and who waits for the next.
#[derive(Debug)]
pub(crate) struct Topic {
    /// Tells this instance of the topic from the ones before it. Never 0, by which a subscriber says that it knows none.
    page: u64,
    /// Oldest first; those of earlier pages too, which no subscriber gets any more.
    messages: Vec<Message>,
    /// The number that the next message gets.
    next: u64,
    /// Who resumes gets nothing from before this number.
    history_from: u64,
    /// The most messages that who resumes gets, where there is a limit.
    history_limit: Option<u64>,
    wake: Arc<Notify>,
}

#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) page: u64,
    pub(crate) number: u64,
    pub(crate) value: Value,
    pub(crate) token_id: String,
    pub(crate) published_at: Duration,
}

/// What was published. Momento documents how text looks in JSON; binary in base64 is the choice made here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Value {
    Text(String),
    #[serde(serialize_with = "as_base64")]
    Binary(Bytes),
}

/// Where a subscriber is: the message that it expects, and in which instance of the topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) page: u64,
    pub(crate) number: u64,
}

/// What a subscriber gets, as Momento documents it for HTTP.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Delivered {
    Item {
        topic_sequence_number: u64,
        sequence_page: u64,
        value: Value,
        /// Of the token that it was published with. Only gRPC's subscribers get it.
        #[serde(skip)]
        token_id: String,
    },
    Discontinuity {
        last_topic_sequence: u64,
        new_topic_sequence: u64,
        new_sequence_page: u64,
    },
}

impl Topic {
    pub(crate) fn new(now: Duration) -> Self {
        // In seconds, like the one in Momento's documentation: not that of a server started earlier.
        Self {
            page: now.as_secs().max(1),
            messages: Vec::new(),
            next: 0,
            history_from: 0,
            history_limit: None,
            wake: Arc::default(),
        }
    }

    pub(crate) fn publish(&mut self, value: Value, token_id: String, now: Duration) -> Message {
        let message = Message { page: self.page, number: self.next, value, token_id, published_at: now };
        self.next += 1;
        self.wake.notify_waiters();
        self.messages.push(message.clone());
        message
    }

    /// Forgets all messages and counts from 0 again, as Momento does when it evicts a topic from memory.
    pub(crate) fn start_anew(&mut self) {
        self.page += 1;
        self.next = 0;
        self.history_from = 0;
        self.wake.notify_waiters();
    }

    /// Loses so many messages before anyone gets them: their numbers are never used.
    pub(crate) fn lose(&mut self, messages: u64) {
        self.next = self.next.saturating_add(messages);
        self.wake.notify_waiters();
    }

    /// Has nothing of what was published so far for those who resume.
    pub(crate) fn lose_history(&mut self) {
        self.history_from = self.next;
    }

    /// Has so many messages at most for those who resume.
    pub(crate) fn limit_history(&mut self, messages: Option<u64>) {
        self.history_limit = messages;
    }

    /// What someone gets at once who subscribes, and where they are then. Only here does the history's limit count: who is
    /// subscribed gets everything.
    pub(crate) fn resume(&self, asked: Position) -> (Vec<Delivered>, Position) {
        let limited = self.history_limit.map_or(0, |messages| self.next.saturating_sub(messages));
        let oldest = self.history_from.max(limited);
        let from = match asked {
            Position { page: 0, number: 0 } => self.end(),
            // As Momento documents it for gRPC: "some messages leading up to whatever the newest message is".
            Position { page: 0, number: 1 } => Position { page: self.page, number: oldest.min(1) },
            Position { page: 0, number } => Position { page: self.page, number },
            located => located,
        };
        self.read(from, oldest)
    }

    /// What there is from a position on, and where it ends.
    pub(crate) fn read_on(&self, from: Position) -> (Vec<Delivered>, Position) {
        self.read(from, 0)
    }

    fn read(&self, from: Position, oldest: u64) -> (Vec<Delivered>, Position) {
        let first = if from.page == self.page { oldest.max(from.number) } else { oldest };
        let unread =
            self.messages.iter().rev().take_while(|message| message.page == self.page && message.number >= first);
        let unread: Vec<_> = unread.collect();
        let (mut delivered, mut expected) = (Vec::with_capacity(unread.len()), from);
        for message in unread.into_iter().rev() {
            delivered.extend(message.position().discontinuity_after(expected));
            delivered.push(message.deliver());
            expected = Position { page: message.page, number: message.number + 1 };
        }
        delivered.extend(self.end().discontinuity_after(expected));
        (delivered, self.end())
    }

    /// Where the next message will be.
    fn end(&self) -> Position {
        Position { page: self.page, number: self.next }
    }

    /// Ends when something has been published after this call. As long as it lives, it counts as a subscriber.
    pub(crate) fn change(&self) -> OwnedNotified {
        Arc::clone(&self.wake).notified_owned()
    }

    pub(crate) fn waiting_subscribers(&self) -> usize {
        Arc::strong_count(&self.wake) - 1
    }

    /// Everything ever published, oldest first.
    pub(crate) fn messages(&self) -> &[Message] {
        &self.messages
    }
}

impl Drop for Topic {
    /// Who waits on a topic that is no more looks for it again.
    fn drop(&mut self) {
        self.wake.notify_waiters();
    }
}

impl Message {
    fn position(&self) -> Position {
        Position { page: self.page, number: self.number }
    }

    fn deliver(&self) -> Delivered {
        Delivered::Item {
            topic_sequence_number: self.number,
            sequence_page: self.page,
            value: self.value.clone(),
            token_id: self.token_id.clone(),
        }
    }
}

impl Position {
    /// What tells a subscriber that expected another position.
    fn discontinuity_after(self, expected: Position) -> Option<Delivered> {
        (self != expected).then_some(Delivered::Discontinuity {
            last_topic_sequence: expected.number.saturating_sub(1),
            new_topic_sequence: self.number,
            new_sequence_page: self.page,
        })
    }
}

impl Value {
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Binary(bytes) => bytes.len(),
        }
    }
}

fn as_base64<S: serde::Serializer>(bytes: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&BASE64.encode(bytes))
}
