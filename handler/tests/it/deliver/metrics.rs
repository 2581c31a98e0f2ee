use momento_eventbridge::deliver::metrics::BatchCounts;
use momento_eventbridge::lambda::metrics::Metric;
use momento_eventbridge::queue::tally::Tally;

const TALLY: Tally = Tally { done: 1, postponed: 2, dead_lettered: 3 };

#[test]
fn a_batch_is_counted_by_what_became_of_it() {
    let metrics = BatchCounts { tally: TALLY, api_key_refused: 0 }.metrics();
    assert_eq!(metrics.dimension, None);
    let counts = [Metric::Count("Delivered", 1), Metric::Count("Postponed", 2), Metric::Count("DeadLettered", 3)];
    assert_eq!(metrics.metrics, counts);
}

#[test]
fn commands_with_a_refused_api_key_are_counted_where_there_are_some() {
    let metrics = BatchCounts { tally: TALLY, api_key_refused: 2 }.metrics();
    assert_eq!(metrics.metrics.last(), Some(&Metric::Count("ApiKeyRefused", 2)));
}
