use std::collections::HashMap;
use std::time::Duration;

use momento_eventbridge::clock::UnixMillis;
use momento_eventbridge::webhook::taken_requests::{CAPACITY, Recall, TakenRequests};
use momento_signature::Signature;
use proptest::prelude::*;

const WINDOW: Duration = Duration::from_secs(70);

fn signature(number: usize) -> Signature {
    Signature::from_header(Some(&format!("{number:064x}"))).unwrap()
}

/// Claims a request that was published as it arrives.
fn claim(requests: &mut TakenRequests, number: usize, now: u64) -> Recall {
    requests.claim(signature(number), UnixMillis(now), UnixMillis(now))
}

#[test]
fn a_request_can_be_claimed_once_as_long_as_it_can_be_fresh() {
    let mut requests = TakenRequests::new(WINDOW);
    assert_eq!(claim(&mut requests, 1, 0), Recall::New);
    for now in [0, 0, 70_000] {
        assert_eq!(claim(&mut requests, 1, now), Recall::Taken);
    }
    assert_eq!(claim(&mut requests, 1, 70_001), Recall::New, "it is stale by now, and forgotten");
}

#[test]
fn a_claim_given_back_can_be_made_again() {
    let mut requests = TakenRequests::new(WINDOW);
    claim(&mut requests, 1, 0);
    claim(&mut requests, 2, 0);
    requests.release(&signature(1));
    assert_eq!(claim(&mut requests, 1, 1), Recall::New);
    assert_eq!(claim(&mut requests, 2, 1), Recall::Taken);
}

#[test]
fn the_oldest_of_a_full_memory_is_known_when_it_is_replayed() {
    let mut requests = TakenRequests::new(WINDOW);
    for number in 0..CAPACITY {
        assert_eq!(claim(&mut requests, number, 0), Recall::New);
    }
    assert_eq!(claim(&mut requests, 0, 1), Recall::Taken);
}

#[test]
fn beyond_the_bound_the_oldest_claims_go_first_and_what_may_be_one_of_them_is_said_to_be_forgotten() {
    let mut requests = TakenRequests::new(WINDOW);
    for number in 0..CAPACITY + 10 {
        assert_eq!(claim(&mut requests, number, number as u64), Recall::New);
    }
    let now = UnixMillis(CAPACITY as u64 + 10);
    for number in 0..10 {
        assert_eq!(requests.claim(signature(number), UnixMillis(number as u64), now), Recall::Forgotten);
    }
    assert_eq!(requests.claim(signature(usize::MAX), UnixMillis(9), now), Recall::Forgotten);
    assert_eq!(requests.claim(signature(usize::MAX), UnixMillis(10), now), Recall::New);
    assert_eq!(claim(&mut requests, CAPACITY, CAPACITY as u64 + 10), Recall::Taken);
}

#[test]
fn a_clock_set_back_makes_no_request_claimable_again() {
    let mut requests = TakenRequests::new(WINDOW);
    claim(&mut requests, 1, 1_000_000);
    assert_eq!(claim(&mut requests, 1, 0), Recall::Taken);
}

proptest! {
    #[test]
    fn nothing_taken_in_the_window_is_new(
        arrivals in prop::collection::vec((0..40_usize, 0_u64..5_000, any::<bool>()), 1..300),
    ) {
        let mut requests = TakenRequests::new(WINDOW);
        let mut taken: HashMap<usize, u64> = HashMap::new();
        let mut now = 0;
        for (number, wait, given_back) in arrivals {
            now += wait;
            let is_taken = taken.get(&number).is_some_and(|at| now - at <= 70_000);
            let recall = claim(&mut requests, number, now);
            prop_assert_eq!(recall, if is_taken { Recall::Taken } else { Recall::New });
            if !is_taken {
                taken.insert(number, now);
            }
            if given_back {
                requests.release(&signature(number));
                taken.remove(&number);
            }
        }
    }
}
