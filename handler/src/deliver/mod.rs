//! From the queue of commands to Momento: each command of a batch is sent, postponed, or moved to the dead-letter queue
//! with the reason, whatever Momento and AWS do.
//!
//! A dead letter is the message as it was in the queue: the event as it was on the bus, with the template of its rule if it was
//! another than a command. Its message attributes are those of EventBridge's own dead letters
//! (`Using dead-letter queues` in its user guide): `ERROR_CODE`, `ERROR_MESSAGE`, `RETRY_ATTEMPTS`, and where it was given up,
//! `EXHAUSTED_RETRY_CONDITION`: `MaximumRetryAttempts` or `MaximumEventAgeInSeconds`. `MOMENTO_STATUS` is the status of the last
//! answer, where there was one.
//!
//! | `ERROR_CODE` | why |
//! | --- | --- |
//! | `INVALID_COMMAND` | It is an invalid command, of a source that commands are not taken from, or its names and key are too long for a URL; or the rule's template cannot make a command of the event. Momento was not called. |
//! | `ERROR_FROM_TARGET` | Momento answered that it did not do it. |
//! | `TIMEOUT` | Momento did not answer in time. It may have done it. |
//! | `CONNECTION_FAILURE` | Momento could not be reached, or the connection broke. It may have done it. |
//! | `NO_API_KEY` | The API key could not be read. Momento was not called. |
//! | `EXPIRED` | It was too old when its turn came. Why earlier attempts failed is in the log. |

pub mod call_rates;
mod command_template;
mod event_path;
mod failure;
mod lanes;
pub mod message;
pub mod metrics;
pub mod rate_limit;
pub mod retry_policy;
pub mod settings;
mod time_left;

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt as _};
use tokio::sync::OnceCell;
use tokio::time::{Instant, timeout_at};

use crate::clock::{Clock, UnixMillis};
use crate::command::Command;
use crate::command::sources::Sources;
use crate::momento::api::{CallError, MomentoApi};
use crate::momento::api_key::{ApiKey, ApiKeyReader};
use crate::queue::backoff::wait_after;
use crate::queue::dead_letter::{DeadLetter, DeadLetterQueue, log_burial};
use crate::queue::sqs_batch::{BatchResponse, SourceQueue, SqsBatch, SqsMessage};
use crate::queue::tally::Tally;
use crate::secret::store::{SecretError, SecretSource, SecretStore};

use call_rates::{CallRates, Limits};
use failure::{Exhausted, Failure, attributes};
use lanes::Lanes;
use message::MessageError;
use metrics::BatchCounts;
use retry_policy::{Fate, RetryPolicy};
use time_left::{CALL_TIMEOUT, READ_KEY_TIMEOUT, TimeLeft};

/// The deliver handler, with all that it reaches for passed in.
#[derive(Debug)]
pub struct Deliver<M, S, Q, D> {
    momento: M,
    api_keys: SecretStore<ApiKeyReader<S>, ApiKey>,
    commands: Q,
    dead_letters: D,
    policy: RetryPolicy,
    sources: Sources,
    limits: Limits,
    max_concurrent_calls: usize,
    clock: Clock,
}

/// The queue that commands come from, and the one where they end that cannot be delivered.
#[derive(Debug)]
pub struct Queues<Q, D> {
    /// The queue of commands.
    pub commands: Q,
    /// The dead-letter queue.
    pub dead_letters: D,
}

impl<M, S, Q, D> Deliver<M, S, Q, D>
where
    M: MomentoApi,
    S: SecretSource,
    Q: SourceQueue,
    D: DeadLetterQueue,
{
    /// A handler that makes at most `max_concurrent_calls` at a time.
    pub fn new(
        momento: M,
        api_keys: SecretStore<ApiKeyReader<S>, ApiKey>,
        queues: Queues<Q, D>,
        policy: RetryPolicy,
        rates: CallRates,
        max_concurrent_calls: usize,
        clock: Clock,
    ) -> Self {
        let Queues { commands, dead_letters } = queues;
        let limits = Limits::new(rates);
        let sources = Sources::default();
        Self { momento, api_keys, commands, dead_letters, policy, sources, limits, max_concurrent_calls, clock }
    }

    /// The handler, taking commands from these sources only.
    #[must_use]
    pub fn from_sources(self, sources: Sources) -> Self {
        Self { sources, ..self }
    }

    /// Reads the API key before the first command needs it: while Lambda starts an environment, it gives it more CPU. A
    /// failure must not prevent the start; the first batch tries again.
    pub async fn warm_up(&self) {
        let _ = self.api_keys.get(self.clock.now(), Instant::now() + READ_KEY_TIMEOUT).await;
    }

    /// Handles one batch, and returns before `deadline`.
    pub async fn handle(&self, batch: SqsBatch, deadline: UnixMillis) -> (BatchResponse, BatchCounts) {
        let time_left = TimeLeft::until(deadline.since(self.clock.now()));
        let context = BatchContext {
            time_left,
            first_key: self.api_keys.get(self.clock.now(), time_left.read_key()).await,
            renewed_key: OnceCell::new(),
            api_key_refused: Cell::new(0),
        };
        let mut lanes = Lanes::new();
        for message in &batch.records {
            let command = message::read(&message.body, &self.sources);
            lanes.add(command.as_ref().ok().map(Command::kind), (message, command));
        }
        let mut running = FuturesUnordered::new();
        let mut response = BatchResponse::default();
        let mut tally = Tally::default();
        loop {
            while running.len() < self.max_concurrent_calls.max(1)
                && let Some((kind, (message, command))) = lanes.start()
            {
                let settle = self.settle(message, command, &context);
                running.push(async move { (kind, message, settle.await) });
            }
            let Some((kind, message, settled)) = running.next().await else { break };
            lanes.done(kind);
            match settled {
                Settled::Delivered => tally.done += 1,
                Settled::DeadLettered => tally.dead_lettered += 1,
                Settled::Postponed => {
                    tally.postponed += 1;
                    response.keep(message);
                }
            }
        }
        (response, BatchCounts { tally, api_key_refused: context.api_key_refused.get() })
    }

    async fn settle(
        &self,
        message: &SqsMessage,
        command: Result<Command, MessageError>,
        context: &BatchContext,
    ) -> Settled {
        let Err(failure) = self.deliver(message, command, context).await else {
            tracing::debug!(message_id = message.message_id, "delivered");
            return Settled::Delivered;
        };
        if failure.is_unauthorized() {
            context.api_key_refused.update(|count| count + 1);
        }
        let wait = match self.policy.fate(message, &failure, self.clock.now()) {
            Fate::Postpone(wait) => wait,
            Fate::Bury(exhausted) => {
                if self.bury(message, &failure, exhausted, context.time_left).await {
                    return Settled::DeadLettered;
                }
                wait_after(message.receive_count())
            }
        };
        self.postpone(message, &failure, wait, context.time_left).await;
        Settled::Postponed
    }

    async fn deliver(
        &self,
        message: &SqsMessage,
        command: Result<Command, MessageError>,
        context: &BatchContext,
    ) -> Result<(), Failure> {
        let command = command?;
        if self.age(message) >= self.policy.max_event_age {
            return Err(Failure::TooOld);
        }
        if context.time_left.last_call.is_none() {
            return Err(Failure::NoTimeLeft);
        }
        let key = context.key().map_err(Failure::NoApiKey)?;
        let failed = match self.call(&command, &key, context.time_left).await {
            Err(Failure::Call(failed)) => failed,
            result => return result,
        };
        let second = if failed.is_unauthorized() {
            let refresh =
                async || self.api_keys.refresh(self.clock.now(), context.time_left.read_key()).await.ok().flatten();
            match context.renewed_key.get_or_init(refresh).await {
                Some(renewed) if *renewed != key => self.call(&command, renewed, context.time_left).await,
                _ => return Err(Failure::Call(failed)),
            }
        } else if failed == CallError::ConnectionFailed {
            // Such as a connection that was kept, and that Momento has closed since.
            self.call(&command, &key, context.time_left).await
        } else {
            return Err(Failure::Call(failed));
        };
        match second {
            Err(Failure::NoTimeLeft | Failure::NoTurn(_)) => Err(Failure::Call(failed)),
            second => second,
        }
    }

    /// Calls Momento once, in a turn of the rate limit.
    async fn call(&self, command: &Command, key: &ApiKey, time_left: TimeLeft) -> Result<(), Failure> {
        self.limits.wait(command.kind(), time_left).await?;
        let now = Instant::now();
        if time_left.last_call.is_none_or(|last_call| now > last_call) {
            return Err(Failure::NoTimeLeft);
        }
        let answer = timeout_at(time_left.calls_end.min(now + CALL_TIMEOUT), self.momento.send(command, key)).await;
        answer.unwrap_or(Err(CallError::TimedOut)).map_err(Failure::Call)
    }

    fn age(&self, message: &SqsMessage) -> Duration {
        self.clock.now().since(message.sent_at())
    }

    async fn bury(
        &self,
        message: &SqsMessage,
        failure: &Failure,
        exhausted: Option<Exhausted>,
        time_left: TimeLeft,
    ) -> bool {
        let letter = DeadLetter { body: &message.body, attributes: attributes(message, failure, exhausted) };
        let buried = time_left.ask(self.dead_letters.bury(&letter)).await;
        log_burial(&message.message_id, failure, &buried);
        buried.is_ok()
    }

    async fn postpone(&self, message: &SqsMessage, failure: &Failure, wait: Duration, time_left: TimeLeft) {
        tracing::warn!(message_id = message.message_id, reason = %failure, wait_s = wait.as_secs(), "postponed");
        // Where that fails, the queue's own visibility timeout is the wait.
        let _ = time_left.ask(self.commands.postpone(&message.receipt_handle, wait)).await;
    }
}

/// What the handling of one batch shares.
struct BatchContext {
    time_left: TimeLeft,
    first_key: Result<Arc<ApiKey>, SecretError>,
    /// The key as it was read again because Momento did not know the first one: once in a batch, however many commands find
    /// that out.
    renewed_key: OnceCell<Option<Arc<ApiKey>>>,
    /// For how many commands Momento accepted neither key.
    api_key_refused: Cell<usize>,
}

impl BatchContext {
    fn key(&self) -> Result<Arc<ApiKey>, SecretError> {
        match self.renewed_key.get() {
            Some(Some(key)) => Ok(Arc::clone(key)),
            _ => self.first_key.clone(),
        }
    }
}

enum Settled {
    Delivered,
    Postponed,
    DeadLettered,
}
