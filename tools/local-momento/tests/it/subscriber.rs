//! A client of Momento's gRPC for topics, as Momento's own definitions generate it, and what it hears.

use std::time::Duration;

use momento_protos::cache_client::pubsub::pubsub_client::PubsubClient;
use momento_protos::cache_client::pubsub::subscription_item::Kind;
use momento_protos::cache_client::pubsub::topic_value;
use momento_protos::cache_client::pubsub::{PublishRequest, SubscriptionItem, SubscriptionRequest, TopicValue};
use tokio::time::timeout;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status, Streaming};

use crate::server::{KEY, Server};

/// Long enough for a busy machine, and short enough to notice.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) pubsub: PubsubClient<Channel>,
    pub(crate) key: String,
}

pub(crate) struct Subscriber(Streaming<SubscriptionItem>);

/// What a subscriber hears, without what it says about the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Heard {
    Text {
        page: u64,
        number: u64,
        text: String,
        publisher: String,
    },
    Binary {
        number: u64,
        bytes: Vec<u8>,
    },
    Discontinuity {
        last: u64,
        new: u64,
        page: u64,
    },
    Heartbeat,
    /// The server ended the stream, with no error.
    End,
}

impl Client {
    /// With a connection of its own.
    pub(crate) async fn connect(momento: &Server) -> Self {
        Self::connect_with(momento, |endpoint| endpoint).await
    }

    pub(crate) async fn connect_with(momento: &Server, configure: impl FnOnce(Endpoint) -> Endpoint) -> Self {
        let endpoint = configure(Endpoint::from_shared(momento.endpoint.clone()).unwrap());
        Self { pubsub: PubsubClient::new(endpoint.connect().await.unwrap()), key: KEY.to_owned() }
    }

    pub(crate) fn with_key(&self, key: &str) -> Self {
        Self { key: key.to_owned(), ..self.clone() }
    }

    /// To a topic of the cache `chat`.
    pub(crate) async fn publish(&self, topic: &str, text: &str) -> Result<(), Status> {
        self.publish_value("chat", topic, Some(topic_value::Kind::Text(text.to_owned()))).await
    }

    pub(crate) async fn publish_value(
        &self,
        cache: &str,
        topic: &str,
        value: Option<topic_value::Kind>,
    ) -> Result<(), Status> {
        let value = value.map(|kind| TopicValue { kind: Some(kind) });
        let request = PublishRequest { cache_name: cache.to_owned(), topic: topic.to_owned(), value };
        self.pubsub.clone().publish(self.signed(request)).await.map(|_| ())
    }

    /// To a topic of the cache `chat`, from the newest message on.
    pub(crate) async fn subscribe(&self, topic: &str) -> Result<Subscriber, Status> {
        self.resume(topic, 0, 0).await
    }

    pub(crate) async fn resume(&self, topic: &str, page: u64, number: u64) -> Result<Subscriber, Status> {
        self.resume_in("chat", topic, page, number).await
    }

    pub(crate) async fn resume_in(
        &self,
        cache: &str,
        topic: &str,
        page: u64,
        number: u64,
    ) -> Result<Subscriber, Status> {
        let request = SubscriptionRequest {
            cache_name: cache.to_owned(),
            topic: topic.to_owned(),
            resume_at_topic_sequence_number: number,
            sequence_page: page,
        };
        let stream = self.pubsub.clone().subscribe(self.signed(request)).await?.into_inner();
        Ok(Subscriber(stream))
    }

    fn signed<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        request.metadata_mut().insert("authorization", self.key.parse().unwrap());
        request
    }
}

impl Subscriber {
    /// The next thing, or the status that the stream ended with.
    pub(crate) async fn hear(&mut self) -> Result<Heard, Status> {
        let item = timeout(PATIENCE, self.0.message()).await.unwrap()?;
        Ok(item.map_or(Heard::End, |item| match item.kind.unwrap() {
            Kind::Heartbeat(_) => Heard::Heartbeat,
            Kind::Discontinuity(discontinuity) => Heard::Discontinuity {
                last: discontinuity.last_topic_sequence,
                new: discontinuity.new_topic_sequence,
                page: discontinuity.new_sequence_page,
            },
            Kind::Item(item) => match item.value.unwrap().kind.unwrap() {
                topic_value::Kind::Text(text) => Heard::Text {
                    page: item.sequence_page,
                    number: item.topic_sequence_number,
                    text,
                    publisher: item.publisher_id,
                },
                topic_value::Kind::Binary(bytes) => Heard::Binary { number: item.topic_sequence_number, bytes },
            },
        }))
    }

    /// The next thing that is not a heartbeat.
    pub(crate) async fn hear_news(&mut self) -> Heard {
        loop {
            match self.hear().await.unwrap() {
                Heard::Heartbeat => {}
                news => return news,
            }
        }
    }

    /// The texts of the next messages.
    pub(crate) async fn texts(&mut self, count: usize) -> Vec<String> {
        let mut texts = Vec::new();
        while texts.len() < count {
            match self.hear_news().await {
                Heard::Text { text, .. } => texts.push(text),
                other => panic!("no text: {other:?}"),
            }
        }
        texts
    }

    /// The status that the stream ends with.
    pub(crate) async fn failure(&mut self) -> Status {
        loop {
            match self.hear().await {
                Ok(Heard::End) => panic!("ended without an error"),
                Ok(_) => {}
                Err(status) => return status,
            }
        }
    }

    /// Whether nothing at all comes for so long.
    pub(crate) async fn is_silent(&mut self, duration: Duration) -> bool {
        timeout(duration, self.0.message()).await.is_err()
    }
}
