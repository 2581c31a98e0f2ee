use std::time::Duration;

use momento_eventbridge::deliver::rate_limit::{CallRate, RateLimit};
use proptest::prelude::*;
use tokio::time::Instant;

#[test]
fn only_a_number_above_0_is_a_rate() {
    for rate in [0., -1., f64::NAN, f64::NEG_INFINITY, 1e-300] {
        assert_eq!(CallRate::per_second(rate), None, "{rate}");
    }
    assert!(CallRate::per_second(0.5).is_some() && CallRate::per_second(1e12).is_some());
}

#[test]
fn a_turn_that_would_come_too_late_is_not_taken() {
    let limit = RateLimit::new(CallRate::per_second(2.).unwrap());
    let now = Instant::now();
    let half = Duration::from_millis(500);
    assert_eq!(limit.turn(now, now), Ok(now));
    assert_eq!(limit.turn(now, now + half / 2), Err(half));
    assert_eq!(limit.turn(now, now + half), Ok(now + half));
    assert_eq!(limit.turn(now + half * 10, now + half * 10), Ok(now + half * 10));
}

#[test]
fn those_sent_away_come_back_one_turn_after_the_other() {
    let limit = RateLimit::new(CallRate::per_second(2.).unwrap());
    let now = Instant::now();
    let half = Duration::from_millis(500);
    assert_eq!(limit.turn(now, now), Ok(now));
    for place in 1..100 {
        assert_eq!(limit.turn(now, now), Err(half * place));
    }
    for place in 1..100 {
        let back = now + half * place;
        assert_eq!(limit.turn(back, back), Ok(back));
    }
}

proptest! {
    #[test]
    fn no_second_has_more_turns_than_the_rate_and_one(
        rate in 1_u32..50,
        arrivals in prop::collection::vec(0_u64..200, 1..200),
    ) {
        let limit = RateLimit::new(CallRate::per_second(rate.into()).unwrap());
        let mut now = Instant::now();
        let mut turns = Vec::new();
        for wait in arrivals {
            now += Duration::from_millis(wait);
            turns.push(limit.turn(now, now + Duration::from_hours(1)).unwrap());
        }
        for first in &turns {
            let second = first.checked_add(Duration::from_secs(1)).unwrap();
            let within = turns.iter().filter(|turn| (*first..second).contains(turn)).count();
            prop_assert!(within <= rate as usize + 1);
        }
    }
}
