//! What is counted while topics are held.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::time::Duration;

use crate::lambda::metrics::{Metric, Metrics};
use crate::message::missed::Gap;
use crate::momento::pubsub::Topic;
use crate::service_error::ServiceError;

/// The most values of one metric in one line (`Embedded metric format specification` of CloudWatch).
const MAX_SAMPLES: usize = 100;

/// The outcome of one call to the bus.
#[derive(Debug, Default)]
pub(super) struct PublishedCall {
    /// Messages that are on the bus or in the queue.
    pub(super) accepted: usize,
    /// Those of them, and reports of missing messages, that are in the queue.
    pub(super) parked: usize,
    /// Why the bus did not take the last of those.
    pub(super) refusal: Option<ServiceError>,
    /// How long it took, retries and the queue included.
    pub(super) took: Duration,
}

impl PublishedCall {
    pub(super) fn parked(&mut self, bus: ServiceError) {
        self.parked += 1;
        self.refusal = Some(bus);
    }
}

/// Counts, and has CloudWatch count: what happens often from time to time, what should not happen at once.
pub struct Meter {
    report: Box<dyn Fn(&Metrics<'_>)>,
    accepted: Cell<usize>,
    parked: Cell<usize>,
    duplicates: Cell<usize>,
    reconnected: Cell<usize>,
    publish_times: RefCell<Vec<Duration>>,
    held: Cell<usize>,
}

impl fmt::Debug for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Meter").field("held", &self.held).finish_non_exhaustive()
    }
}

impl Meter {
    /// One that hands metrics to `report`.
    pub fn new(report: impl Fn(&Metrics<'_>) + 'static) -> Self {
        Self {
            report: Box::new(report),
            accepted: Cell::default(),
            parked: Cell::default(),
            duplicates: Cell::default(),
            reconnected: Cell::default(),
            publish_times: RefCell::default(),
            held: Cell::default(),
        }
    }

    /// The bus or the queue took messages.
    pub(super) fn published(&self, call: &PublishedCall) {
        add(&self.accepted, call.accepted);
        add(&self.parked, call.parked);
        let samples = {
            let mut times = self.publish_times.borrow_mut();
            times.push(call.took);
            times.len()
        };
        if samples >= MAX_SAMPLES {
            self.flush();
        }
    }

    /// Momento sent a message again.
    pub(super) fn duplicate(&self) {
        add(&self.duplicates, 1);
    }

    /// A stream had to be opened again.
    pub(super) fn reconnected(&self) {
        add(&self.reconnected, 1);
    }

    /// A subscription has been accepted; it counts as held until the result is dropped.
    pub(super) fn held(&self) -> HeldSubscription<'_> {
        add(&self.held, 1);
        HeldSubscription(self)
    }

    /// Messages are missing, and an event says so.
    pub(super) fn missed(&self, topic: &Topic, gap: &Gap) {
        // A hole of unknown size counts as one message: an alarm on any number sees it.
        let missed = gap.missed().map_or(1, |missed| usize::try_from(missed).unwrap_or(usize::MAX));
        self.by_topic(topic, vec![Metric::Count("Gaps", 1), Metric::Count("MessagesMissed", missed)]);
    }

    /// Momento refuses a topic.
    pub(super) fn refused(&self, topic: &Topic) {
        self.by_topic(topic, vec![Metric::Count("SubscriptionRefused", 1)]);
    }

    /// Momento refuses the API key.
    pub(super) fn key_refused(&self) {
        self.report(vec![Metric::Count("ApiKeyRefused", 1)]);
    }

    /// A stream brought nothing for too long.
    pub(super) fn silent(&self, topic: &Topic) {
        self.by_topic(topic, vec![Metric::Count("SubscriptionSilent", 1)]);
    }

    /// A successor takes over.
    pub(super) fn handed_over(&self) {
        self.report(vec![Metric::Count("HandOver", 1)]);
    }

    /// The lease is held, for so many topics.
    pub(super) fn heartbeat(&self, topics: usize) {
        let held = self.held.get();
        self.report(vec![
            Metric::Count("Heartbeat", 1),
            Metric::Count("SubscriptionsHeld", held),
            Metric::Count("SubscriptionsNotHeld", topics.saturating_sub(held)),
        ]);
    }

    /// Hands over what was counted since the last time, if anything was.
    pub(super) fn flush(&self) {
        let counts = [
            ("Accepted", &self.accepted),
            ("Parked", &self.parked),
            ("Duplicate", &self.duplicates),
            ("Reconnected", &self.reconnected),
        ];
        let counts = counts.map(|(name, count)| (name, count.take()));
        let counts = counts.into_iter().filter(|(_, count)| *count > 0).map(|(name, count)| Metric::Count(name, count));
        let mut metrics: Vec<Metric> = counts.collect();
        let times = self.publish_times.take();
        if !times.is_empty() {
            metrics.push(Metric::EachMillis("PublishTime", times));
        }
        if !metrics.is_empty() {
            self.report(metrics);
        }
    }

    fn by_topic(&self, topic: &Topic, metrics: Vec<Metric>) {
        let topic = topic.to_string();
        (self.report)(&Metrics { metrics, dimension: Some(("Topic", &topic)) });
    }

    fn report(&self, metrics: Vec<Metric>) {
        (self.report)(&Metrics::from(metrics));
    }
}

fn add(counter: &Cell<usize>, count: usize) {
    counter.set(counter.get().saturating_add(count));
}

/// A subscription that counts as held.
#[derive(Debug)]
pub(super) struct HeldSubscription<'a>(&'a Meter);

impl Drop for HeldSubscription<'_> {
    fn drop(&mut self) {
        self.0.held.set(self.0.held.get().saturating_sub(1));
    }
}
