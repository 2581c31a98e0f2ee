//! A subscription by gRPC: a heartbeat, then what is published, and heartbeats in between.

use std::collections::VecDeque;
use std::future::pending;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderMap;
use futures_util::stream::{Stream, unfold};
use momento_protos::cache_client::pubsub::{
    Discontinuity, Heartbeat, SubscriptionItem, SubscriptionRequest, TopicItem, TopicValue, subscription_item,
    topic_value,
};
use tokio::sync::futures::OwnedNotified;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, sleep, sleep_until};
use tonic::metadata::{MetadataMap, MetadataValue};
use tonic::{Code, Status};

use crate::Momento;
use crate::api_error::ApiError;
use crate::connection::Connection;
use crate::credentials::Operation;
use crate::grpc::StatusName;
use crate::query::Query;
use crate::streams::StreamFault;
use crate::topic::{Delivered, Position, Value};

/// In the trailers of a stream that is to be reset instead: see [`crate::pubsub_api`].
pub(crate) const RESET: &str = "local-reset";

pub(crate) type SubscriptionStream = Pin<Box<dyn Stream<Item = Result<SubscriptionItem, Status>> + Send>>;

pub(crate) struct Subscription {
    momento: Arc<Momento>,
    /// With the key, which counts as long as it is valid.
    headers: HeaderMap,
    cache: String,
    topic: String,
    connection: Connection,
    number: u64,
    faults: UnboundedReceiver<StreamFault>,
    position: Position,
    unsent: VecDeque<Result<SubscriptionItem, Status>>,
    /// What each message waits before it is sent.
    delay: Duration,
    heartbeat_due: Instant,
    ended: bool,
}

impl Subscription {
    /// Subscribes where the request says, if the caller may.
    pub(crate) fn begin(
        momento: &Arc<Momento>,
        headers: HeaderMap,
        connection: Connection,
        request: SubscriptionRequest,
    ) -> Result<Self, ApiError> {
        let SubscriptionRequest { cache_name: cache, topic, resume_at_topic_sequence_number, sequence_page } = request;
        let (mut state, now) = (momento.state(), momento.clock.now());
        let operation = Operation::Subscribe { cache: &cache, topic: &topic };
        state.credentials.authorize(&headers, &Query::default(), operation, now)?;
        let asked = Position { page: sequence_page, number: resume_at_topic_sequence_number };
        let (missed, position) = state.caches.named(&cache)?.topic(&topic, now).resume(asked);
        let (number, faults) = state.streams.open(&cache, &topic);
        let unsent = [heartbeat()].into_iter().chain(missed.into_iter().map(item)).map(Ok).collect();
        let heartbeat_due = Instant::now() + state.streams.heartbeat();
        let (momento, delay, ended) = (Arc::clone(momento), Duration::ZERO, false);
        drop(state);
        Ok(Self {
            momento,
            headers,
            cache,
            topic,
            connection,
            number,
            faults,
            position,
            unsent,
            delay,
            heartbeat_due,
            ended,
        })
    }

    pub(crate) fn into_stream(self) -> SubscriptionStream {
        Box::pin(unfold(self, async |mut subscription| {
            let next = subscription.next().await?;
            Some((next, subscription))
        }))
    }

    async fn next(&mut self) -> Option<Result<SubscriptionItem, Status>> {
        loop {
            if let Ok(fault) = self.faults.try_recv() {
                self.hit(fault).await;
            }
            if let Some(item) = self.unsent.pop_front() {
                // Even a sleep of nothing lasts a millisecond.
                if !self.delay.is_zero() {
                    sleep(self.delay).await;
                }
                return Some(item);
            }
            if self.ended {
                return None;
            }
            match self.read() {
                Err(error) => self.end(Some(error.into())),
                Ok(change) if self.unsent.is_empty() => tokio::select! {
                    () = change => {}
                    () = sleep_until(self.heartbeat_due) => {
                        self.heartbeat_due = Instant::now() + self.momento.state().streams.heartbeat();
                        self.unsent.push_back(Ok(heartbeat()));
                    }
                    Some(fault) = self.faults.recv() => self.hit(fault).await,
                },
                Ok(_) => {}
            }
        }
    }

    /// Takes what was published meanwhile, and says what ends when there is more.
    fn read(&mut self) -> Result<OwnedNotified, ApiError> {
        let (mut state, now) = (self.momento.state(), self.momento.clock.now());
        let operation = Operation::Subscribe { cache: &self.cache, topic: &self.topic };
        state.credentials.authorize(&self.headers, &Query::default(), operation, now)?;
        let topic = state.caches.named(&self.cache)?.topic(&self.topic, now);
        let (delivered, position) = topic.read_on(self.position);
        self.unsent.extend(delivered.into_iter().map(item).map(Ok));
        self.position = position;
        Ok(topic.change())
    }

    async fn hit(&mut self, fault: StreamFault) {
        match fault {
            StreamFault::End { code: StatusName::Ok, .. } => self.end(None),
            StreamFault::End { code, message } => self.end(Some(code.with_message(message))),
            StreamFault::Reset => {
                let mut trailers = MetadataMap::new();
                trailers.insert(RESET, MetadataValue::from_static("1"));
                self.end(Some(Status::with_metadata(Code::Unavailable, "reset", trailers)));
            }
            StreamFault::Silence => pending().await,
            StreamFault::ResetConnection => {
                self.connection.reset();
                // It is reset when something is written.
                self.unsent.push_front(Ok(heartbeat()));
            }
            StreamFault::SilenceConnection => self.connection.silence(),
            StreamFault::Slow { milliseconds } => self.delay = Duration::from_millis(milliseconds),
        }
    }

    /// Drops what was not sent yet.
    fn end(&mut self, status: Option<Status>) {
        self.unsent = status.into_iter().map(Err).collect();
        self.ended = true;
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.momento.state().streams.close(self.number);
    }
}

fn heartbeat() -> SubscriptionItem {
    SubscriptionItem { kind: Some(subscription_item::Kind::Heartbeat(Heartbeat {})) }
}

fn item(delivered: Delivered) -> SubscriptionItem {
    let kind = match delivered {
        Delivered::Item { topic_sequence_number, sequence_page, value, token_id } => {
            let kind = match value {
                Value::Text(text) => topic_value::Kind::Text(text),
                Value::Binary(bytes) => topic_value::Kind::Binary(bytes.into()),
            };
            subscription_item::Kind::Item(TopicItem {
                topic_sequence_number,
                value: Some(TopicValue { kind: Some(kind) }),
                publisher_id: token_id,
                sequence_page,
            })
        }
        Delivered::Discontinuity { last_topic_sequence, new_topic_sequence, new_sequence_page } => {
            subscription_item::Kind::Discontinuity(Discontinuity {
                last_topic_sequence,
                new_topic_sequence,
                new_sequence_page,
            })
        }
    };
    SubscriptionItem { kind: Some(kind) }
}
