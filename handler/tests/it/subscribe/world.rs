//! A world to subscribe in: Momento, the bus, the queue and the table, on one thread and in a time that is paused. All of it
//! can be broken, and keeps a journal of what it took, in its order.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::future::{Future, pending};
use std::rc::Rc;
use std::time::Duration;

use momento_eventbridge::bus::event::BusEvent;
use momento_eventbridge::bus::{EventBus, PutResult};
use momento_eventbridge::checkpoints::{Bid, Checkpoint, CheckpointTable, Fence, Fenced, Lease};
use momento_eventbridge::clock::{Clock, UnixMillis};
use momento_eventbridge::momento::api_key::{ApiKey, ApiKeyReader, ApiKeySettings};
use momento_eventbridge::momento::pubsub::{
    ResumeAt, StreamError, StreamMessage, Topic, TopicItem, TopicSource, TopicStream, TopicValue,
};
use momento_eventbridge::queue::fallback::FallbackQueue;
use momento_eventbridge::secret::store::SecretStore;
use momento_eventbridge::service_error::ServiceError;
use momento_eventbridge::subscribe::metrics::Meter;
use momento_eventbridge::subscribe::settings::{SubscribeSettings, Times};
use momento_eventbridge::subscribe::{Invocation, Outcome, Services, Subscribe, SubscribeError};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::{JoinHandle, LocalSet, spawn_local};
use tokio::time::{Instant, sleep};

use crate::fakes::{Behaviour, FakeClock, NOW, Secrets};

/// How long an invocation may take.
pub(crate) const FUNCTION_TIMEOUT: Duration = Duration::from_mins(15);
/// How long the bus takes for a call.
const BUS_LATENCY: Duration = Duration::from_millis(8);
const TABLE_LATENCY: Duration = Duration::from_millis(4);
pub(crate) const KEY: &str = "the-api-key";

/// What was taken, in the order in which it was.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Entry {
    /// By the bus, from a holder.
    Published { holder: String, event: BusEvent },
    /// By the fallback queue.
    Parked { event: BusEvent },
    /// By the table.
    Checkpointed { topic: Topic, checkpoint: Checkpoint },
}

/// Each with when it was.
type Journal = Rc<RefCell<Vec<(Instant, Entry)>>>;

#[derive(Clone)]
pub(crate) struct World {
    pub(crate) momento: Momento,
    pub(crate) table: Table,
    pub(crate) bus: Rc<RefCell<Behaviour>>,
    pub(crate) queue: Rc<RefCell<Behaviour>>,
    pub(crate) secrets: Secrets,
    pub(crate) clock: FakeClock,
    pub(crate) journal: Journal,
    pub(crate) metrics: Rc<RefCell<Vec<(Instant, Value)>>>,
    /// The sizes of the calls to the bus.
    pub(crate) calls: Rc<RefCell<Vec<usize>>>,
}

/// Runs a test in a world of its own.
pub(crate) fn simulate<F: Future>(test: impl FnOnce(World) -> F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    LocalSet::new().block_on(&runtime, async {
        let world = World::new();
        let momento = world.momento.clone();
        spawn_local(async move {
            loop {
                sleep(Duration::from_secs(20)).await;
                momento.beat();
            }
        });
        test(world).await
    })
}

pub(crate) fn topic(name: &str) -> Topic {
    Topic { cache: "chat".to_owned(), name: name.to_owned() }
}

/// The schedule's input for these topics.
pub(crate) fn input(topics: &[&str], start_at: &str) -> Value {
    let topics: Vec<_> = topics.iter().map(|topic| json!({"cache": "chat", "topic": topic})).collect();
    json!({"topics": topics, "startAt": start_at})
}

pub(crate) fn settings() -> SubscribeSettings {
    SubscribeSettings {
        event_bus_name: "bus".to_owned(),
        fallback_queue_url: "queue".to_owned(),
        momento_endpoint: "https://momento".to_owned(),
        api_key: ApiKeySettings { secret_id: "secret".to_owned(), field: None },
        checkpoint_table_name: "table".to_owned(),
        times: Times::default(),
    }
}

type Holder = Subscribe<Momento, Secrets, Bus, Queue, Table>;

/// An invocation that runs.
pub(crate) struct Running(pub(crate) JoinHandle<Result<Outcome, SubscribeError>>);

impl Running {
    pub(crate) async fn outcome(self) -> Result<Outcome, SubscribeError> {
        self.0.await.unwrap()
    }

    pub(crate) fn kill(self) {
        self.0.abort();
    }
}

impl World {
    fn new() -> Self {
        let journal = Journal::default();
        Self {
            momento: Momento::default(),
            table: Table::new(Rc::clone(&journal)),
            bus: Rc::new(RefCell::new(Behaviour::Take)),
            queue: Rc::new(RefCell::new(Behaviour::Take)),
            secrets: Secrets::of(KEY),
            clock: FakeClock::starting_at(NOW),
            journal,
            metrics: Rc::default(),
            calls: Rc::default(),
        }
    }

    /// A function's execution environment.
    pub(crate) fn environment(&self, name: &str, clock: Clock) -> Rc<Holder> {
        self.environment_with(name, clock, settings())
    }

    pub(crate) fn environment_with(&self, name: &str, clock: Clock, settings: SubscribeSettings) -> Rc<Holder> {
        let journal = Rc::clone(&self.journal);
        let metrics = Rc::clone(&self.metrics);
        let services = Services {
            source: self.momento.clone(),
            keys: SecretStore::new(ApiKeyReader { source: self.secrets.clone(), field: None, random: || 0.5 }),
            bus: Bus {
                holder: name.to_owned(),
                behaviour: Rc::clone(&self.bus),
                journal: Rc::clone(&journal),
                calls: Rc::clone(&self.calls),
            },
            queue: Queue { behaviour: Rc::clone(&self.queue), journal },
            table: self.table.clone(),
        };
        let meter = Meter::new(move |counted| {
            let line = serde_json::from_str(&counted.to_line("subscribe", UnixMillis(0))).unwrap();
            metrics.borrow_mut().push((Instant::now(), line));
        });
        Rc::new(Subscribe::new(services, settings, meter, clock, || 0.5))
    }

    /// Starts an invocation in an environment of its own.
    pub(crate) fn invoke(&self, id: &str, input: &Value) -> Running {
        self.invoke_for(id, input, FUNCTION_TIMEOUT)
    }

    pub(crate) fn invoke_for(&self, id: &str, input: &Value, time: Duration) -> Running {
        self.invoke_in(&self.environment(id, self.clock.into()), id, input, time)
    }

    pub(crate) fn invoke_in(&self, environment: &Rc<Holder>, id: &str, input: &Value, time: Duration) -> Running {
        let invocation = Invocation { id: id.to_owned(), deadline: self.clock.now().plus(time) };
        let (environment, input) = (Rc::clone(environment), input.clone());
        Running(spawn_local(async move { environment.handle(&invocation, &input).await }))
    }

    /// The events that the bus took, each with who put it there.
    pub(crate) fn published(&self) -> Vec<(String, BusEvent)> {
        let journal = self.journal.borrow();
        let published = journal.iter().filter_map(|(_, entry)| match entry {
            Entry::Published { holder, event } => Some((holder.clone(), event.clone())),
            _ => None,
        });
        published.collect()
    }

    /// The texts of the messages on the bus, in their order.
    pub(crate) fn texts(&self) -> Vec<String> {
        let details = self.published().into_iter().map(|(_, event)| detail(&event));
        details.filter_map(|detail| Some(detail["text"].as_str()?.to_owned())).collect()
    }

    /// The details of the events about messages that are missing.
    pub(crate) fn gaps(&self) -> Vec<Value> {
        let published = self.published().into_iter().map(|(_, event)| event);
        published.filter(|event| event.source == "Momento.Subscription").map(|event| detail(&event)).collect()
    }

    pub(crate) fn parked(&self) -> Vec<BusEvent> {
        let journal = self.journal.borrow();
        let parked = journal.iter().filter_map(|(_, entry)| match entry {
            Entry::Parked { event } => Some(event.clone()),
            _ => None,
        });
        parked.collect()
    }

    /// The checkpoints that were written, each with when it was.
    pub(crate) fn checkpoints(&self) -> Vec<(Instant, Topic, Checkpoint)> {
        let journal = self.journal.borrow();
        let written = journal.iter().filter_map(|(at, entry)| match entry {
            Entry::Checkpointed { topic, checkpoint } => Some((*at, topic.clone(), *checkpoint)),
            _ => None,
        });
        written.collect()
    }

    /// The sum of a metric.
    pub(crate) fn count(&self, name: &str) -> u64 {
        self.metrics.borrow().iter().filter_map(|(_, line)| line[name].as_u64()).sum()
    }

    /// The lines that have a metric.
    pub(crate) fn lines(&self, name: &str) -> Vec<(Instant, Value)> {
        self.metrics.borrow().iter().filter(|(_, line)| !line[name].is_null()).cloned().collect()
    }
}

pub(crate) fn detail(event: &BusEvent) -> Value {
    serde_json::from_str(&event.detail).unwrap()
}

pub(crate) struct Bus {
    holder: String,
    behaviour: Rc<RefCell<Behaviour>>,
    journal: Journal,
    calls: Rc<RefCell<Vec<usize>>>,
}

impl EventBus for Bus {
    async fn put(&self, events: &[BusEvent]) -> Result<Vec<PutResult>, ServiceError> {
        assert!((1..=10).contains(&events.len()));
        self.calls.borrow_mut().push(events.len());
        // What has been sent arrives, whatever becomes of who waits for the answer.
        let behaviour = self.behaviour.borrow().clone();
        let entries = events.iter().map(|event| Entry::Published { holder: self.holder.clone(), event: event.clone() });
        let entries = entries.map(|entry| (Instant::now(), entry));
        match behaviour {
            Behaviour::Take => self.journal.borrow_mut().extend(entries),
            Behaviour::Fail(error) => return Err(error),
            Behaviour::Hang => return pending().await,
        }
        sleep(BUS_LATENCY).await;
        Ok(events.iter().map(|_| Ok("id".to_owned())).collect())
    }
}

pub(crate) struct Queue {
    behaviour: Rc<RefCell<Behaviour>>,
    journal: Journal,
}

impl FallbackQueue for Queue {
    async fn park(&self, event: &BusEvent, _reason: &ServiceError) -> Result<(), ServiceError> {
        let behaviour = self.behaviour.borrow().clone();
        match behaviour {
            Behaviour::Take => self.journal.borrow_mut().push((Instant::now(), Entry::Parked { event: event.clone() })),
            Behaviour::Fail(error) => return Err(error),
            Behaviour::Hang => return pending().await,
        }
        sleep(BUS_LATENCY).await;
        Ok(())
    }
}

/// The table. Its conditions are those of the one in DynamoDB.
#[derive(Clone)]
pub(crate) struct Table {
    pub(crate) lease: Rc<RefCell<Option<Lease>>>,
    topics: Rc<RefCell<BTreeMap<Topic, Stored>>>,
    pub(crate) behaviour: Rc<RefCell<Behaviour>>,
    pub(crate) latency: Rc<Cell<Duration>>,
    journal: Journal,
    pub(crate) calls: Rc<Cell<usize>>,
}

#[derive(Debug, Clone, Copy)]
struct Stored {
    fence: Fence,
    revision: u64,
    resume_at: Option<ResumeAt>,
}

impl Table {
    fn new(journal: Journal) -> Self {
        Self {
            lease: Rc::default(),
            topics: Rc::default(),
            behaviour: Rc::new(RefCell::new(Behaviour::Take)),
            latency: Rc::new(Cell::new(TABLE_LATENCY)),
            journal,
            calls: Rc::default(),
        }
    }

    pub(crate) fn resume_at(&self, topic: &Topic) -> Option<ResumeAt> {
        self.topics.borrow().get(topic)?.resume_at
    }

    async fn arrive(&self) -> Result<(), ServiceError> {
        self.calls.set(self.calls.get() + 1);
        let behaviour = self.behaviour.borrow().clone();
        match behaviour {
            Behaviour::Take => Ok(()),
            Behaviour::Fail(error) => Err(error),
            Behaviour::Hang => pending().await,
        }
    }

    /// Does something when the call arrives, and lets the answer take its time.
    async fn call<A>(&self, action: impl FnOnce() -> A) -> Result<A, ServiceError> {
        self.arrive().await?;
        let answer = action();
        sleep(self.latency.get()).await;
        Ok(answer)
    }

    fn change_lease(&self, fence: Fence, change: impl FnOnce(&mut Lease)) -> Result<Option<String>, Fenced> {
        let mut lease = self.lease.borrow_mut();
        let lease = lease.as_mut().filter(|lease| lease.fence == fence).ok_or(Fenced)?;
        change(lease);
        Ok(lease.successor.clone())
    }
}

impl CheckpointTable for Table {
    async fn lease(&self) -> Result<Option<Lease>, ServiceError> {
        self.call(|| self.lease.borrow().clone()).await
    }

    async fn acquire(&self, bid: &Bid, seen: Option<Fence>) -> Result<Option<Fence>, ServiceError> {
        let acquire = || {
            let mut lease = self.lease.borrow_mut();
            if lease.as_ref().map(|lease| lease.fence) != seen {
                return None;
            }
            let fence = Fence(seen.map_or(1, |Fence(seen)| seen + 1));
            *lease = Some(Lease {
                fence,
                holder: bid.holder.clone(),
                plan: bid.plan.clone(),
                expires: bid.expires,
                hands_over_from: bid.hands_over_from,
                successor: None,
            });
            Some(fence)
        };
        self.call(acquire).await
    }

    async fn renew(&self, fence: Fence, expires: UnixMillis) -> Result<Result<Option<String>, Fenced>, ServiceError> {
        self.call(|| self.change_lease(fence, |lease| lease.expires = expires)).await
    }

    async fn announce(&self, holder: Fence, successor: &str) -> Result<Result<(), Fenced>, ServiceError> {
        let announce = |lease: &mut Lease| lease.successor = Some(successor.to_owned());
        self.call(|| self.change_lease(holder, announce).map(|_| ())).await
    }

    async fn release(&self, fence: Fence) -> Result<Result<(), Fenced>, ServiceError> {
        self.call(|| self.change_lease(fence, |lease| lease.expires = UnixMillis(0)).map(|_| ())).await
    }

    async fn take_over(&self, topic: &Topic, fence: Fence) -> Result<Result<Option<ResumeAt>, Fenced>, ServiceError> {
        let take_over = || {
            let mut topics = self.topics.borrow_mut();
            let stored =
                topics.entry(topic.clone()).or_insert(Stored { fence: Fence(0), revision: 0, resume_at: None });
            if stored.fence < fence {
                (stored.fence, stored.revision) = (fence, 0);
            }
            if stored.fence == fence { Ok(stored.resume_at) } else { Err(Fenced) }
        };
        self.call(take_over).await
    }

    async fn write(&self, topic: &Topic, checkpoint: &Checkpoint) -> Result<Result<(), Fenced>, ServiceError> {
        let write = || {
            let mut topics = self.topics.borrow_mut();
            let stored = topics.get_mut(topic).filter(|stored| stored.fence == checkpoint.fence).ok_or(Fenced)?;
            if stored.revision < checkpoint.revision {
                stored.revision = checkpoint.revision;
                stored.resume_at = Some(checkpoint.resume_at);
                let entry = Entry::Checkpointed { topic: topic.clone(), checkpoint: *checkpoint };
                self.journal.borrow_mut().push((Instant::now(), entry));
            }
            Ok(())
        };
        self.call(write).await
    }
}

/// Momento's topics.
#[derive(Clone, Default)]
pub(crate) struct Momento {
    topics: Rc<RefCell<BTreeMap<Topic, TopicState>>>,
    /// What the next subscriptions are answered, before all is well again.
    pub(crate) refusals: Rc<RefCell<BTreeMap<Topic, VecDeque<StreamError>>>>,
    /// When which topic was subscribed to from where.
    pub(crate) subscriptions: Rc<RefCell<Vec<(Instant, Topic, ResumeAt)>>>,
    /// The API key, where it is another than [`KEY`].
    pub(crate) key: Rc<RefCell<Option<String>>>,
    pub(crate) is_down: Rc<Cell<bool>>,
}

type Sender = UnboundedSender<Result<StreamMessage, StreamError>>;

struct TopicState {
    page: u64,
    next: u64,
    history: VecDeque<TopicItem>,
    streams: Vec<Sender>,
    /// Those that nothing is sent on any more, and that stay open.
    silent: Vec<Sender>,
    /// Every message that there ever was: page and number.
    ever: Vec<(u64, u64)>,
    /// Those of them that nobody can know to be missing.
    unknowable: BTreeSet<(u64, u64)>,
}

impl Default for TopicState {
    fn default() -> Self {
        Self {
            page: 1_000,
            next: 1,
            history: VecDeque::new(),
            streams: Vec::new(),
            silent: Vec::new(),
            ever: Vec::new(),
            unknowable: BTreeSet::new(),
        }
    }
}

impl TopicState {
    fn send(&mut self, message: &Result<StreamMessage, StreamError>) {
        self.streams.retain(|stream| stream.send(message.clone()).is_ok());
    }

    fn oldest(&self) -> u64 {
        self.history.front().map_or(self.next, |item| item.number)
    }
}

impl Momento {
    fn with<A>(&self, topic: &Topic, action: impl FnOnce(&mut TopicState) -> A) -> A {
        action(self.topics.borrow_mut().entry(topic.clone()).or_default())
    }

    pub(crate) fn publish(&self, topic: &Topic, text: &str) {
        self.publish_value(topic, Some(TopicValue::Text(text.to_owned())));
    }

    /// Publishes the numbers from 1 on as texts.
    pub(crate) fn publish_numbers(&self, topic: &Topic, count: u64) {
        for number in 1..=count {
            self.publish(topic, &number.to_string());
        }
    }

    pub(crate) fn publish_value(&self, topic: &Topic, value: Option<TopicValue>) {
        self.with(topic, |state| {
            let item = TopicItem { page: state.page, number: state.next, publisher_id: None, value };
            state.next += 1;
            state.ever.push((item.page, item.number));
            state.history.push_back(item.clone());
            state.send(&Ok(StreamMessage::Item(item)));
        });
    }

    /// Sends something on a topic's streams as it is.
    pub(crate) fn send(&self, topic: &Topic, message: StreamMessage) {
        self.with(topic, |state| state.send(&Ok(message)));
    }

    /// Sends what is made of the last message on the topic's streams, again.
    pub(crate) fn with_last(&self, topic: &Topic, make: impl FnOnce(TopicItem) -> StreamMessage) {
        let last = self.with(topic, |state| state.history.back().cloned()).unwrap();
        self.send(topic, make(last));
    }

    /// Sends the last message again, if it is still there.
    pub(crate) fn repeat(&self, topic: &Topic) {
        if self.with(topic, |state| !state.history.is_empty()) {
            self.with_last(topic, StreamMessage::Item);
        }
    }

    pub(crate) fn beat(&self) {
        self.topics.borrow_mut().values_mut().for_each(|state| state.send(&Ok(StreamMessage::Heartbeat)));
    }

    pub(crate) fn break_streams(&self, topic: &Topic) {
        self.with(topic, |state| {
            state.send(&Err(StreamError::Unavailable("INTERNAL")));
            state.streams.clear();
        });
    }

    pub(crate) fn fall_silent(&self, topic: &Topic) {
        self.with(topic, |state| state.silent.append(&mut state.streams));
    }

    /// Forgets messages, of which those who read too slowly are told.
    pub(crate) fn forget(&self, topic: &Topic) {
        self.with(topic, |state| state.history.clear());
    }

    /// Begins a new page, of which the streams are told.
    pub(crate) fn reset(&self, topic: &Topic) {
        self.with(topic, |state| {
            (state.page, state.next) = (state.page + 7, 1);
            state.history.clear();
            state.send(&Ok(StreamMessage::Discontinuity { page: state.page, number: 1 }));
        });
    }

    /// Every message that there ever was.
    pub(crate) fn ever(&self, topic: &Topic) -> Vec<(u64, u64)> {
        self.with(topic, |state| state.ever.clone())
    }

    /// Says that nobody can know whether something is missing of what was published of a topic so far.
    pub(crate) fn excuse(&self, topic: &Topic) {
        self.with(topic, |state| state.unknowable.extend(&state.ever));
    }

    /// What was excused.
    pub(crate) fn unknowable(&self, topic: &Topic) -> BTreeSet<(u64, u64)> {
        self.with(topic, |state| state.unknowable.clone())
    }

    pub(crate) fn streams(&self, topic: &Topic) -> usize {
        self.with(topic, |state| {
            state.streams.retain(|stream| !stream.is_closed());
            state.streams.len()
        })
    }

    pub(crate) fn refuse(&self, topic: &Topic, errors: impl IntoIterator<Item = StreamError>) {
        self.refusals.borrow_mut().entry(topic.clone()).or_default().extend(errors);
    }

    /// When a topic was subscribed to.
    pub(crate) fn subscribed_at(&self, topic: &Topic) -> Vec<Instant> {
        let subscriptions = self.subscriptions.borrow();
        subscriptions.iter().filter(|(_, of, _)| of == topic).map(|(at, _, _)| *at).collect()
    }
}

impl TopicSource for Momento {
    type Stream = Stream;

    async fn subscribe(&self, topic: &Topic, at: ResumeAt, key: &ApiKey) -> Result<Stream, StreamError> {
        self.subscriptions.borrow_mut().push((Instant::now(), topic.clone(), at));
        sleep(Duration::from_millis(2)).await;
        if self.is_down.get() {
            return Err(StreamError::Unavailable("UNAVAILABLE"));
        }
        if key.expose() != self.key.borrow().as_deref().unwrap_or(KEY) {
            return Err(StreamError::Unauthenticated);
        }
        if let Some(error) = self.refusals.borrow_mut().get_mut(topic).and_then(VecDeque::pop_front) {
            return Err(error);
        }
        let (sender, receiver) = unbounded_channel();
        self.with(topic, |state| {
            let send = |message| sender.send(Ok(message)).unwrap();
            send(StreamMessage::Heartbeat);
            let from = match at {
                ResumeAt::Newest => state.next,
                ResumeAt::Available if state.oldest() > 1 => {
                    send(StreamMessage::Discontinuity { page: state.page, number: state.oldest() });
                    state.oldest()
                }
                ResumeAt::Available => 1,
                ResumeAt::Number { page, number } if page == state.page && number >= state.oldest() => number,
                ResumeAt::Number { .. } => {
                    send(StreamMessage::Discontinuity { page: state.page, number: state.oldest() });
                    state.oldest()
                }
            };
            let still_there = state.history.iter().filter(|item| item.number >= from);
            still_there.cloned().map(StreamMessage::Item).for_each(send);
            state.streams.push(sender);
        });
        Ok(Stream(receiver))
    }

    fn disconnect(&self) {}
}

pub(crate) struct Stream(UnboundedReceiver<Result<StreamMessage, StreamError>>);

impl TopicStream for Stream {
    async fn next(&mut self) -> Result<StreamMessage, StreamError> {
        self.0.recv().await.unwrap_or(Err(StreamError::Unavailable("CANCELLED")))
    }
}
