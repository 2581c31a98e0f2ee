use momento_eventbridge::bus::event::BusEvent;
use momento_eventbridge::message::publisher::{Deadlines, PublishOutcome, Publisher};
use momento_eventbridge::service_error::ServiceError;
use tokio::time::{Duration, Instant};

use crate::fakes::{Behaviour, Place, refused, unavailable};

fn event() -> BusEvent {
    BusEvent {
        source: "Momento".to_owned(),
        detail_type: "cache#topic".to_owned(),
        detail: "{}".to_owned(),
        time: 0,
        trace_header: None,
    }
}

async fn publish(bus: &Place, queue: &Place) -> PublishOutcome {
    let now = Instant::now();
    let deadlines = Deadlines { publish: now + Duration::from_secs(3), park: now + Duration::from_secs(4) };
    Publisher::new(bus.clone(), queue.clone(), || 1.).publish(&event(), deadlines).await
}

#[tokio::test(start_paused = true)]
async fn what_may_work_the_next_time_is_tried_again() {
    let bus = Place::new([unavailable(), Behaviour::Hang, unavailable(), Behaviour::Take]);
    let outcome = publish(&bus, &Place::new([])).await;
    assert_eq!(outcome, PublishOutcome::Published { event_id: "event-1".to_owned() });
    assert_eq!(bus.calls(), 4);
}

#[tokio::test(start_paused = true)]
async fn what_the_bus_would_refuse_again_is_parked_at_once() {
    let (bus, queue) = (Place::new([refused()]), Place::new([]));
    let started = Instant::now();
    let reason = ServiceError::Refused("AccessDeniedException".to_owned());
    assert_eq!(publish(&bus, &queue).await, PublishOutcome::Parked { bus: reason });
    assert_eq!((bus.calls(), queue.calls()), (1, 1));
    assert_eq!(started.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_throttled_bus_is_asked_with_growing_waits_between_as_long_as_there_is_time() {
    let (bus, queue) = (Place::new([unavailable()]), Place::new([]));
    let started = Instant::now();
    publish(&bus, &queue).await;
    assert_eq!(bus.calls(), 7);
    let waits: u64 = [50, 100, 200, 400, 800, 800].iter().sum();
    assert!(started.elapsed() >= Duration::from_millis(waits));
}

#[tokio::test(start_paused = true)]
async fn a_queue_that_fails_too_is_named_beside_the_bus() {
    let outcome = publish(&Place::new([Behaviour::Hang]), &Place::new([unavailable()])).await;
    let queue = ServiceError::Unavailable("ThrottlingException".to_owned());
    assert_eq!(outcome, PublishOutcome::Failed { bus: ServiceError::TimedOut, queue });
}

#[tokio::test(start_paused = true)]
async fn the_queue_is_tried_even_when_the_bus_used_up_all_of_its_time() {
    let (bus, queue) = (Place::new([Behaviour::Hang]), Place::new([Behaviour::Take]));
    assert_eq!(publish(&bus, &queue).await, PublishOutcome::Parked { bus: ServiceError::TimedOut });
    assert_eq!(bus.calls(), 4);
}
