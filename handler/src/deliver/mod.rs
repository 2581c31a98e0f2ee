//! From the queue of commands to Momento: each command of a batch is sent, postponed, or moved to the dead-letter queue
//! with the reason, whatever Momento and AWS do.
//!
//! A dead letter is the event as it was on the bus. Its message attributes are those of EventBridge's own dead letters
//! (`Using dead-letter queues` in its user guide): `ERROR_CODE`, `ERROR_MESSAGE`, `RETRY_ATTEMPTS`, and where it was given up,
//! `EXHAUSTED_RETRY_CONDITION`: `MaximumRetryAttempts` or `MaximumEventAgeInSeconds`. `MOMENTO_STATUS` is the status of the last
//! answer, where there was one.
//!
//! | `ERROR_CODE` | why |
//! | --- | --- |
//! | `INVALID_COMMAND` | It is no command, or its names and key are too long for a URL. Momento was not called. |
//! | `ERROR_FROM_TARGET` | Momento answered that it did not do it. |
//! | `TIMEOUT` | Momento did not answer in time. It may have done it. |
//! | `CONNECTION_FAILURE` | Momento could not be reached, or the connection broke. It may have done it. |
//! | `NO_API_KEY` | The API key could not be read. Momento was not called. |
//! | `EXPIRED` | It was too old when its turn came. Why earlier attempts failed is in the log. |

pub mod rate_limit;

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{self, StreamExt as _};
use tokio::sync::OnceCell;
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::clock::{Clock, UnixMillis};
use crate::command::event::CommandError;
use crate::command::{Command, CommandKind};
use crate::deliver::rate_limit::{CallRate, RateLimit};
use crate::lambda::logging::log_burial;
use crate::momento::api::{CallError, MomentoApi};
use crate::momento::api_key::{ApiKey, ApiKeyReader};
use crate::queue::backoff::wait_after;
use crate::queue::dead_letter::{Attribute, DeadLetter, DeadLetterQueue};
use crate::queue::sqs_batch::{BatchResponse, SourceQueue, SqsBatch, SqsMessage};
use crate::secret::store::{SecretError, SecretSource, SecretStore};
use crate::service_error::DeliveryError;

/// The longest wait for an answer of Momento's: that of EventBridge for an API destination.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(5);
/// A call that would have less time than this is not made, as it might be done without our knowing.
pub const SHORTEST_CALL: Duration = Duration::from_secs(1);
/// The longest wait for one call to a queue.
const QUEUE_TIMEOUT: Duration = Duration::from_secs(1);
/// What a command may need once Momento has been called: a call to each queue.
const AFTER_CALL: Duration = Duration::from_secs(2);
/// What is left of an invocation's time when the last of a batch is settled.
const MARGIN: Duration = Duration::from_millis(500);
/// SQS hides a message for 12 hours at most, counted from when it was received, which was up to 15 minutes ago: Lambda's
/// longest run.
const LONGEST_POSTPONEMENT: Duration = Duration::from_mins(12 * 60 - 15);
/// How long before a command is too old it is tried for the last time.
const LAST_CHANCE: Duration = Duration::from_secs(5);

/// How long and how often a command is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// A command that has been in the queue for this long is not sent any more.
    pub max_event_age: Duration,
    /// How often a command is tried again after the first time.
    pub retry_attempts: u32,
}

/// How many calls of each kind an environment makes a second at most. Without a rate, as many as it can.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CallRates {
    /// Of [`CommandKind::CacheSet`].
    pub cache_set: Option<CallRate>,
    /// Of [`CommandKind::CacheDelete`].
    pub cache_delete: Option<CallRate>,
    /// Of [`CommandKind::TopicPublish`].
    pub topic_publish: Option<CallRate>,
}

/// What became of a batch.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Commands that Momento has done.
    pub delivered: usize,
    /// Commands that wait in the queue for the next time.
    pub postponed: usize,
    /// Commands that are in the dead-letter queue.
    pub dead_lettered: usize,
}

/// The deliver handler, with all that it reaches for passed in.
#[derive(Debug)]
pub struct Deliver<M, S: SecretSource + Sync, Q, D, C> {
    momento: M,
    api_keys: SecretStore<ApiKeyReader<S>>,
    commands: Q,
    dead_letters: D,
    policy: RetryPolicy,
    limits: Limits,
    max_concurrent_calls: usize,
    clock: C,
}

/// The queue that commands come from, and the one where they end that cannot be delivered.
#[derive(Debug)]
pub struct Queues<Q, D> {
    /// The queue of commands.
    pub commands: Q,
    /// The dead-letter queue.
    pub dead_letters: D,
}

impl<M, S, Q, D, C> Deliver<M, S, Q, D, C>
where
    M: MomentoApi,
    S: SecretSource + Sync,
    Q: SourceQueue,
    D: DeadLetterQueue,
    C: Clock,
{
    /// A handler that makes at most `max_concurrent_calls` at a time.
    pub fn new(
        momento: M,
        api_keys: SecretStore<ApiKeyReader<S>>,
        queues: Queues<Q, D>,
        policy: RetryPolicy,
        rates: CallRates,
        max_concurrent_calls: usize,
        clock: C,
    ) -> Self {
        let Queues { commands, dead_letters } = queues;
        let limits = Limits::new(rates);
        Self { momento, api_keys, commands, dead_letters, policy, limits, max_concurrent_calls, clock }
    }

    /// Reads the API key before the first command needs it: while Lambda starts an environment, it gives it more CPU. A
    /// failure is no reason not to start; the first batch tries again.
    pub async fn warm_up(&self) {
        let _ = self.api_keys.get(self.clock.now()).await;
    }

    /// Handles one batch, and returns before `deadline`.
    pub async fn handle(&self, batch: SqsBatch, deadline: UnixMillis) -> (BatchResponse, Tally) {
        let turn = Turn {
            times: Times::until(deadline.since(self.clock.now())),
            first_key: self.api_keys.get(self.clock.now()).await,
            renewed_key: OnceCell::new(),
        };
        let settled = stream::iter(&batch.records)
            .map(async |message| (message, self.settle(message, &turn).await))
            .buffer_unordered(self.max_concurrent_calls.max(1))
            .collect::<Vec<_>>();
        let mut response = BatchResponse::default();
        let mut tally = Tally::default();
        for (message, outcome) in settled.await {
            match outcome {
                Outcome::Delivered => tally.delivered += 1,
                Outcome::DeadLettered => tally.dead_lettered += 1,
                Outcome::Postponed => {
                    tally.postponed += 1;
                    response.keep(message);
                }
            }
        }
        (response, tally)
    }

    async fn settle(&self, message: &SqsMessage, turn: &Turn) -> Outcome {
        let Err(failure) = self.deliver(message, turn).await else {
            tracing::debug!(message_id = message.message_id, "delivered");
            return Outcome::Delivered;
        };
        let wait = match self.fate(message, &failure) {
            Fate::Postpone(wait) => wait,
            Fate::Bury(exhausted) => {
                if self.bury(message, &failure, exhausted, turn.times).await {
                    return Outcome::DeadLettered;
                }
                wait_after(message.receive_count())
            }
        };
        self.postpone(message, &failure, wait, turn.times).await;
        Outcome::Postponed
    }

    async fn deliver(&self, message: &SqsMessage, turn: &Turn) -> Result<(), Failure> {
        let command = Command::from_event(&message.body)?;
        if self.age(message) >= self.policy.max_event_age {
            return Err(Failure::TooOld);
        }
        let key = turn.key().map_err(Failure::NoApiKey)?;
        self.limits.wait(command.kind(), turn.times).await?;
        match self.call(&command, &key, turn.times).await {
            Err(Failure::Call(error)) if error.blames_the_key() => {
                let renewed = turn.renewed_key.get_or_init(|| self.api_keys.get_anew(self.clock.now())).await;
                match renewed {
                    Some(renewed) if *renewed != key => self.call(&command, renewed, turn.times).await,
                    _ => Err(Failure::Call(error)),
                }
            }
            // Such as a connection that was kept, and that Momento has closed since.
            Err(Failure::Call(CallError::ConnectionFailed)) => self.call(&command, &key, turn.times).await,
            result => result,
        }
    }

    async fn call(&self, command: &Command, key: &ApiKey, times: Times) -> Result<(), Failure> {
        let now = Instant::now();
        if times.last_call.is_none_or(|last_call| now > last_call) {
            return Err(Failure::NoTimeLeft);
        }
        let answer = timeout_at(times.calls_end.min(now + CALL_TIMEOUT), self.momento.send(command, key)).await;
        answer.unwrap_or(Err(CallError::TimedOut)).map_err(Failure::Call)
    }

    fn fate(&self, message: &SqsMessage, failure: &Failure) -> Fate {
        let attempts = message.receive_count();
        let backoff = wait_after(attempts);
        let asked = match failure {
            Failure::NotACommand(_) | Failure::Call(CallError::TooLong) => return Fate::Bury(None),
            Failure::TooOld => return Fate::Bury(Some(Exhausted::Age)),
            Failure::NoTimeLeft => return Fate::Postpone(backoff),
            Failure::Call(error) if !error.may_pass() => return Fate::Bury(None),
            Failure::Call(error) => error.retry_after(self.clock.now()).unwrap_or_default(),
            Failure::NoApiKey(_) => Duration::ZERO,
        };
        if attempts > self.policy.retry_attempts {
            return Fate::Bury(Some(Exhausted::Attempts));
        }
        let left = self.policy.max_event_age.saturating_sub(self.age(message));
        let last_wait = left.saturating_sub(LAST_CHANCE);
        let wait = backoff.max(asked).min(LONGEST_POSTPONEMENT);
        if wait < left {
            Fate::Postpone(wait)
        } else if last_wait >= asked.max(Duration::from_secs(1)) {
            Fate::Postpone(last_wait)
        } else {
            Fate::Bury(Some(Exhausted::Age))
        }
    }

    fn age(&self, message: &SqsMessage) -> Duration {
        self.clock.now().since(message.sent_at())
    }

    async fn bury(&self, message: &SqsMessage, failure: &Failure, exhausted: Option<Exhausted>, times: Times) -> bool {
        let letter = DeadLetter { body: &message.body, attributes: attributes(message, failure, exhausted) };
        let buried = times.ask(self.dead_letters.bury(&letter)).await;
        log_burial(&message.message_id, failure, &buried);
        buried.is_ok()
    }

    async fn postpone(&self, message: &SqsMessage, failure: &Failure, wait: Duration, times: Times) {
        tracing::warn!(message_id = message.message_id, reason = %failure, wait_s = wait.as_secs(), "postponed");
        // Where that fails, the queue's own visibility timeout is the wait.
        let _ = times.ask(self.commands.postpone(&message.receipt_handle, wait)).await;
    }
}

/// What the handling of one batch shares.
struct Turn {
    times: Times,
    first_key: Result<Arc<ApiKey>, SecretError>,
    /// The key as it was read again because Momento did not know the first one: once in a batch, however many commands find
    /// that out.
    renewed_key: OnceCell<Option<Arc<ApiKey>>>,
}

impl Turn {
    fn key(&self) -> Result<Arc<ApiKey>, SecretError> {
        match self.renewed_key.get() {
            Some(Some(key)) => Ok(Arc::clone(key)),
            _ => self.first_key.clone(),
        }
    }
}

/// Until when what may be done in an invocation.
#[derive(Debug, Clone, Copy)]
struct Times {
    /// When a call may begin at the latest, if any may.
    last_call: Option<Instant>,
    calls_end: Instant,
    end: Instant,
}

impl Times {
    fn until(left: Duration) -> Self {
        let now = Instant::now();
        let calls = left.saturating_sub(MARGIN + AFTER_CALL);
        Self {
            last_call: calls.checked_sub(SHORTEST_CALL).map(|wait| now + wait),
            calls_end: now + calls,
            end: now + left.saturating_sub(MARGIN),
        }
    }

    /// Waits for a queue, as long as there is time.
    async fn ask(self, call: impl Future<Output = Result<(), DeliveryError>>) -> Result<(), DeliveryError> {
        let now = Instant::now();
        if now >= self.end {
            return Err(DeliveryError::TimedOut);
        }
        timeout_at(self.end.min(now + QUEUE_TIMEOUT), call).await.unwrap_or(Err(DeliveryError::TimedOut))
    }
}

/// The limits of this environment, by kind.
#[derive(Debug)]
struct Limits {
    cache_set: Option<RateLimit>,
    cache_delete: Option<RateLimit>,
    topic_publish: Option<RateLimit>,
}

impl Limits {
    fn new(rates: CallRates) -> Self {
        Self {
            cache_set: rates.cache_set.map(RateLimit::new),
            cache_delete: rates.cache_delete.map(RateLimit::new),
            topic_publish: rates.topic_publish.map(RateLimit::new),
        }
    }

    async fn wait(&self, kind: CommandKind, times: Times) -> Result<(), Failure> {
        let limit = match kind {
            CommandKind::CacheSet => &self.cache_set,
            CommandKind::CacheDelete => &self.cache_delete,
            CommandKind::TopicPublish => &self.topic_publish,
        };
        if let Some(limit) = limit {
            let turn = times.last_call.and_then(|last_call| limit.turn(Instant::now(), last_call));
            sleep_until(turn.ok_or(Failure::NoTimeLeft)?).await;
        }
        Ok(())
    }
}

enum Outcome {
    Delivered,
    Postponed,
    DeadLettered,
}

/// What to do with a command that is not delivered.
enum Fate {
    Postpone(Duration),
    Bury(Option<Exhausted>),
}

/// What a command has run out of.
#[derive(Debug, Clone, Copy)]
enum Exhausted {
    Attempts,
    Age,
}

/// Why a command is not delivered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Failure {
    #[error("not a command: {0}")]
    NotACommand(#[from] CommandError),
    #[error("there was no time left to send it before it was too old")]
    TooOld,
    #[error("there is no time left in this invocation")]
    NoTimeLeft,
    #[error("there is no API key: {0}")]
    NoApiKey(SecretError),
    #[error("{0}")]
    Call(CallError),
}

impl Failure {
    /// What stands in `ERROR_CODE`: EventBridge's own code, where it has one.
    fn code(&self) -> &'static str {
        match self {
            Self::NotACommand(_) | Self::Call(CallError::TooLong) => "INVALID_COMMAND",
            Self::TooOld | Self::NoTimeLeft => "EXPIRED",
            Self::NoApiKey(_) => "NO_API_KEY",
            Self::Call(CallError::Answered(_)) => "ERROR_FROM_TARGET",
            Self::Call(CallError::TimedOut) => "TIMEOUT",
            Self::Call(CallError::ConnectionFailed) => "CONNECTION_FAILURE",
        }
    }
}

/// The message attributes of a dead letter. The longest comes last: it is the first that a large message leaves no room for.
fn attributes(message: &SqsMessage, failure: &Failure, exhausted: Option<Exhausted>) -> Vec<(&'static str, Attribute)> {
    let mut attributes = vec![
        ("ERROR_CODE", Attribute::Text(failure.code().to_owned())),
        ("RETRY_ATTEMPTS", Attribute::Number(message.receive_count().saturating_sub(1).into())),
    ];
    if let Some(exhausted) = exhausted {
        let condition = match exhausted {
            Exhausted::Attempts => "MaximumRetryAttempts",
            Exhausted::Age => "MaximumEventAgeInSeconds",
        };
        attributes.push(("EXHAUSTED_RETRY_CONDITION", Attribute::Text(condition.to_owned())));
    }
    if let Failure::Call(CallError::Answered(refusal)) = failure {
        attributes.push(("MOMENTO_STATUS", Attribute::Number(refusal.status.into())));
    }
    attributes.push(("ERROR_MESSAGE", Attribute::Text(failure.to_string())));
    attributes
}
