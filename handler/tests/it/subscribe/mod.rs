//! Contract 6, row by row.

mod hand_over;
mod output;
mod position;
mod properties;
mod schedule_input;
mod settings;
mod world;

use std::time::Duration;

use momento_eventbridge::momento::pubsub::{ResumeAt, StreamError, StreamMessage, TopicValue};
use momento_eventbridge::subscribe::{Outcome, SubscribeError};
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::fakes::{Behaviour, NOW, refused, unavailable};
use world::{FUNCTION_TIMEOUT, World, detail, input, simulate, topic};

fn numbers(count: u64) -> Vec<String> {
    (1..=count).map(|number| number.to_string()).collect()
}

async fn second() {
    sleep(Duration::from_secs(1)).await;
}

/// A world in which one topic has been held for a second.
async fn held(world: &World) -> world::Running {
    let running = world.invoke("first", &input(&["room"], "AVAILABLE"));
    second().await;
    running
}

#[test]
fn a_message_is_on_the_bus_within_a_moment_with_the_fields_of_a_webhook_and_two_more() {
    simulate(async |world| {
        let _running = held(&world).await;
        world.momento.publish(&topic("room"), "hello \"world\"\n");
        sleep(Duration::from_millis(10)).await;
        let (_, event) = world.published().remove(0);
        assert_eq!((event.source.as_str(), event.detail_type.as_str()), ("Momento", "chat#room"));
        assert_eq!(event.time, NOW + 1_000);
        assert_eq!(
            detail(&event),
            json!({
                "cache": "chat",
                "topic": "room",
                "event_timestamp": NOW + 1_000,
                "publish_timestamp": NOW + 1_000,
                "topic_sequence_number": 1,
                "token_id": null,
                "text": "hello \"world\"\n",
                "topic_sequence_page": 1_000,
                "origin": "subscription",
            })
        );
    });
}

#[test]
fn a_backlog_reaches_the_bus_in_its_order_ten_to_a_call() {
    simulate(async |world| {
        world.momento.publish_numbers(&topic("room"), 1_000);
        let started = Instant::now();
        let _running = world.invoke("first", &input(&["room"], "AVAILABLE"));
        while world.texts().len() < 1_000 {
            sleep(Duration::from_millis(1)).await;
        }
        assert_eq!(world.texts(), numbers(1_000));
        // The first call goes out with the first message.
        assert_eq!(world.calls.borrow().len(), 101);
        assert!(started.elapsed() < Duration::from_millis(101 * 10));
    });
}

#[test]
fn a_checkpoint_follows_what_is_published_and_a_busy_topic_has_one_a_second_or_after_ten_messages() {
    simulate(async |world| {
        let _running = held(&world).await;
        world.momento.publish(&topic("room"), "1");
        sleep(Duration::from_millis(20)).await;
        assert_eq!(world.table.resume_at(&topic("room")), Some(ResumeAt::Number { page: 1_000, number: 2 }));
        for (count, pause, expected) in [(50, 200, 10..=12), (1_000, 10, 99..=101)] {
            second().await;
            let before = world.checkpoints().len();
            for number in 0..count {
                world.momento.publish(&topic("room"), &number.to_string());
                sleep(Duration::from_millis(pause)).await;
            }
            let written = world.checkpoints().len() - before;
            assert!(expected.contains(&written), "{written}");
        }
        second().await;
        assert_eq!(world.table.resume_at(&topic("room")), Some(ResumeAt::Number { page: 1_000, number: 1_052 }));
    });
}

#[test]
fn what_the_bus_does_not_take_is_parked_and_then_the_checkpoint_moves_on() {
    for behaviour in [refused(), unavailable(), Behaviour::Hang] {
        simulate(async |world| {
            let _running = held(&world).await;
            *world.bus.borrow_mut() = behaviour;
            world.momento.publish_numbers(&topic("room"), 3);
            sleep(Duration::from_secs(8)).await;
            let parked: Vec<_> = world.parked().iter().map(|event| detail(event)["text"].clone()).collect();
            assert_eq!(parked, ["1", "2", "3"]);
            assert_eq!(world.table.resume_at(&topic("room")), Some(ResumeAt::Number { page: 1_000, number: 4 }));
            sleep(Duration::from_secs(10)).await;
            assert_eq!((world.count("Accepted"), world.count("Parked")), (3, 3));
        });
    }
}

#[test]
fn while_neither_takes_it_a_topic_is_not_read_and_goes_on_from_its_checkpoint() {
    simulate(async |world| {
        let running = world.invoke("first", &input(&["room", "hall"], "AVAILABLE"));
        second().await;
        world.momento.publish(&topic("room"), "0");
        second().await;
        (*world.bus.borrow_mut(), *world.queue.borrow_mut()) = (unavailable(), refused());
        world.momento.publish_numbers(&topic("room"), 50);
        sleep(Duration::from_mins(1)).await;
        assert_eq!(world.table.resume_at(&topic("room")), Some(ResumeAt::Number { page: 1_000, number: 2 }));
        let asked = world.momento.subscriptions.borrow().clone();
        let again: Vec<_> = asked.iter().filter(|(_, of, _)| *of == topic("room")).skip(1).collect();
        assert!((3..8).contains(&again.len()), "{again:?}");
        assert!(again.iter().all(|(_, _, at)| *at == ResumeAt::Number { page: 1_000, number: 2 }));
        (*world.bus.borrow_mut(), *world.queue.borrow_mut()) = (Behaviour::Take, Behaviour::Take);
        sleep(Duration::from_secs(31)).await;
        assert_eq!(world.texts()[1..], numbers(50));
        assert!(world.parked().is_empty());
        running.kill();
    });
}

#[test]
fn one_topic_in_trouble_does_not_hold_up_another() {
    simulate(async |world| {
        world.momento.refuse(&topic("room"), std::iter::repeat_n(StreamError::Refused("NOT_FOUND"), 100));
        let _running = world.invoke("first", &input(&["room", "hall"], "AVAILABLE"));
        second().await;
        world.momento.publish(&topic("hall"), "1");
        sleep(Duration::from_millis(10)).await;
        assert_eq!(world.texts(), ["1"]);
    });
}

#[test]
fn what_was_missed_is_an_event_before_the_topic_goes_on() {
    simulate(async |world| {
        let running = held(&world).await;
        world.momento.publish(&topic("room"), "1");
        second().await;
        running.kill();
        world.momento.publish_numbers(&topic("room"), 20);
        world.momento.forget(&topic("room"));
        world.momento.publish(&topic("room"), "22");
        sleep(Duration::from_secs(30)).await;
        let _running = world.invoke("second", &input(&["room"], "AVAILABLE"));
        second().await;
        let (_, gap) = world.published().remove(1);
        assert_eq!((gap.source.as_str(), gap.detail_type.as_str()), ("Momento.Subscription", "Topic Messages Missed"));
        assert_eq!(
            detail(&gap),
            json!({
                "cache": "chat",
                "topic": "room",
                "last_topic_sequence_number": 1,
                "last_topic_sequence_page": 1_000,
                "new_topic_sequence_number": 22,
                "new_topic_sequence_page": 1_000,
                "missed": 20,
            })
        );
        assert_eq!(world.texts(), ["1", "22"]);
        assert_eq!((world.count("MessagesMissed"), world.count("Gaps")), (20, 1));
        assert_eq!(world.lines("Gaps")[0].1["Topic"], "chat#room");
    });
}

#[test]
fn the_first_message_of_a_topic_is_published_once_its_number_is_in_the_table() {
    simulate(async |world| {
        let _running = held(&world).await;
        *world.table.behaviour.borrow_mut() = unavailable();
        world.momento.publish_numbers(&topic("room"), 3);
        second().await;
        assert_eq!(world.texts(), Vec::<String>::new());
        *world.table.behaviour.borrow_mut() = Behaviour::Take;
        second().await;
        assert_eq!(world.texts(), numbers(3));
        second().await;
        let journal = world.journal.borrow();
        let resume_at = |number| ResumeAt::Number { page: 1_000, number };
        let order: Vec<_> = journal
            .iter()
            .map(|(_, entry)| match entry {
                world::Entry::Checkpointed { checkpoint, .. } => Some(checkpoint.resume_at),
                _ => None,
            })
            .collect();
        assert_eq!(order[..3], [Some(ResumeAt::Available), Some(resume_at(1)), None]);
        assert_eq!(*order.last().unwrap(), Some(resume_at(4)));
    });
}

#[test]
fn what_momento_forgets_after_the_death_of_the_first_holder_is_a_gap_whenever_it_died() {
    for start_at in ["AVAILABLE", "NEWEST"] {
        for died_after in (0..40).map(Duration::from_millis) {
            simulate(async |world| {
                let running = world.invoke("first", &input(&["room"], start_at));
                second().await;
                world.momento.publish(&topic("room"), "1");
                sleep(died_after).await;
                running.kill();
                world.momento.publish_numbers(&topic("room"), 20);
                world.momento.forget(&topic("room"));
                world.momento.publish(&topic("room"), "22");
                sleep(Duration::from_secs(30)).await;
                let _running = world.invoke("second", &input(&["room"], start_at));
                second().await;
                assert_eq!(world.texts().last().unwrap(), "22");
                let gaps = world.gaps();
                assert_eq!(gaps.len(), 1, "{died_after:?}");
                assert_eq!(gaps[0]["new_topic_sequence_number"], 22);
                let missed = gaps[0]["missed"].as_u64();
                // Nobody knows how many: it died before it had seen a number.
                assert!(missed.is_none_or(|missed| [20, 21].contains(&missed)), "{missed:?} {died_after:?}");
                assert_eq!(missed.is_none(), gaps[0]["last_topic_sequence_page"].is_null());
                if !world.texts().contains(&"1".to_owned()) {
                    assert_ne!(missed, Some(20), "{died_after:?}");
                }
            });
        }
    }
}

#[test]
fn a_new_page_is_a_gap_of_unknown_size() {
    simulate(async |world| {
        let _running = held(&world).await;
        world.momento.publish(&topic("room"), "1");
        world.momento.reset(&topic("room"));
        world.momento.publish(&topic("room"), "2");
        sleep(Duration::from_secs(3)).await;
        assert_eq!(world.texts(), ["1", "2"]);
        assert_eq!(world.gaps()[0]["missed"], json!(null));
        assert_eq!(world.count("MessagesMissed"), 1);
        assert_eq!(world.table.resume_at(&topic("room")), Some(ResumeAt::Number { page: 1_007, number: 2 }));
    });
}

#[test]
fn a_hole_in_the_numbers_is_a_gap_even_if_momento_says_nothing() {
    simulate(async |world| {
        let _running = held(&world).await;
        world.momento.publish(&topic("room"), "1");
        second().await;
        world.momento.fall_silent(&topic("room"));
        world.momento.publish_numbers(&topic("room"), 3);
        world.momento.forget(&topic("room"));
        sleep(Duration::from_mins(2)).await;
        world.momento.publish(&topic("room"), "5");
        second().await;
        assert_eq!(world.gaps().len(), 1);
        assert_eq!(world.gaps()[0]["missed"], 3);
    });
}

#[test]
fn a_first_subscription_has_missed_nothing() {
    simulate(async |world| {
        world.momento.publish_numbers(&topic("room"), 5);
        world.momento.forget(&topic("room"));
        world.momento.publish(&topic("room"), "6");
        let _running = held(&world).await;
        world.momento.send(&topic("room"), StreamMessage::Discontinuity { page: 1_000, number: 7 });
        second().await;
        assert_eq!((world.texts(), world.gaps()), (vec!["6".to_owned()], vec![]));
    });
}

#[test]
fn newest_begins_with_what_is_published_from_now_on_and_from_then_on_skips_nothing() {
    simulate(async |world| {
        world.momento.publish(&topic("room"), "old");
        world.momento.forget(&topic("room"));
        let running = world.invoke("first", &input(&["room"], "NEWEST"));
        second().await;
        assert_eq!(world.momento.subscriptions.borrow()[0].2, ResumeAt::Newest);
        running.kill();
        world.momento.publish(&topic("room"), "while nobody was there");
        sleep(Duration::from_secs(30)).await;
        let _running = world.invoke("second", &input(&["room"], "NEWEST"));
        second().await;
        assert_eq!(world.texts(), ["while nobody was there"]);
    });
}

#[test]
fn a_message_that_cannot_be_an_event_is_reported_as_missed_and_holds_up_nothing() {
    simulate(async |world| {
        let _running = held(&world).await;
        world.momento.publish(&topic("room"), "1");
        world.momento.publish(&topic("room"), &"x".repeat(250 * 1024));
        world.momento.publish_value(&topic("room"), None);
        world.momento.publish(&topic("room"), "4");
        second().await;
        assert_eq!(world.texts(), ["1", "4"]);
        let missed: Vec<_> = world.gaps().iter().map(|gap| gap["missed"].clone()).collect();
        assert_eq!(missed, [1, 1]);
    });
}

#[test]
fn bytes_are_in_base64_as_a_command_takes_them() {
    simulate(async |world| {
        let _running = held(&world).await;
        world.momento.publish_value(&topic("room"), Some(TopicValue::Binary(vec![0xfb, 0xff, 0])));
        second().await;
        let detail = detail(&world.published()[0].1);
        assert_eq!((&detail["binary_base64"], detail.get("text")), (&json!("-_8A"), None));
    });
}

#[test]
fn what_momento_sends_again_is_not_published_again() {
    simulate(async |world| {
        let _running = held(&world).await;
        world.momento.publish(&topic("room"), "1");
        world.momento.with_last(&topic("room"), StreamMessage::Item);
        sleep(Duration::from_secs(11)).await;
        assert_eq!(world.texts(), ["1"]);
        assert_eq!(world.count("Duplicate"), 1);
    });
}

#[test]
fn a_broken_stream_is_opened_again_where_it_broke_within_a_second() {
    simulate(async |world| {
        let _running = held(&world).await;
        world.momento.publish(&topic("room"), "1");
        second().await;
        world.momento.break_streams(&topic("room"));
        world.momento.publish(&topic("room"), "2");
        second().await;
        assert_eq!(world.texts(), ["1", "2"]);
        let again = world.momento.subscriptions.borrow()[1].2;
        assert_eq!(again, ResumeAt::Number { page: 1_000, number: 2 });
    });
}

#[test]
fn the_waits_before_a_stream_is_opened_again_grow_from_half_a_second_to_half_a_minute() {
    simulate(async |world| {
        world.momento.is_down.set(true);
        let running = world.invoke("first", &input(&["room"], "AVAILABLE"));
        sleep(Duration::from_mins(5)).await;
        let at = world.momento.subscribed_at(&topic("room"));
        let waits: Vec<_> = at.windows(2).map(|pair| (pair[1] - pair[0]).as_millis()).collect();
        assert!((500..1_010).contains(&waits[0]), "{waits:?}");
        assert!(waits.iter().all(|wait| (500..=30_010).contains(wait)), "{waits:?}");
        assert!(waits.len() < 20 && *waits.last().unwrap() >= 15_000, "{waits:?}");
        world.momento.is_down.set(false);
        sleep(Duration::from_secs(40)).await;
        world.momento.break_streams(&topic("room"));
        second().await;
        assert_eq!(world.momento.streams(&topic("room")), 1, "a stream that lived makes the next wait short");
        running.kill();
    });
}

#[test]
fn a_stream_without_a_heartbeat_for_a_minute_is_opened_again_and_nothing_is_lost() {
    simulate(async |world| {
        let _running = held(&world).await;
        world.momento.publish(&topic("room"), "1");
        second().await;
        world.momento.fall_silent(&topic("room"));
        world.momento.publish(&topic("room"), "2");
        sleep(Duration::from_secs(58)).await;
        assert_eq!(world.texts(), ["1"]);
        sleep(Duration::from_secs(4)).await;
        assert_eq!(world.texts(), ["1", "2"]);
        assert_eq!(world.lines("SubscriptionSilent")[0].1["Topic"], "chat#room");
    });
}

#[test]
fn an_idle_stream_with_heartbeats_is_left_alone() {
    simulate(async |world| {
        let _running = held(&world).await;
        sleep(Duration::from_mins(10)).await;
        assert_eq!(world.momento.subscribed_at(&topic("room")).len(), 1);
        assert_eq!(world.count("SubscriptionSilent"), 0);
    });
}

#[test]
fn a_rotated_key_is_read_again_at_once() {
    simulate(async |world| {
        let _running = held(&world).await;
        *world.momento.key.borrow_mut() = Some("the-next-key".to_owned());
        world.secrets.rotate_to("the-next-key");
        world.momento.break_streams(&topic("room"));
        world.momento.publish(&topic("room"), "1");
        second().await;
        assert_eq!(world.texts(), ["1"]);
        assert_eq!(world.count("ApiKeyRefused"), 0);
    });
}

#[test]
fn a_key_that_stays_refused_is_counted_and_tried_ever_more_seldom() {
    simulate(async |world| {
        *world.momento.key.borrow_mut() = Some("another-key".to_owned());
        let _running = world.invoke("first", &input(&["room"], "AVAILABLE"));
        sleep(Duration::from_mins(5)).await;
        let tries = world.momento.subscribed_at(&topic("room")).len();
        assert!((10..25).contains(&tries), "{tries}");
        assert_eq!(world.count("ApiKeyRefused"), tries as u64);
        *world.momento.key.borrow_mut() = None;
        sleep(Duration::from_secs(31)).await;
        assert_eq!(world.momento.streams(&topic("room")), 1);
    });
}

#[test]
fn a_topic_that_momento_refuses_is_counted_by_its_name() {
    for code in ["PERMISSION_DENIED", "NOT_FOUND"] {
        simulate(async |world| {
            world.momento.refuse(&topic("room"), [StreamError::Refused(code), StreamError::Refused(code)]);
            let _running = world.invoke("first", &input(&["room"], "AVAILABLE"));
            sleep(Duration::from_secs(10)).await;
            assert_eq!(world.count("SubscriptionRefused"), 2);
            assert_eq!(world.lines("SubscriptionRefused")[0].1["Topic"], "chat#room");
            assert_eq!(world.momento.streams(&topic("room")), 1);
        });
    }
}

#[test]
fn a_holder_says_each_minute_that_it_lives_and_how_many_topics_it_holds() {
    simulate(async |world| {
        world.momento.refuse(&topic("hall"), std::iter::repeat_n(StreamError::Refused("NOT_FOUND"), 1_000));
        let running = world.invoke("first", &input(&["room", "hall"], "AVAILABLE"));
        let another = world.invoke("second", &input(&["room", "hall"], "AVAILABLE"));
        sleep(Duration::from_mins(5)).await;
        let beats = world.lines("Heartbeat");
        assert_eq!(beats.len(), 5);
        assert!(beats.windows(2).all(|pair| pair[1].0 - pair[0].0 == Duration::from_mins(1)));
        for (_, line) in beats {
            assert_eq!((&line["SubscriptionsHeld"], &line["SubscriptionsNotHeld"]), (&json!(1), &json!(1)));
        }
        assert_eq!(another.outcome().await, Ok(Outcome::NotNeeded));
        running.kill();
    });
}

#[test]
fn an_input_that_is_none_fails_the_invocation() {
    simulate(async |world| {
        let failed = world.invoke("first", &json!({"topics": []})).outcome().await;
        assert!(matches!(failed, Err(SubscribeError::Input(_))), "{failed:?}");
        assert!(world.table.lease.borrow().is_none());
    });
}

#[test]
fn no_log_and_no_metric_has_the_key_or_a_message() {
    use crate::webhook::log::Lines;
    use momento_eventbridge::lambda::logging::json_logs;
    use tracing::level_filters::LevelFilter;
    let lines = Lines::default();
    let writer = lines.clone();
    let _guard = tracing::subscriber::set_default(json_logs(LevelFilter::TRACE, move || writer.clone()));
    simulate(async |world| {
        let _running = held(&world).await;
        world.momento.publish(&topic("room"), "hush");
        second().await;
        *world.bus.borrow_mut() = refused();
        world.momento.publish(&topic("room"), "hush");
        second().await;
        *world.queue.borrow_mut() = refused();
        world.momento.publish(&topic("room"), "hush");
        second().await;
        world.momento.break_streams(&topic("room"));
        sleep(FUNCTION_TIMEOUT).await;
        let log = lines.text();
        for said in ["published", "parked", "neither the event bus nor the fallback queue", "holds the topics"] {
            assert!(log.contains(said), "{said}: {log}");
        }
        let all = format!("{log}{:?}", world.metrics.borrow());
        assert!(!all.contains("hush") && !all.contains(world::KEY), "{all}");
    });
}
