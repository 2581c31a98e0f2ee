use std::time::Duration;

use momento_eventbridge::clock::UnixMillis;
use momento_eventbridge::webhook::taken_requests::{CAPACITY, TakenRequests};
use momento_signature::Signature;

const WINDOW: Duration = Duration::from_secs(70);

fn signature(number: usize) -> Signature {
    Signature::from_header(Some(&format!("{number:064x}"))).unwrap()
}

#[test]
fn a_request_can_be_claimed_once_as_long_as_it_can_be_fresh() {
    let mut requests = TakenRequests::new(WINDOW);
    assert!(requests.claim(signature(1), UnixMillis(0)));
    assert!(!requests.claim(signature(1), UnixMillis(0)));
    assert!(!requests.claim(signature(1), UnixMillis(70_000)));
    assert!(requests.claim(signature(1), UnixMillis(70_001)), "it is stale by now, and forgotten");
}

#[test]
fn a_claim_given_back_can_be_made_again() {
    let mut requests = TakenRequests::new(WINDOW);
    requests.claim(signature(1), UnixMillis(0));
    requests.claim(signature(2), UnixMillis(0));
    requests.release(&signature(1));
    assert!(requests.claim(signature(1), UnixMillis(1)));
    assert!(!requests.claim(signature(2), UnixMillis(1)));
}

#[test]
fn memory_is_bounded_and_the_oldest_claims_go_first() {
    let mut requests = TakenRequests::new(WINDOW);
    for number in 0..=CAPACITY {
        assert!(requests.claim(signature(number), UnixMillis(0)));
    }
    assert!(!requests.claim(signature(CAPACITY), UnixMillis(1)));
    assert!(!requests.claim(signature(2), UnixMillis(1)));
    assert!(requests.claim(signature(0), UnixMillis(1)), "the oldest was forgotten");
}

#[test]
fn a_clock_set_back_makes_no_request_claimable_again() {
    let mut requests = TakenRequests::new(WINDOW);
    requests.claim(signature(1), UnixMillis(1_000_000));
    assert!(!requests.claim(signature(1), UnixMillis(0)));
}
