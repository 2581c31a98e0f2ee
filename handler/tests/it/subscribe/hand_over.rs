//! Who holds the topics, and how they change hands.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use momento_eventbridge::clock::{Clock, UnixMillis};
use momento_eventbridge::subscribe::settings::{SubscribeSettings, Times};
use momento_eventbridge::subscribe::{Outcome, SubscribeError};
use tokio::time::{Instant, sleep};

use super::world::{FUNCTION_TIMEOUT, Running, World, input, settings, simulate, topic};
use crate::fakes::{Behaviour, unavailable};

fn room() -> serde_json::Value {
    input(&["room"], "AVAILABLE")
}

/// The texts on the bus, each with who put it there.
fn published(world: &World) -> Vec<(String, String)> {
    let published = world.published().into_iter();
    published.map(|(holder, event)| (holder, super::detail(&event)["text"].as_str().unwrap().to_owned())).collect()
}

#[test]
fn while_another_invocation_holds_the_topics_one_ends_after_one_look() {
    simulate(async |world| {
        let holder = world.invoke("first", &room());
        sleep(Duration::from_mins(1)).await;
        let (started, calls) = (Instant::now(), world.table.calls.get());
        assert_eq!(world.invoke("second", &room()).outcome().await, Ok(Outcome::NotNeeded));
        assert!(started.elapsed() < Duration::from_millis(10));
        assert_eq!(world.table.calls.get(), calls + 1);
        assert_eq!(world.momento.subscriptions.borrow().len(), 1);
        holder.kill();
    });
}

/// Publishes a message every 20 ms until an invocation has ended, and for a second more.
async fn publish_until_the_end_of(world: &World, holder: &Running) -> usize {
    let mut count = 0;
    let mut rest = 50;
    while rest > 0 {
        count += 1;
        world.momento.publish(&topic("room"), &count.to_string());
        sleep(Duration::from_millis(20)).await;
        rest -= u32::from(holder.0.is_finished());
    }
    count
}

/// The longest that the bus got nothing.
fn longest_pause(world: &World) -> Duration {
    let journal = world.journal.borrow();
    let at: Vec<_> = journal
        .iter()
        .filter(|(_, entry)| matches!(entry, super::world::Entry::Published { .. }))
        .map(|(at, _)| *at)
        .collect();
    at.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap()
}

#[test]
fn a_planned_hand_over_loses_nothing_copies_nothing_and_takes_less_than_a_second() {
    simulate(async |world| {
        let holder = world.invoke("first", &room());
        sleep(FUNCTION_TIMEOUT.saturating_sub(Duration::from_secs(90))).await;
        let early = world.invoke("early", &input(&["room"], "AVAILABLE"));
        // Its clock is that of the holder, which begins to look for a successor at this moment.
        let count = publish_until_the_end_of(&world, &holder).await;
        assert_eq!(holder.outcome().await, Ok(Outcome::HandedOver));
        let texts: Vec<_> = published(&world).into_iter().map(|(_, text)| text).collect();
        assert_eq!(texts, (1..=count).map(|number| number.to_string()).collect::<Vec<_>>());
        assert!(longest_pause(&world) < Duration::from_secs(1), "{:?}", longest_pause(&world));
        assert_eq!(world.count("HandOver"), 1);
        early.kill();
    });
}

#[test]
fn a_holder_hands_over_again_and_again_without_loss_or_copy() {
    simulate(async |world| {
        let first = world.invoke_for("0", &room(), Duration::from_secs(100));
        let (mut holder, mut number) = (first, 0);
        for successor in 1..20 {
            for _ in 0..250 {
                number += 1;
                world.momento.publish(&topic("room"), &number.to_string());
                sleep(Duration::from_millis(20)).await;
            }
            let next = world.invoke_for(&successor.to_string(), &room(), Duration::from_secs(100));
            if successor % 3 == 0 {
                continue;
            }
            sleep(Duration::from_secs(6)).await;
            if holder.0.is_finished() {
                holder = next;
            }
        }
        sleep(Duration::from_secs(30)).await;
        let mut texts: Vec<u64> = published(&world).into_iter().map(|(_, text)| text.parse().unwrap()).collect();
        assert_eq!(texts.len(), number);
        texts.dedup();
        assert_eq!(texts, (1..=number as u64).collect::<Vec<_>>());
        assert!(world.count("HandOver") >= 5);
        holder.kill();
    });
}

#[test]
fn the_topics_of_a_holder_that_died_go_on_within_90_seconds_with_copies_of_what_had_no_checkpoint() {
    simulate(async |world| {
        let holder = world.invoke("first", &room());
        sleep(Duration::from_secs(61)).await;
        for number in 1..=20 {
            world.momento.publish(&topic("room"), &number.to_string());
            sleep(Duration::from_millis(100)).await;
        }
        holder.kill();
        let died = Instant::now();
        world.momento.publish(&topic("room"), "21");
        let mut invocations = 0;
        while world.texts().last().is_none_or(|text| text != "21") {
            sleep(Duration::from_secs(1)).await;
            if died.elapsed().as_secs() % 60 == 29 {
                invocations += 1;
                world.invoke(&format!("next-{invocations}"), &room());
            }
        }
        assert!(died.elapsed() < Duration::from_secs(90), "{:?}", died.elapsed());
        let mut texts: Vec<u32> = world.texts().iter().map(|text| text.parse().unwrap()).collect();
        let copies = texts.len() - 21;
        assert!(copies <= 10, "one second's messages: {copies}");
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(texts, (1..=21).collect::<Vec<_>>());
        assert_eq!(world.gaps().len(), 0);
    });
}

#[test]
fn a_holder_that_dies_while_it_catches_up_leaves_few_copies() {
    simulate(async |world| {
        world.momento.publish_numbers(&topic("room"), 2_000);
        let holder = world.invoke("first", &room());
        sleep(Duration::from_millis(700)).await;
        holder.kill();
        let published = world.texts().len();
        assert!((500..1_000).contains(&published), "{published}");
        sleep(Duration::from_secs(31)).await;
        let next = world.invoke("second", &room());
        sleep(Duration::from_secs(3)).await;
        let copies = world.texts().len() - 2_000;
        assert!(copies <= 120, "{copies}");
        next.kill();
    });
}

#[test]
fn an_invocation_with_other_topics_or_another_version_takes_over_without_a_copy() {
    let other = || SubscribeSettings { event_bus_name: "another".to_owned(), ..settings() };
    for (topics, settings) in [(&["room", "hall"][..], settings()), (&["room"][..], other())] {
        simulate(async |world| {
            let holder = world.invoke("first", &room());
            sleep(Duration::from_mins(1)).await;
            let environment = world.environment_with("second", world.clock.into(), settings);
            let next = world.invoke_in(&environment, "second", &input(topics, "AVAILABLE"), FUNCTION_TIMEOUT);
            let count = publish_until_the_end_of(&world, &holder).await;
            assert_eq!(holder.outcome().await, Ok(Outcome::HandedOver));
            let texts: Vec<_> = published(&world).into_iter().map(|(_, text)| text).collect();
            assert_eq!(texts, (1..=count).map(|number| number.to_string()).collect::<Vec<_>>());
            assert_eq!(published(&world).last().unwrap().0, "second");
            assert!(longest_pause(&world) < Duration::from_secs(1));
            next.kill();
        });
    }
}

#[test]
fn a_holder_that_nobody_relieves_gives_the_topics_up_before_its_time_is_over() {
    simulate(async |world| {
        let started = Instant::now();
        assert_eq!(world.invoke("first", &room()).outcome().await, Ok(Outcome::HandedOver));
        let left = FUNCTION_TIMEOUT.saturating_sub(started.elapsed());
        assert!((Duration::from_secs(4)..Duration::from_secs(6)).contains(&left), "{left:?}");
        let next = world.invoke("second", &room());
        sleep(Duration::from_millis(100)).await;
        assert_eq!(world.momento.subscriptions.borrow().len(), 2, "the lease need not run out first");
        next.kill();
    });
}

#[test]
fn a_holder_publishes_nothing_once_its_lease_has_run_out() {
    for behaviour in [unavailable(), Behaviour::Hang] {
        simulate(async |world| {
            let holder = world.invoke("first", &room());
            sleep(Duration::from_secs(61)).await;
            let renewed = Instant::now() - Duration::from_secs(1);
            *world.table.behaviour.borrow_mut() = behaviour;
            let mut number = 0;
            while !holder.0.is_finished() {
                number += 1;
                world.momento.publish(&topic("room"), &number.to_string());
                sleep(Duration::from_millis(50)).await;
            }
            assert_eq!(holder.outcome().await, Err(SubscribeError::Expired));
            let last = world.journal.borrow().last().unwrap().0;
            assert!(last < renewed + Duration::from_secs(30));
            *world.table.behaviour.borrow_mut() = Behaviour::Take;
            sleep(Duration::from_secs(5)).await;
            let next = world.invoke("second", &room());
            sleep(Duration::from_secs(1)).await;
            let mut texts: Vec<u32> = world.texts().iter().map(|text| text.parse().unwrap()).collect();
            texts.sort_unstable();
            texts.dedup();
            assert_eq!(texts, (1..=number).collect::<Vec<_>>());
            next.kill();
        });
    }
}

#[test]
fn of_two_holders_the_older_one_learns_it_from_its_next_checkpoint_and_moves_none_back() {
    simulate(async |world| {
        let older = world.invoke("older", &room());
        sleep(Duration::from_secs(61)).await;
        // Another's clock is an hour ahead: to it, the lease ran out long ago.
        let clock = world.clock;
        let ahead = Clock::new(move || clock.now().plus(Duration::from_hours(1)));
        let newer = world.invoke_in(
            &world.environment("newer", ahead),
            "newer",
            &room(),
            FUNCTION_TIMEOUT + Duration::from_hours(1),
        );
        let taken_over = Instant::now();
        let mut number = 0;
        while !older.0.is_finished() {
            number += 1;
            world.momento.publish(&topic("room"), &number.to_string());
            sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(older.outcome().await, Ok(Outcome::Replaced));
        assert!(taken_over.elapsed() < Duration::from_secs(2), "{:?}", taken_over.elapsed());
        let of_older = published(&world).iter().filter(|(holder, _)| holder == "older").count();
        sleep(Duration::from_secs(20)).await;
        assert_eq!(published(&world).iter().filter(|(holder, _)| holder == "older").count(), of_older);
        let checkpoints = world.checkpoints();
        let fences: Vec<_> = checkpoints.iter().map(|(_, _, checkpoint)| checkpoint.fence).collect();
        assert!(fences.is_sorted());
        newer.kill();
    });
}

#[test]
fn a_holder_whose_clock_jumps_ahead_publishes_nothing_until_it_has_renewed_its_lease() {
    simulate(async |world| {
        let (clock, jump) = (world.clock, Rc::new(Cell::new(Duration::ZERO)));
        let jumped = Rc::clone(&jump);
        let clock = Clock::new(move || clock.now().plus(jumped.get()));
        let holder = world.invoke_in(&world.environment("first", clock), "first", &room(), Duration::from_hours(3));
        sleep(Duration::from_secs(62)).await;
        jump.set(Duration::from_mins(1));
        world.momento.publish(&topic("room"), "1");
        sleep(Duration::from_secs(5)).await;
        assert_eq!(world.texts(), Vec::<String>::new());
        sleep(Duration::from_secs(20)).await;
        assert_eq!(world.texts(), ["1"]);
        holder.kill();
    });
}

#[test]
fn a_lease_that_the_store_confirms_late_counts_from_when_it_was_asked() {
    let times =
        Times { lease_validity: Duration::from_secs(4), lease_renewal: Duration::from_secs(2), ..Times::default() };
    simulate(async |world| {
        let environment =
            world.environment_with("first", world.clock.into(), SubscribeSettings { times, ..settings() });
        let holder = world.invoke_in(&environment, "first", &room(), FUNCTION_TIMEOUT);
        sleep(Duration::from_millis(1_900)).await;
        world.table.latency.set(Duration::from_millis(1_500));
        sleep(Duration::from_millis(2_900)).await;
        assert!(!holder.0.is_finished());
        let expires = world.table.lease.borrow().as_ref().unwrap().expires;
        world.table.latency.set(Duration::from_mins(1));
        let mut number = 0;
        while !holder.0.is_finished() {
            number += 1;
            world.momento.publish(&topic("room"), &number.to_string());
            sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(holder.outcome().await, Err(SubscribeError::Expired));
        // As the table has it, the lease was still valid when it stopped: nobody else can have got it.
        let UnixMillis(now) = world.clock.now();
        assert!(now <= expires.0.max(world.table.lease.borrow().as_ref().unwrap().expires.0));
    });
}

#[test]
fn an_answer_that_is_lost_does_not_lose_the_lease() {
    simulate(async |world| {
        world.table.latency.set(Duration::from_secs(3));
        let holder = world.invoke("first", &room());
        sleep(Duration::from_secs(3)).await;
        world.table.latency.set(Duration::from_millis(4));
        sleep(Duration::from_secs(3)).await;
        world.momento.publish(&topic("room"), "1");
        sleep(Duration::from_secs(1)).await;
        assert_eq!(world.texts(), ["1"]);
        assert!(!holder.0.is_finished());
        holder.kill();
    });
}

#[test]
fn an_invocation_fails_that_cannot_ask_who_holds_the_topics() {
    simulate(async |world| {
        *world.table.behaviour.borrow_mut() = unavailable();
        let started = Instant::now();
        let failed = world.invoke("first", &room()).outcome().await;
        assert!(matches!(failed, Err(SubscribeError::Lease(_))), "{failed:?}");
        assert!(started.elapsed() <= Duration::from_secs(5));
    });
}
