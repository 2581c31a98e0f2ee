use std::time::Duration;

use momento_eventbridge::clock::UnixMillis;
use momento_eventbridge::replay_guard::{CAPACITY, ReplayGuard};
use momento_eventbridge::signature::Signature;

const WINDOW: Duration = Duration::from_secs(70);

fn signature(number: usize) -> Signature {
    Signature::from_header(Some(&format!("{number:064x}"))).unwrap()
}

#[test]
fn a_request_can_be_claimed_once_as_long_as_it_can_be_fresh() {
    let mut guard = ReplayGuard::new(WINDOW);
    assert!(guard.claim(signature(1), UnixMillis(0)));
    assert!(!guard.claim(signature(1), UnixMillis(0)));
    assert!(!guard.claim(signature(1), UnixMillis(70_000)));
    assert!(guard.claim(signature(1), UnixMillis(70_001)), "it is stale by now, and forgotten");
}

#[test]
fn a_claim_given_back_can_be_made_again() {
    let mut guard = ReplayGuard::new(WINDOW);
    guard.claim(signature(1), UnixMillis(0));
    guard.claim(signature(2), UnixMillis(0));
    guard.release(&signature(1));
    assert!(guard.claim(signature(1), UnixMillis(1)));
    assert!(!guard.claim(signature(2), UnixMillis(1)));
}

#[test]
fn memory_is_bounded_and_the_oldest_claims_go_first() {
    let mut guard = ReplayGuard::new(WINDOW);
    for number in 0..=CAPACITY {
        assert!(guard.claim(signature(number), UnixMillis(0)));
    }
    assert!(!guard.claim(signature(CAPACITY), UnixMillis(1)));
    assert!(!guard.claim(signature(2), UnixMillis(1)));
    assert!(guard.claim(signature(0), UnixMillis(1)), "the oldest was forgotten");
}

#[test]
fn a_clock_set_back_makes_no_request_claimable_again() {
    let mut guard = ReplayGuard::new(WINDOW);
    guard.claim(signature(1), UnixMillis(1_000_000));
    assert!(!guard.claim(signature(1), UnixMillis(0)));
}
