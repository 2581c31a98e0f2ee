//! What a reader who joins late sees: the last messages of a topic, in one item of the cache.
//!
//! A table has them too, and is right. The item is set by a command, and commands can overtake each other, so the next one is
//! put on the bus only when the item shows the one before. One batch of a topic is taken at a time: its queue sees to that.

use std::collections::HashSet;
use std::future::Future;
use std::time::Duration;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::json;

use crate::event_bus::{Event, EventBus};
use crate::message::Translated;

/// How many messages are kept.
const KEPT: usize = 100;
/// The most bytes of an item as a command has it, with its quotes escaped: an event and a queue's message of 256 KiB must hold
/// it. Of long messages fewer are kept.
const MAX_BYTES: usize = 200_000;
/// How long Momento keeps the item, which is the longest that it offers on demand.
const TTL_SECONDS: u32 = 24 * 3600;
/// The waits for the item to show what it was set to, in milliseconds: 5 s in all, of a function that has 10 s.
pub const WAITS_MS: [u64; 8] = [50, 100, 150, 300, 600, 1000, 1300, 1500];

/// A topic that readers subscribe to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
pub struct Topic {
    /// Its cache.
    #[serde(rename = "cacheName")]
    pub cache: String,
    /// Its name, which is also the key of the item that has its last messages.
    #[serde(rename = "topicName")]
    pub name: String,
}

/// A command to publish a message: the detail of its event.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PublishCommand {
    /// Where it is published.
    #[serde(flatten)]
    pub topic: Topic,
    /// The message.
    #[serde(deserialize_with = "json_in_text")]
    pub message: Translated,
}

fn json_in_text<'de, D: Deserializer<'de>>(text: D) -> Result<Translated, D::Error> {
    serde_json::from_str(&String::deserialize(text)?).map_err(|_| D::Error::custom("not a message of the chat"))
}

/// The last messages of a topic, each once, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct History(Vec<Translated>);

impl History {
    /// Adds messages, in whichever order and however often they come.
    pub fn add(&mut self, messages: impl IntoIterator<Item = Translated>) {
        self.0.extend(messages);
        self.0.sort_by(|a, b| a.order().cmp(&b.order()));
        // By subscription a message that is received twice can have two times, and is then not beside its copy.
        let mut seen = HashSet::new();
        self.0.retain(|message| seen.insert(message.id.clone()));
        self.0.drain(..self.0.len().saturating_sub(KEPT));
    }

    /// The item's value: a JSON array of messages.
    #[must_use]
    pub fn to_json(&self) -> String {
        let messages: Vec<String> = self.0.iter().map(Translated::to_json).collect();
        let mut bytes = 0;
        let fitting = messages.iter().rev().take_while(|message| {
            bytes += json!(message).to_string().len();
            bytes < MAX_BYTES
        });
        let first = messages.len() - fitting.count();
        format!("[{}]", messages.iter().skip(first).map(String::as_str).collect::<Vec<_>>().join(","))
    }
}

/// The table that is right about the histories of all topics.
pub trait Histories {
    /// The history of a topic as it was saved last.
    fn load(&self, topic: &Topic) -> impl Future<Output = Result<Option<String>, String>> + Send;
    /// Saves the history of a topic.
    fn save(&self, topic: &Topic, history: &str) -> impl Future<Output = Result<(), String>> + Send;
}

/// Momento's cache, to read.
pub trait Cache {
    /// The value of an item, if there is one.
    fn get(&self, cache: &str, key: &str) -> impl Future<Output = Result<Option<String>, String>> + Send;
}

/// Why messages are not in the history of their topic yet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeepError<E> {
    /// The table did not give or take the history.
    #[error("the table: {0}")]
    Table(String),
    /// The cache could not be read.
    #[error("the cache: {0}")]
    Cache(String),
    /// The bus did not take the command.
    #[error("the event bus did not take the command: {0}")]
    Bus(E),
    /// Momento has not carried out the command in time.
    #[error("the item did not show the history in time")]
    NotShown,
}

/// Adds messages that are being published to the history of their topic, and waits until the cache shows it: so long each time.
///
/// # Errors
/// See [`KeepError`]: in each case the messages are to be tried again. To add them again changes nothing.
pub async fn keep<H: Histories, C: Cache, B: EventBus>(
    topic: &Topic,
    messages: Vec<Translated>,
    histories: &H,
    cache: &C,
    bus: &B,
    waits_ms: &[u64],
) -> Result<(), KeepError<B::Error>> {
    let saved = histories.load(topic).await.map_err(KeepError::Table)?;
    let mut history: History = saved.as_deref().and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
    history.add(messages);
    let json = history.to_json();
    if saved.as_deref() != Some(&json) {
        histories.save(topic, &json).await.map_err(KeepError::Table)?;
    }
    let shows_it = async || cache.get(&topic.cache, &topic.name).await.map(|item| item.as_deref() == Some(&json));
    if shows_it().await.map_err(KeepError::Cache)? {
        return Ok(());
    }
    let command = Event::Keep { topic, history: &json, ttl_seconds: TTL_SECONDS };
    bus.put(command).await.map_err(KeepError::Bus)?;
    for wait in waits_ms {
        tokio::time::sleep(Duration::from_millis(*wait)).await;
        if shows_it().await.map_err(KeepError::Cache)? {
            return Ok(());
        }
    }
    Err(KeepError::NotShown)
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::convert::Infallible;
    use std::sync::{Mutex, MutexGuard};

    use serde_json::json;

    use super::{Cache, Histories, History, KeepError, PublishCommand, Topic, keep};
    use crate::event_bus::{Event, EventBus};
    use crate::message::Translated;

    fn message(number: u64, text: &str) -> Translated {
        serde_json::from_value(json!({
            "id": format!("1-{number}"), "sequence": number, "publishedAt": 1000 + number, "author": "Ada", "text": text,
            "language": "es", "originalLanguage": "en", "masked": false,
        }))
        .unwrap()
    }

    fn numbers(json: &str) -> Vec<u64> {
        serde_json::from_str::<Vec<Translated>>(json).unwrap().iter().map(|message| message.sequence).collect()
    }

    #[test]
    fn the_last_hundred_are_kept_in_order_whichever_way_they_come() {
        let mut history = History::default();
        for start in [200, 0, 100, 150, 250] {
            history.add((start..start + 50).rev().map(|number| message(number, "hola")));
        }
        assert_eq!(numbers(&history.to_json()), (200..300).collect::<Vec<_>>());
    }

    #[test]
    fn a_message_that_comes_twice_is_kept_once_even_with_another_time() {
        let mut history = History::default();
        history.add((0..3).map(|number| message(number, "hola")));
        history.add([message(1, "hola"), Translated { published_at: 2000, ..message(0, "hola") }]);
        assert_eq!(numbers(&history.to_json()), [0, 1, 2]);
    }

    #[test]
    fn of_long_messages_as_many_are_kept_as_a_command_can_carry() {
        let mut history = History::default();
        history.add((0..100).map(|number| message(number, &"\"".repeat(1500))));
        let json = history.to_json();
        let escaped = json!(json).to_string();
        assert!((150_000..=200_200).contains(&escaped.len()), "{}", escaped.len());
        assert_eq!(numbers(&json).last(), Some(&99));
    }

    #[test]
    fn a_command_whose_message_is_not_of_the_chat_is_not_read_and_not_quoted() {
        let command = json!({ "cacheName": "chat", "topicName": "spanish", "message": "secret" });
        let error = serde_json::from_value::<PublishCommand>(command).unwrap_err().to_string();
        assert!(error.contains("not a message of the chat") && !error.contains("secret"), "{error}");
        let command = json!({ "cacheName": "chat", "topicName": "spanish", "message": message(1, "hola").to_json() });
        assert_eq!(serde_json::from_value::<PublishCommand>(command).unwrap().message, message(1, "hola"));
    }

    /// A table, a cache that shows what it is set to after some reads, and the bus between them.
    #[derive(Default)]
    struct Services(Mutex<State>);

    #[derive(Default)]
    struct State {
        saved: Option<String>,
        shown: Option<String>,
        under_way: VecDeque<String>,
        reads_until_shown: usize,
        commands: usize,
    }

    impl Services {
        fn state(&self) -> MutexGuard<'_, State> {
            self.0.lock().unwrap()
        }
    }

    impl Histories for Services {
        async fn load(&self, _: &Topic) -> Result<Option<String>, String> {
            Ok(self.state().saved.clone())
        }

        async fn save(&self, _: &Topic, history: &str) -> Result<(), String> {
            self.state().saved = Some(history.to_owned());
            Ok(())
        }
    }

    impl Cache for Services {
        async fn get(&self, _: &str, _: &str) -> Result<Option<String>, String> {
            let mut state = self.state();
            if state.reads_until_shown > 0 {
                state.reads_until_shown -= 1;
            } else if let Some(next) = state.under_way.pop_front() {
                return Ok(state.shown.replace(next));
            }
            Ok(state.shown.clone())
        }
    }

    impl EventBus for Services {
        type Error = Infallible;

        async fn put(&self, event: Event<'_>) -> Result<(), Infallible> {
            assert_eq!(event.detail_type(), "cacheSet");
            let mut state = self.state();
            state.under_way.push_back(event.detail()["message"].as_str().unwrap().to_owned());
            state.commands += 1;
            Ok(())
        }
    }

    async fn kept(services: &Services, numbers: &[u64]) -> Result<(), KeepError<Infallible>> {
        let topic = Topic { cache: "chat".to_owned(), name: "friends-subscribe-spanish".to_owned() };
        let messages = numbers.iter().map(|number| message(*number, "hola")).collect();
        keep(&topic, messages, services, services, services, &[1; 8]).await
    }

    #[tokio::test]
    async fn messages_are_kept_when_the_cache_shows_them_and_again_costs_no_command() {
        let services = Services::default();
        services.state().reads_until_shown = 3;
        for _ in 0..2 {
            assert_eq!(kept(&services, &[1, 2]).await, Ok(()));
        }
        let state = services.state();
        assert_eq!(state.commands, 1);
        assert_eq!(numbers(state.shown.as_deref().unwrap()), [1, 2]);
    }

    #[tokio::test]
    async fn nothing_is_lost_while_momento_is_away_or_when_an_older_command_comes_again() {
        let services = Services::default();
        services.state().reads_until_shown = usize::MAX;
        assert_eq!(kept(&services, &[1]).await, Err(KeepError::NotShown));
        services.state().reads_until_shown = 0;
        services.state().under_way.clear();
        assert_eq!(kept(&services, &[1]).await, Ok(()));
        let older = services.state().shown.clone();
        assert_eq!(kept(&services, &[2]).await, Ok(()));
        services.state().shown = older;
        assert_eq!(kept(&services, &[3]).await, Ok(()));
        assert_eq!(numbers(services.state().shown.as_deref().unwrap()), [1, 2, 3]);
    }
}
