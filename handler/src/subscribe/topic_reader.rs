//! One topic: stream → event → bus or fallback queue → checkpoint, again and again until it is told to stop.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::select;
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, sleep_until, timeout};

use crate::bus::EventBus;
use crate::bus::call_size::{CallSize, MAX_EVENTS_A_CALL};
use crate::bus::event::BusEvent;
use crate::checkpoints::{CheckpointTable, Fence, Fenced};
use crate::clock::Clock;
use crate::message::event::detail_type;
use crate::message::missed::Gap;
use crate::message::publisher::{Deadlines, PublishOutcome, Publisher};
use crate::momento::api_key::{ApiKey, ApiKeyReader};
use crate::momento::pubsub::{ResumeAt, StreamError, StreamMessage, Topic, TopicSource, TopicStream};
use crate::queue::fallback::FallbackQueue;
use crate::retry::Backoff;
use crate::secret::store::{SecretError, SecretSource, SecretStore};
use crate::service_error::ServiceError;

use super::checkpoint::Progress;
use super::log::{log_end, log_gap, log_published};
use super::metrics::{Meter, PublishedCall};
use super::position::{Position, Step};
use super::stream_end::StreamEnd;

/// How many events of a topic wait for the bus at most, those of the running call included: two calls, so that the next is
/// ready when one is done. More is not read, and Momento holds it back.
const MAX_WAITING: usize = 2 * MAX_EVENTS_A_CALL;
/// How long the bus is tried with a call.
const PUBLISH_WITHIN: Duration = Duration::from_secs(3);
/// How long after its beginning the fallback queue is still tried.
const PARK_WITHIN: Duration = Duration::from_secs(5);
/// The longest wait for the API key.
const READ_KEY_TIMEOUT: Duration = Duration::from_secs(3);
/// The longest wait for one call to the table.
const TAKE_OVER_TIMEOUT: Duration = Duration::from_secs(2);
/// The first wait before a stream is opened again, from one half of it up, and the longest.
const FIRST_BACKOFF: Duration = Duration::from_secs(1);
const LONGEST_BACKOFF: Duration = Duration::from_secs(30);
/// A stream that lived so long makes the next wait a short one again.
const GOOD_LIFE: Duration = Duration::from_secs(5);

/// What all topics share.
pub(super) struct Shared<'a, G, S, B, Q, T> {
    pub(super) source: &'a G,
    pub(super) keys: &'a SecretStore<ApiKeyReader<S>, ApiKey>,
    pub(super) publisher: Publisher<B, Q>,
    pub(super) table: &'a T,
    pub(super) fence: Fence,
    pub(super) start_at: ResumeAt,
    pub(super) meter: &'a Meter,
    pub(super) clock: &'a Clock,
    /// How long a stream may bring nothing.
    pub(super) silence: Duration,
    pub(super) random: fn() -> f64,
    /// Bounds how many calls to the bus run at a time, and how many connections they take.
    pub(super) bus_calls: Semaphore,
    /// Bounds how many calls to the table run at a time.
    pub(super) table_calls: Semaphore,
    /// Turns true when the topics are to be handed over.
    pub(super) stop: watch::Receiver<bool>,
}

/// Reads one topic.
pub(super) struct TopicReader<'a, G, S, B, Q, T> {
    shared: &'a Shared<'a, G, S, B, Q, T>,
    topic: &'a Topic,
    detail_type: String,
}

/// An event on its way, and how far the topic is published with it.
struct Entry {
    event: BusEvent,
    gap: Option<Gap>,
    position: Position,
}

type Publishing<'a> = Pin<Box<dyn Future<Output = Result<(), StreamEnd>> + 'a>>;

impl<'a, G, S, B, Q, T> TopicReader<'a, G, S, B, Q, T>
where
    G: TopicSource,
    S: SecretSource,
    B: EventBus,
    Q: FallbackQueue,
    T: CheckpointTable,
{
    pub(super) fn new(shared: &'a Shared<'a, G, S, B, Q, T>, topic: &'a Topic) -> Self {
        Self { shared, topic, detail_type: detail_type(&topic.cache, &topic.name) }
    }

    /// Reads the topic until it is told to stop, and has published and checkpointed what it read.
    pub(super) async fn run(self) -> Result<(), Fenced> {
        let Some(checkpoint) = self.take_over().await? else { return Ok(()) };
        let progress = Progress::new(checkpoint.map(Position::new));
        let read = async {
            self.read_on(&progress).await;
            progress.finish();
            Ok(())
        };
        let Shared { table, table_calls, fence, random, .. } = self.shared;
        let written = progress.write(*table, table_calls, self.topic, *fence, *random);
        tokio::try_join!(read, written).map(|_| ())
    }

    /// Keeps earlier holders from this topic, and gets its checkpoint; `None` if it is told to stop before.
    async fn take_over(&self) -> Result<Option<Option<ResumeAt>>, Fenced> {
        let mut backoff = self.backoff();
        loop {
            // Never closed.
            let turn = self.shared.table_calls.acquire().await;
            let call = timeout(TAKE_OVER_TIMEOUT, self.shared.table.take_over(self.topic, self.shared.fence));
            match call.await.unwrap_or(Err(ServiceError::TimedOut)) {
                Ok(checkpoint) => return checkpoint.map(Some),
                Err(error) => tracing::warn!(topic = %self.topic, %error, "the checkpoint could not be read"),
            }
            drop(turn);
            if self.stopped_within(backoff.next()).await {
                return Ok(None);
            }
        }
    }

    /// Opens one stream after the other.
    async fn read_on(&self, progress: &Progress) {
        let mut backoff = self.backoff();
        loop {
            let started = Instant::now();
            let end = match self.key().await {
                Err(error) => StreamEnd::NoKey(error),
                Ok(key) => match self.read(&key, progress).await {
                    StreamEnd::Stream(StreamError::Unauthenticated) if self.has_another_key(&key).await => {
                        tracing::info!(topic = %self.topic, "Momento refused an API key that was replaced meanwhile");
                        continue;
                    }
                    end => end,
                },
            };
            if matches!(end, StreamEnd::Stopped) {
                return;
            }
            self.count(&end);
            log_end(self.topic, &end);
            if started.elapsed() >= GOOD_LIFE && !matches!(end, StreamEnd::Blocked { .. }) {
                backoff.reset();
            }
            if self.stopped_within(backoff.next()).await {
                return;
            }
            self.shared.meter.reconnected();
        }
    }

    /// Reads one stream, and publishes what came when it ends.
    async fn read(&self, key: &ApiKey, progress: &Progress) -> StreamEnd {
        let mut stop = self.shared.stop.clone();
        let mut reading = progress.published().unwrap_or(Position::Start(self.shared.start_at));
        let mut stream = select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return StreamEnd::Stopped,
            stream = self.shared.source.subscribe(self.topic, reading.resume_at(), key) => match stream {
                Ok(stream) => stream,
                Err(error) => return StreamEnd::Stream(error),
            },
        };
        let mut is_held = None;
        let mut silent_at = Instant::now() + self.shared.silence;
        let mut waiting = VecDeque::new();
        let mut publishing: Option<Publishing<'_>> = None;
        let mut in_flight = 0;
        let mut end = None;
        loop {
            if publishing.is_none() {
                let batch = next_batch(&mut waiting, progress);
                in_flight = batch.len();
                if !batch.is_empty() {
                    publishing = Some(Box::pin(self.publish(batch, progress)));
                } else if let Some(end) = end {
                    return end;
                }
            }
            let may_read = end.is_none() && waiting.len() + in_flight < MAX_WAITING;
            select! {
                biased;
                _ = stop.wait_for(|stop| *stop), if end.is_none() => end = Some(StreamEnd::Stopped),
                message = stream.next(), if may_read => match message {
                    Ok(message) => {
                        is_held.get_or_insert_with(|| self.shared.meter.held());
                        silent_at = Instant::now() + self.shared.silence;
                        reading = self.receive(message, reading, &mut waiting, progress);
                    }
                    Err(error) => end = Some(StreamEnd::Stream(error)),
                },
                published = poll_fn(|context| publishing.as_mut().map_or(Poll::Pending, |call| call.as_mut().poll(context))),
                    if publishing.is_some() =>
                {
                    publishing = None;
                    if let Err(blocked) = published {
                        return blocked;
                    }
                    silent_at = silent_at.max(Instant::now() + self.shared.silence);
                }
                () = sleep_until(silent_at), if may_read => end = Some(StreamEnd::Silent),
            }
        }
    }

    /// Makes events of a message, and says how far the topic has been read with it.
    fn receive(
        &self,
        message: StreamMessage,
        reading: Position,
        waiting: &mut VecDeque<Entry>,
        progress: &Progress,
    ) -> Position {
        if progress.published().is_none() {
            progress.advance(reading.accepted());
        }
        let received_at = self.shared.clock.now();
        let mut report = |gap: Gap, position| {
            waiting.push_back(Entry {
                event: BusEvent::of_gap(self.topic, &gap, received_at),
                gap: Some(gap),
                position,
            });
        };
        match message {
            StreamMessage::Heartbeat => reading,
            StreamMessage::Discontinuity { page, number } => {
                let (gap, position) = reading.discontinuity(page, number);
                match gap {
                    Some(gap) => report(gap, position),
                    // The first that is known of the topic's numbers: nothing waits yet.
                    None if position != reading => progress.advance(position),
                    None => {}
                }
                position
            }
            StreamMessage::Item(item) => {
                let (page, number) = (item.page, item.number);
                if reading.due().is_none() {
                    // Before it is published: from then on, whatever becomes of this holder, what is missed is known.
                    progress.advance(Position::Due { page, number });
                }
                let Step::Publish { gap, position } = reading.item(page, number) else {
                    self.shared.meter.duplicate();
                    return reading;
                };
                let Some(event) = BusEvent::of_item(self.topic, &self.detail_type, &item, received_at) else {
                    tracing::error!(
                        topic = %self.topic,
                        topic_sequence_page = page,
                        topic_sequence_number = number,
                        "a message cannot become an event: it is too large, or of an unknown kind"
                    );
                    let (gap, position) = reading.unusable(page, number);
                    if let Some(gap) = gap {
                        report(gap, position);
                    }
                    return position;
                };
                if let Some(gap) = gap {
                    report(gap, Position::Due { page, number });
                }
                waiting.push_back(Entry { event, gap: None, position });
                position
            }
        }
    }

    /// Has the bus or the queue take events, in their order, and the topic's progress with them.
    async fn publish(&self, batch: Vec<Entry>, progress: &Progress) -> Result<(), StreamEnd> {
        progress.recorded().await;
        // Never closed.
        let _turn = self.shared.bus_calls.acquire().await;
        let started = Instant::now();
        let deadlines = Deadlines { publish: started + PUBLISH_WITHIN, park: started + PARK_WITHIN };
        let (events, marks): (Vec<_>, Vec<_>) =
            batch.into_iter().map(|entry| (entry.event, (entry.gap, entry.position))).unzip();
        let outcomes = self.shared.publisher.publish_all(&events, deadlines).await;
        let mut result = Ok(());
        let mut call = PublishedCall::default();
        for ((gap, position), outcome) in marks.into_iter().zip(outcomes) {
            match outcome {
                PublishOutcome::Published { .. } => {}
                PublishOutcome::Parked { bus } => call.parked(bus),
                PublishOutcome::Failed { bus, queue } => {
                    result = Err(StreamEnd::Blocked { bus, queue });
                    break;
                }
            }
            match gap {
                Some(gap) => {
                    self.shared.meter.missed(self.topic, &gap);
                    log_gap(self.topic, &gap);
                }
                None => call.accepted += 1,
            }
            progress.advance(position);
        }
        call.took = started.elapsed();
        self.shared.meter.published(&call);
        log_published(self.topic, progress.published(), &call);
        result
    }

    async fn key(&self) -> Result<Arc<ApiKey>, SecretError> {
        self.shared.keys.get(self.shared.clock.now(), Instant::now() + READ_KEY_TIMEOUT).await
    }

    /// Whether the API key is another than the refused one, as after a rotation.
    async fn has_another_key(&self, refused: &Arc<ApiKey>) -> bool {
        let differs = |key: &Arc<ApiKey>| key != refused;
        if self.key().await.as_ref().is_ok_and(differs) {
            return true;
        }
        let deadline = Instant::now() + READ_KEY_TIMEOUT;
        let fresh = self.shared.keys.refresh(self.shared.clock.now(), deadline).await;
        fresh.is_ok_and(|fresh| fresh.as_ref().is_some_and(differs))
    }

    fn count(&self, end: &StreamEnd) {
        match end {
            StreamEnd::Stream(StreamError::Unauthenticated) => self.shared.meter.key_refused(),
            StreamEnd::Stream(StreamError::Refused(_)) => self.shared.meter.refused(self.topic),
            StreamEnd::Silent => self.shared.meter.silent(self.topic),
            StreamEnd::Stream(StreamError::Unavailable(_))
            | StreamEnd::NoKey(_)
            | StreamEnd::Blocked { .. }
            | StreamEnd::Stopped => {}
        }
    }

    fn backoff(&self) -> Backoff {
        Backoff::new(FIRST_BACKOFF, LONGEST_BACKOFF, self.shared.random)
    }

    /// Waits, and says whether it was told to stop meanwhile.
    async fn stopped_within(&self, wait: Duration) -> bool {
        let mut stop = self.shared.stop.clone();
        timeout(wait, stop.wait_for(|stop| *stop)).await.is_ok()
    }
}

/// The next events that have room in one call. As long as no number is known the first one goes alone: it says that messages
/// may be missing, and with it the number becomes known that has to be in the checkpoint before a message is published.
fn next_batch(waiting: &mut VecDeque<Entry>, progress: &Progress) -> Vec<Entry> {
    let most = if progress.published().and_then(Position::due).is_some() { MAX_EVENTS_A_CALL } else { 1 };
    let mut size = CallSize::default();
    let count = waiting.iter().take(most).take_while(|entry| size.add(&entry.event)).count();
    waiting.drain(..count).collect()
}
