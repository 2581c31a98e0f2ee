use std::time::Duration;

use momento_eventbridge::lambda::logging::json_logs;
use momento_eventbridge::momento::pubsub::StreamError;
use tokio::time::sleep;
use tracing::level_filters::LevelFilter;

use super::second;
use super::world::{input, simulate, topic};
use crate::fakes::{Behaviour, refused};
use crate::output::Output;
use crate::webhook::log::Lines;

#[test]
fn the_output_of_the_subscribe_handler_is_what_is_kept() {
    let lines = Lines::default();
    let writer = lines.clone();
    let _guard = tracing::subscriber::set_default(json_logs(LevelFilter::INFO, move || writer.clone()));
    simulate(async |world| {
        world.momento.refuse(&topic("hall"), [StreamError::Refused("NOT_FOUND"), StreamError::Unauthenticated]);
        let _running = world.invoke("first", &input(&["room", "hall"], "AVAILABLE"));
        second().await;
        world.momento.publish(&topic("room"), "1");
        second().await;
        world.momento.repeat(&topic("room"));
        world.momento.reset(&topic("room"));
        world.momento.publish(&topic("room"), "2");
        second().await;
        world.momento.break_streams(&topic("room"));
        second().await;
        world.momento.fall_silent(&topic("room"));
        world.momento.publish(&topic("room"), "forgotten");
        world.momento.forget(&topic("room"));
        sleep(Duration::from_mins(5)).await;
        second().await;
        *world.bus.borrow_mut() = refused();
        world.momento.publish(&topic("room"), "3");
        second().await;
        *world.queue.borrow_mut() = refused();
        world.momento.publish(&topic("room"), "4");
        sleep(Duration::from_mins(2)).await;
        (*world.bus.borrow_mut(), *world.queue.borrow_mut()) = (Behaviour::Take, Behaviour::Take);
        for minute in 0..15 {
            world.invoke(&minute.to_string(), &input(&["room", "hall"], "AVAILABLE"));
            sleep(Duration::from_mins(1)).await;
        }
        let mut output = Output::default();
        output.log(&lines.text());
        for (_, line) in world.metrics.borrow().iter() {
            output.metrics(line);
        }
        output.is_that_of("subscribe");
    });
}
