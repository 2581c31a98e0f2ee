//! The metrics of one request.

use crate::clock::UnixMillis;
use crate::lambda::metrics::{Metric, embedded_metrics};
use crate::webhook::freshness::NotFresh;
use crate::webhook::{Arrival, Rejection, Verdict};

/// The line that counts what became of a request: genuine ones by `Webhook` too, where its secret has a name, and
/// rejections by `Reason`.
#[must_use]
pub fn webhook_metrics(verdict: &Verdict, function_name: &str, now: UnixMillis) -> String {
    let count = |name| Metric::Count(name, 1);
    let (metrics, arrival) = match verdict {
        Verdict::Published { arrival, publish_time, .. } => {
            (vec![count("Accepted"), Metric::Millis("PublishTime", *publish_time)], arrival)
        }
        Verdict::Parked { arrival, .. } => (vec![count("Accepted"), count("Parked")], arrival),
        Verdict::Duplicate { arrival } => (vec![count("Duplicate")], arrival),
        Verdict::Lost { arrival, .. } => (vec![count("Lost")], arrival),
        Verdict::Rejected(rejection) => {
            let metrics = match rejection {
                Rejection::GuardUnavailable(_) => &[count("Rejected"), count("ReplayGuardUnavailable")][..],
                _ => &[count("Rejected")],
            };
            return embedded_metrics(metrics, function_name, Some(("Reason", reason(rejection))), now);
        }
    };
    let webhook = arrival.webhook.as_deref().map(|webhook| ("Webhook", webhook));
    embedded_metrics(&[metrics, of_arrival(arrival)].concat(), function_name, webhook, now)
}

fn of_arrival(arrival: &Arrival) -> Vec<Metric> {
    let age = Metric::Millis("MessageAge", arrival.age);
    if arrival.unguarded { vec![age, Metric::Count("ReplayGuardUnavailable", 1)] } else { vec![age] }
}

fn reason(rejection: &Rejection) -> &'static str {
    match rejection {
        Rejection::Method => "Method",
        Rejection::TooLarge(_) => "TooLarge",
        Rejection::Signature(_) | Rejection::Unauthorized => "Unauthorized",
        Rejection::NoSecret(_) => "NoSecret",
        Rejection::Payload(_) => "Payload",
        Rejection::NotFresh(NotFresh::Stale(_)) => "Stale",
        Rejection::NotFresh(NotFresh::Future(_)) => "Future",
        Rejection::InProgress => "InProgress",
        Rejection::GuardUnavailable(_) => "GuardUnavailable",
    }
}
