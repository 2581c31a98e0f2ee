//! Publishing a message, whichever API it came by.

use std::sync::Arc;

use crate::Momento;
use crate::api_error::ApiError;
use crate::credentials::Caller;
use crate::topic::Value;
use crate::webhooks;

/// <https://docs.momentohq.com/topics/limits>
const LARGEST_MESSAGE: usize = 4 * 1024;

/// Keeps a message, which wakes its subscribers, and posts it to the webhooks.
pub(crate) fn publish(
    momento: &Arc<Momento>,
    caller: Caller,
    cache: &str,
    topic: &str,
    value: Value,
) -> Result<(), ApiError> {
    if value.size() > LARGEST_MESSAGE {
        return Err(ApiError::BadRequest(format!("the message is larger than {LARGEST_MESSAGE} bytes")));
    }
    let (mut state, now) = (momento.state(), momento.clock.now());
    let message = state.caches.named(cache)?.topic(topic, now).publish(value, caller.token_id, now);
    for delivery in state.webhooks.deliveries(cache, topic, &message, now) {
        tokio::spawn(webhooks::deliver(Arc::clone(momento), delivery));
    }
    Ok(())
}
