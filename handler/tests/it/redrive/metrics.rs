use momento_eventbridge::lambda::metrics::Metric;
use momento_eventbridge::queue::tally::Tally;
use momento_eventbridge::redrive::metrics::batch_metrics;

#[test]
fn a_batch_is_counted_by_what_became_of_it() {
    let metrics = batch_metrics(Tally { done: 1, postponed: 2, dead_lettered: 3 });
    assert_eq!(metrics.dimension, None);
    let counts = [Metric::Count("Redriven", 1), Metric::Count("Postponed", 2), Metric::Count("DeadLettered", 3)];
    assert_eq!(metrics.metrics, counts);
}
