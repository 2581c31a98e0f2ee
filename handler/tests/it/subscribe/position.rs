use momento_eventbridge::message::missed::Gap;
use momento_eventbridge::momento::pubsub::ResumeAt;
use momento_eventbridge::subscribe::position::{Position, Step};
use proptest::prelude::*;

fn at(page: u64, number: u64) -> Position {
    Position::Due { page, number }
}

fn gap(page: u64, due: u64, new_page: u64, new_number: u64) -> Gap {
    Gap { due: Some((page, due)), new_page, new_number }
}

#[test]
fn after_a_message_the_next_is_due() {
    for position in [Position::Start(ResumeAt::Newest), Position::Begun, at(7, 12)] {
        assert_eq!(position.item(7, 12), Step::Publish { gap: None, position: at(7, 13) });
    }
}

#[test]
fn after_a_discontinuity_its_own_number_is_due() {
    assert_eq!(at(7, 12).discontinuity(7, 20), (Some(gap(7, 12, 7, 20)), at(7, 20)));
    assert_eq!(at(7, 12).discontinuity(8, 1), (Some(gap(7, 12, 8, 1)), at(8, 1)));
}

#[test]
fn how_many_are_missing_is_known_within_a_page_only() {
    assert_eq!(gap(7, 12, 7, 20).missed(), Some(8));
    assert_eq!(gap(7, 12, 8, 20).missed(), None);
}

#[test]
fn a_discontinuity_that_skips_nothing_is_not_a_gap() {
    assert_eq!(at(7, 12).discontinuity(7, 12), (None, at(7, 12)));
    assert_eq!(at(7, 12).discontinuity(7, 11), (None, at(7, 12)), "what comes again is skipped");
}

#[test]
fn a_message_of_a_page_that_was_left_is_published_and_changes_nothing() {
    assert_eq!(at(7, 12).item(6, 99), Step::Publish { gap: None, position: at(7, 12) });
}

#[test]
fn a_discontinuity_is_a_gap_unless_the_topic_was_never_subscribed_to() {
    for start in [ResumeAt::Newest, ResumeAt::Available] {
        assert_eq!(Position::Start(start).discontinuity(7, 12), (None, at(7, 12)));
    }
    let unknown = Gap { due: None, new_page: 7, new_number: 12 };
    assert_eq!(Position::Begun.discontinuity(7, 12), (Some(unknown), at(7, 12)));
    assert_eq!(unknown.missed(), None);
}

#[test]
fn an_accepted_subscription_to_the_newest_goes_on_with_what_is_available() {
    assert_eq!(Position::Start(ResumeAt::Newest).accepted(), Position::Begun);
    assert_eq!(Position::Begun.resume_at(), ResumeAt::Available);
    assert_eq!(at(7, 12).accepted(), at(7, 12));
}

#[test]
fn a_checkpoint_has_the_position_that_it_was_written_for() {
    for position in [Position::Begun, at(7, 12)] {
        assert_eq!(Position::new(position.resume_at()), position);
    }
}

#[derive(Debug, Clone)]
enum Received {
    Item(u64, u64),
    Unusable(u64, u64),
    Discontinuity(u64, u64),
}

fn received() -> impl Strategy<Value = Received> {
    let number = (1_u64..4, 0_u64..12);
    prop_oneof![
        4 => number.clone().prop_map(|(page, number)| Received::Item(page, number)),
        1 => number.clone().prop_map(|(page, number)| Received::Unusable(page, number)),
        2 => number.prop_map(|(page, number)| Received::Discontinuity(page, number)),
    ]
}

proptest! {
    #[test]
    fn whatever_is_received_no_number_is_passed_without_a_message_or_a_gap_and_no_position_goes_back(
        start in (1_u64..4, 0_u64..6),
        received in prop::collection::vec(received(), 0..40),
    ) {
        let mut position = at(start.0, start.1);
        for message in received {
            let ResumeAt::Number { page, number: due } = position.resume_at() else { unreachable!() };
            let (published, gap, next) = match message {
                Received::Item(of, number) => match position.item(of, number) {
                    Step::Publish { gap, position } => (Some((of, number)), gap, position),
                    Step::Skip => {
                        prop_assert!(of == page && number < due);
                        continue;
                    }
                },
                Received::Unusable(of, number) => {
                    let (gap, next) = position.unusable(of, number);
                    (None, gap, next)
                }
                Received::Discontinuity(of, number) => {
                    let (gap, next) = position.discontinuity(of, number);
                    (None, gap, next)
                }
            };
            let ResumeAt::Number { page: next_page, number: next_due } = next.resume_at() else { unreachable!() };
            prop_assert!((next_page, next_due) >= (page, due), "{:?} after {:?}", next, position);
            if let Some(gap) = gap {
                prop_assert_eq!(gap.due, Some((page, due)));
                prop_assert!(gap.missed() != Some(0));
            }
            if next_page == page {
                let covered = |number| published == Some((page, number))
                    || gap.is_some_and(|gap| (due..gap.new_number).contains(&number));
                prop_assert!((due..next_due).all(covered), "{:?} to {:?} by {:?}", position, next, gap);
            } else {
                prop_assert!(gap.is_some_and(|gap| gap.new_page == next_page));
            }
            position = next;
        }
    }
}
