//! The metrics of one request.

use crate::lambda::metrics::{Metric, Metrics};

use super::freshness::NotFresh;
use super::verdict::{Arrival, Rejection, Verdict};

impl Verdict {
    /// What is counted of a request: a genuine one by `Webhook` too, where its secret has a name, and a rejected one by
    /// `Reason`.
    #[must_use]
    pub fn metrics(&self) -> Metrics<'_> {
        let count = |name| Metric::Count(name, 1);
        let (metrics, arrival) = match self {
            Self::Published { arrival, publish_time, .. } => {
                (vec![count("Accepted"), Metric::Millis("PublishTime", *publish_time)], arrival)
            }
            Self::Parked { arrival, .. } => (vec![count("Accepted"), count("Parked")], arrival),
            Self::Duplicate { arrival } => (vec![count("Duplicate")], arrival),
            Self::Lost { arrival, .. } => (vec![count("Lost")], arrival),
            Self::Rejected(rejection) => {
                let mut metrics = vec![count("Rejected")];
                if matches!(rejection, Rejection::GuardUnavailable(_) | Rejection::Forgotten) {
                    metrics.push(count("ReplayGuardUnavailable"));
                }
                return Metrics { metrics, dimension: Some(("Reason", reason(rejection))) };
            }
        };
        Metrics {
            metrics: [metrics, arrival_metrics(arrival)].concat(),
            dimension: arrival.webhook.as_deref().map(|webhook| ("Webhook", webhook)),
        }
    }
}

fn arrival_metrics(arrival: &Arrival) -> Vec<Metric> {
    let age = Metric::Millis("MessageAge", arrival.age);
    if arrival.unguarded { vec![age, Metric::Count("ReplayGuardUnavailable", 1)] } else { vec![age] }
}

fn reason(rejection: &Rejection) -> &'static str {
    match rejection {
        Rejection::Method => "Method",
        Rejection::TooLarge(_) => "TooLarge",
        Rejection::Signature(_) | Rejection::Unauthorized | Rejection::Expired => "Unauthorized",
        Rejection::NoSecret(_) => "NoSecret",
        Rejection::Payload(_) | Rejection::ForeignEvent => "Payload",
        Rejection::NotFresh(NotFresh::Stale(_)) => "Stale",
        Rejection::NotFresh(NotFresh::Future(_)) => "Future",
        Rejection::InProgress => "InProgress",
        Rejection::GuardUnavailable(_) | Rejection::Forgotten => "GuardUnavailable",
    }
}
