//! Every answer is given inside 4.5 s of the request's arrival at AWS, whatever the services do.

use tokio::time::{Duration, Instant, advance};

use crate::fakes::{Behaviour, Gateway, NOW, Outage, body_at, refused, signed, unavailable};

const LIMIT: Duration = Duration::from_millis(4_500);

#[tokio::test(start_paused = true)]
async fn whatever_the_services_do_the_answer_comes_inside_4_5_s() {
    let behaviours = || [Behaviour::Take, unavailable(), refused(), Behaviour::Hang];
    for bus in behaviours() {
        for queue in behaviours() {
            for outage in [None, Some(Outage::Error), Some(Outage::Hang)] {
                let gateway = Gateway::with([bus.clone()], [queue.clone()]);
                gateway.secrets.break_down(outage);
                let started = Instant::now();
                gateway.receive(signed(&body_at(NOW))).await;
                assert!(started.elapsed() <= LIMIT, "{bus:?}, {queue:?}, {outage:?}: {:?}", started.elapsed());
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn with_a_hanging_bus_and_secrets_that_had_to_be_read_anew_there_is_time_to_park() {
    let gateway = Gateway::with([Behaviour::Hang], [unavailable(), Behaviour::Take]);
    gateway.webhook().warm_up().await;
    gateway.secrets.break_down(Outage::Hang);
    advance(Duration::from_mins(6)).await;
    let now = gateway.clock.now().0;
    let mut request = signed(&body_at(now));
    request["requestContext"]["timeEpoch"] = now.into();
    let started = Instant::now();
    assert_eq!(gateway.answer(request).await.0, 202);
    assert!(started.elapsed() <= LIMIT);
}

#[tokio::test(start_paused = true)]
async fn the_time_a_cold_start_took_is_part_of_the_4_5_s() {
    let gateway = Gateway::with([Behaviour::Hang], [Behaviour::Hang]);
    advance(Duration::from_millis(1_400)).await;
    let started = Instant::now();
    gateway.receive(signed(&body_at(NOW))).await;
    assert!(started.elapsed() + Duration::from_millis(1_400) <= LIMIT);
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_wrong_leaves_time_for_the_bus_and_the_queue() {
    let gateway = Gateway::with([unavailable(), Behaviour::Take], [Behaviour::Take]);
    let mut request = signed(&body_at(NOW));
    request["requestContext"]["timeEpoch"] = 0.into();
    assert_eq!(gateway.answer(request).await.0, 200);
    let gateway = Gateway::with([Behaviour::Hang], [unavailable(), Behaviour::Take]);
    let mut request = signed(&body_at(NOW));
    request["requestContext"]["timeEpoch"] = 0.into();
    assert_eq!(gateway.answer(request).await.0, 202);
}
