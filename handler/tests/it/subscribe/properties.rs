//! Whatever happens, in whatever order: what was published is on the bus, in the queue or reported as missed, and only then in
//! a checkpoint.

use std::collections::BTreeSet;
use std::time::Duration;

use momento_eventbridge::momento::pubsub::{ResumeAt, Topic};
use proptest::prelude::*;
use tokio::time::sleep;

use super::world::{Entry, FUNCTION_TIMEOUT, Running, World, detail, input, simulate, topic};
use crate::fakes::{Behaviour, refused, unavailable};

const TOPICS: [&str; 2] = ["room", "hall"];

#[derive(Debug, Clone)]
enum Event {
    Publish {
        topic: usize,
        count: u16,
    },
    Wait {
        millis: u64,
    },
    Invoke,
    /// The oldest invocation that runs dies.
    Kill,
    /// Another invocation thinks that the lease ran out.
    Usurp,
    BreakStreams {
        topic: usize,
    },
    FallSilent {
        topic: usize,
    },
    LoseHistory {
        topic: usize,
    },
    Reset {
        topic: usize,
    },
    Repeat {
        topic: usize,
    },
    Momento {
        is_down: bool,
    },
    Bus(Trouble),
    Queue(Trouble),
    Table(Trouble),
    TableLatency {
        millis: u64,
    },
    RotateKey,
}

#[derive(Debug, Clone, Copy)]
enum Trouble {
    None,
    Unavailable,
    Refused,
    Hangs,
}

impl From<Trouble> for Behaviour {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::None => Self::Take,
            Trouble::Unavailable => unavailable(),
            Trouble::Refused => refused(),
            Trouble::Hangs => Self::Hang,
        }
    }
}

fn trouble() -> impl Strategy<Value = Trouble> {
    prop_oneof![
        3 => Just(Trouble::None),
        1 => Just(Trouble::Unavailable),
        1 => Just(Trouble::Refused),
        1 => Just(Trouble::Hangs),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    let topic = 0..TOPICS.len();
    prop_oneof![
        8 => (topic.clone(), 1_u16..40).prop_map(|(topic, count)| Event::Publish { topic, count }),
        6 => prop_oneof![0_u64..50, 50_u64..2_000, 2_000_u64..40_000].prop_map(|millis| Event::Wait { millis }),
        2 => Just(Event::Invoke),
        2 => Just(Event::Kill),
        1 => Just(Event::Usurp),
        1 => topic.clone().prop_map(|topic| Event::BreakStreams { topic }),
        1 => topic.clone().prop_map(|topic| Event::FallSilent { topic }),
        1 => topic.clone().prop_map(|topic| Event::LoseHistory { topic }),
        1 => topic.clone().prop_map(|topic| Event::Reset { topic }),
        1 => topic.prop_map(|topic| Event::Repeat { topic }),
        1 => any::<bool>().prop_map(|is_down| Event::Momento { is_down }),
        1 => trouble().prop_map(Event::Bus),
        1 => trouble().prop_map(Event::Queue),
        1 => trouble().prop_map(Event::Table),
        1 => prop_oneof![0_u64..20, 1_000_u64..4_000].prop_map(|millis| Event::TableLatency { millis }),
        1 => Just(Event::RotateKey),
    ]
}

fn invoke(world: &World, running: &mut Vec<Running>, start_at: &str, ahead: Duration) {
    let id = format!("invocation-{}", running.len());
    let clock = world.clock;
    let ahead_of = momento_eventbridge::clock::Clock::new(move || clock.now().plus(ahead));
    let environment = world.environment(&id, ahead_of);
    running.push(world.invoke_in(&environment, &id, &input(&TOPICS, start_at), FUNCTION_TIMEOUT + ahead));
}

/// Excuses what nobody can know of, just before Momento forgets it: what was published before the topic's start is in the table,
/// and, of a page that ends, what was published before any number is.
fn excuse(world: &World, topic: &Topic, page_ends: bool) {
    match world.table.resume_at(topic) {
        Some(ResumeAt::Number { .. }) => {}
        Some(_) if !page_ends => {}
        _ => world.momento.excuse(topic),
    }
}

async fn happen(world: &World, start_at: &str, events: Vec<Event>) {
    let topics = TOPICS.map(topic);
    let mut running = Vec::new();
    let (mut texts, mut keys) = (0, 0);
    invoke(world, &mut running, start_at, Duration::ZERO);
    for event in events {
        match event {
            Event::Publish { topic, count } => (0..count).for_each(|_| {
                texts += 1;
                world.momento.publish(&topics[topic], &texts.to_string());
                if start_at == "NEWEST" && world.table.resume_at(&topics[topic]).is_none() {
                    world.momento.excuse(&topics[topic]);
                }
            }),
            Event::Wait { millis } => sleep(Duration::from_millis(millis)).await,
            Event::Invoke => invoke(world, &mut running, start_at, Duration::ZERO),
            Event::Kill => {
                if let Some(oldest) = running.iter().position(|running| !running.0.is_finished()) {
                    running[oldest].0.abort();
                }
            }
            Event::Usurp => invoke(world, &mut running, start_at, Duration::from_mins(1)),
            Event::BreakStreams { topic } => world.momento.break_streams(&topics[topic]),
            Event::FallSilent { topic } => world.momento.fall_silent(&topics[topic]),
            Event::LoseHistory { topic } => {
                excuse(world, &topics[topic], false);
                world.momento.forget(&topics[topic]);
            }
            Event::Reset { topic } => {
                excuse(world, &topics[topic], true);
                world.momento.reset(&topics[topic]);
            }
            Event::Repeat { topic } => world.momento.repeat(&topics[topic]),
            Event::Momento { is_down } => world.momento.is_down.set(is_down),
            Event::Bus(trouble) => *world.bus.borrow_mut() = trouble.into(),
            Event::Queue(trouble) => *world.queue.borrow_mut() = trouble.into(),
            Event::Table(trouble) => *world.table.behaviour.borrow_mut() = trouble.into(),
            Event::TableLatency { millis } => world.table.latency.set(Duration::from_millis(millis)),
            Event::RotateKey => {
                keys += 1;
                let key = format!("key-{keys}");
                world.secrets.rotate_to(&key);
                *world.momento.key.borrow_mut() = Some(key);
            }
        }
    }
    // All is well again, and the schedule goes on.
    for place in [&world.bus, &world.queue, &world.table.behaviour] {
        *place.borrow_mut() = Behaviour::Take;
    }
    world.table.latency.set(Duration::from_millis(4));
    world.momento.is_down.set(false);
    for _ in 0..6 {
        invoke(world, &mut running, start_at, Duration::ZERO);
        sleep(Duration::from_mins(1)).await;
    }
    // The streams that live are sure to have brought everything.
    for topic in &topics {
        world.momento.publish(topic, "last");
    }
    sleep(Duration::from_secs(2)).await;
    running.into_iter().for_each(Running::kill);
}

/// What is accounted for of a topic.
#[derive(Default)]
struct Account {
    taken: BTreeSet<(u64, u64)>,
    /// From a page and number on, up to another that is not among them.
    missed: Vec<((u64, u64), (u64, u64))>,
}

impl Account {
    fn has(&self, number: (u64, u64)) -> bool {
        self.taken.contains(&number) || self.missed.iter().any(|(from, to)| (*from..*to).contains(&number))
    }
}

/// Follows the journal, and says what is wrong in it, if anything is.
fn audit(world: &World, of: &Topic) -> Result<(), TestCaseError> {
    let (mut ever, unknowable) = (world.momento.ever(of), world.momento.unknowable(of));
    ever.retain(|message| !unknowable.contains(message));
    let mut account = Account::default();
    let mut last = (0, 0);
    for (_, entry) in world.journal.borrow().iter() {
        match entry {
            Entry::Published { event, .. } | Entry::Parked { event } => {
                let detail = detail(event);
                if detail["topic"] != of.name.as_str() {
                    continue;
                }
                let number = |field: &str| detail[field].as_u64().unwrap();
                if event.source == "Momento" {
                    prop_assert!(last > (0, 0), "published before the table had any number: {}", detail);
                    account.taken.insert((number("topic_sequence_page"), number("topic_sequence_number")));
                } else {
                    let due = detail["last_topic_sequence_number"].as_u64().map_or(0, |last| last + 1);
                    // Before any number was known: all may be missing.
                    let due = (detail["last_topic_sequence_page"].as_u64().unwrap_or(0), due);
                    let new = (number("new_topic_sequence_page"), number("new_topic_sequence_number"));
                    account.missed.push((due, new));
                }
            }
            Entry::Checkpointed { topic, checkpoint } if topic == of => {
                let ResumeAt::Number { page, number } = checkpoint.resume_at else { continue };
                prop_assert!(
                    (page, number) >= last,
                    "the checkpoint went back from {:?} to {:?}",
                    last,
                    (page, number)
                );
                last = (page, number);
                let open = ever.iter().find(|message| **message < last && !account.has(**message));
                prop_assert_eq!(open, None, "checkpoint {:?} before it was published", last);
            }
            Entry::Checkpointed { .. } => {}
        }
    }
    let missing: Vec<_> = ever.iter().filter(|message| !account.has(**message)).collect();
    prop_assert!(missing.is_empty(), "neither published nor reported: {:?}", missing);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn every_message_is_taken_or_reported_missed_before_a_checkpoint_passes_it(
        events in prop::collection::vec(event(), 0..60),
        start_at in prop_oneof![Just("AVAILABLE"), Just("NEWEST")],
    ) {
        let world = simulate(async |world| {
            happen(&world, start_at, events).await;
            world
        });
        for name in TOPICS {
            audit(&world, &topic(name))?;
        }
    }
}
