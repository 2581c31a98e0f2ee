use momento_eventbridge::deliver::metrics::Tally;
use momento_eventbridge::lambda::metrics::Metric;

#[test]
fn a_batch_is_counted_by_what_became_of_it() {
    let metrics = Tally { delivered: 1, postponed: 2, dead_lettered: 3 }.metrics();
    assert_eq!(metrics.dimension, None);
    let counts = [Metric::Count("Delivered", 1), Metric::Count("Postponed", 2), Metric::Count("DeadLettered", 3)];
    assert_eq!(metrics.metrics, counts);
}
