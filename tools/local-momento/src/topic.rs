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

/// What a subscriber gets, as Momento documents it.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Delivered {
    Item { topic_sequence_number: u64, sequence_page: u64, value: Value },
    Discontinuity { last_topic_sequence: u64, new_topic_sequence: u64, new_sequence_page: u64 },
}

impl Topic {
    pub(crate) fn new(now: Duration) -> Self {
        // In seconds, like the one in Momento's documentation: not that of a server started earlier.
        Self { page: now.as_secs().max(1), messages: Vec::new(), next: 0, wake: Arc::default() }
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
        self.wake.notify_waiters();
    }

    /// Where someone is who asks for this message, in words of this instance of the topic where they name none.
    pub(crate) fn locate(&self, asked: Position) -> Position {
        match asked {
            Position { page: 0, number: 0 } => Position { page: self.page, number: self.next },
            Position { page: 0, number } => Position { page: self.page, number },
            located => located,
        }
    }

    /// What there is from a position on; nothing if that is still to come.
    pub(crate) fn read(&self, from: Position) -> Vec<Delivered> {
        let gap = from.page != self.page || from.number > self.next;
        let first = match (from.page == self.page, gap) {
            (true, false) => from.number,
            (true, true) => self.next,
            (false, _) => 0,
        };
        let discontinuity = gap.then_some(Delivered::Discontinuity {
            last_topic_sequence: from.number.saturating_sub(1),
            new_topic_sequence: first,
            new_sequence_page: self.page,
        });
        let unread =
            self.messages.iter().rev().take_while(|message| message.page == self.page && message.number >= first);
        let mut items: Vec<_> = unread.map(Message::deliver).chain(discontinuity).collect();
        items.reverse();
        items
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
    fn deliver(&self) -> Delivered {
        Delivered::Item { topic_sequence_number: self.number, sequence_page: self.page, value: self.value.clone() }
    }
}

fn as_base64<S: serde::Serializer>(bytes: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&BASE64.encode(bytes))
}
