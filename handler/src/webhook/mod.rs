//! From a request to its answer:
//! request → authenticate → parse → check freshness → refuse replays → publish (or park) → answer.

pub mod freshness;
pub mod function_url;
pub mod log;
mod metrics;
pub mod replay_guard;
pub mod settings;
pub mod signing_secrets;
pub mod taken_requests;
pub mod verdict;

use std::time::Duration;

use tokio::time::Instant;

use momento_signature::{Signature, SignatureAlgorithm};

use crate::bus::EventBus;
use crate::bus::event::BusEvent;
use crate::claims::ClaimTable;
use crate::clock::{Clock, UnixMillis};
use crate::message::publisher::{Deadlines, PublishOutcome, Publisher};
use crate::message::topic_message::TopicMessage;
use crate::queue::fallback::FallbackQueue;
use crate::secret::store::{SecretError, SecretSource, SecretStore};

use freshness::Freshness;
use function_url::FunctionUrlEvent;
use log::log_lost;
use replay_guard::{Denied, ReplayGuard};
use signing_secrets::{SigningSecrets, SigningSecretsReader};
use verdict::{Arrival, MAX_BODY_BYTES, Rejection, Verdict};

/// How long after a request reached AWS the signing secret is still asked for. Momento gives up after 5 s.
const READ_SECRET_WITHIN: Duration = Duration::from_secs(3);
/// How long the signing secret is waited for before the first request.
const WARM_UP_TIMEOUT: Duration = Duration::from_secs(2);
/// How long after a request reached AWS the bus is still tried.
const PUBLISH_WITHIN: Duration = Duration::from_millis(2_800);
/// How long the bus is tried at least, when the signing secret took up its time.
const SHORTEST_PUBLISH: Duration = Duration::from_millis(300);
/// How long after a request reached AWS the fallback queue is still tried. What is left before Momento gives up is for
/// the replay guard's table, 0.4 s at most, and the answer's way to the sender.
const PARK_WITHIN: Duration = Duration::from_secs(4);
/// How much of that a cold start, warm-up included, may use up before the handler sees the request. What it took beyond
/// that is not counted, so that there is always time to try both, and a clock that is wrong can't take it away.
const MAX_COUNTED_DELAY: Duration = Duration::from_millis(2_100);

/// The webhook handler, with all that it reaches for passed in.
#[derive(Debug)]
pub struct Webhook<S, T, B, Q> {
    algorithm: SignatureAlgorithm,
    freshness: Freshness,
    secrets: SecretStore<SigningSecretsReader<S>, SigningSecrets>,
    replays: ReplayGuard<T>,
    publisher: Publisher<B, Q>,
    event_bus: String,
    clock: Clock,
}

impl<S: SecretSource, T: ClaimTable, B: EventBus, Q: FallbackQueue> Webhook<S, T, B, Q> {
    /// A handler that has taken nothing yet. `event_bus` is the name or ARN of the publisher's bus, for the log of a lost event.
    pub fn new(
        algorithm: SignatureAlgorithm,
        freshness: Freshness,
        secrets: SecretStore<SigningSecretsReader<S>, SigningSecrets>,
        replays: ReplayGuard<T>,
        publisher: Publisher<B, Q>,
        event_bus: String,
        clock: Clock,
    ) -> Self {
        Self { algorithm, freshness, secrets, replays, publisher, event_bus, clock }
    }

    /// Reads the signing secret before the first request needs it: while Lambda starts an environment, it gives it more CPU for
    /// the same price. (Since August 2025 it bills the start of every function.) A failure must not prevent the start; the first
    /// request tries again.
    pub async fn warm_up(&self) {
        let _ = self.secrets.get(self.clock.now(), Instant::now() + WARM_UP_TIMEOUT).await;
    }

    /// Handles one request. Takes 4.4 s at most, less what passed before it got here.
    pub async fn handle(&self, request: FunctionUrlEvent, trace_header: Option<&str>) -> Verdict {
        let times = self.times(request.received_at());
        self.receive(request, trace_header, times).await.unwrap_or_else(Verdict::Rejected)
    }

    async fn receive(
        &self,
        request: FunctionUrlEvent,
        trace_header: Option<&str>,
        times: Times,
    ) -> Result<Verdict, Rejection> {
        if request.method().ok_or(Rejection::ForeignEvent)? != "POST" {
            return Err(Rejection::Method);
        }
        let signature = Signature::from_header(request.signature());
        let body = request.into_body().ok_or(Rejection::Unauthorized)?;
        if body.len() > MAX_BODY_BYTES {
            return Err(Rejection::TooLarge(body.len()));
        }
        let signature = signature?;
        let webhook = self.authenticate(&body, &signature, times.read_secret).await?;
        let message = TopicMessage::parse(&body)?;
        let now = self.clock.now();
        let age = self.freshness.age(message.publish_timestamp, now)?;
        let event = BusEvent::new(&message, trace_header);
        let permit = self.replays.enter(signature, message.publish_timestamp, now).await;
        let mut arrival = Arrival {
            webhook,
            detail_type: event.detail_type.clone(),
            topic_sequence_number: message.topic_sequence_number,
            age,
            unguarded: permit.as_ref().is_ok_and(|permit| permit.table_error.is_some()),
        };
        let permit = match permit {
            Ok(permit) => permit,
            Err(Denied::Taken) => return Ok(Verdict::Duplicate { arrival }),
            Err(Denied::InProgress) => return Err(Rejection::InProgress),
            Err(Denied::Forgotten) => return Err(Rejection::Forgotten),
            Err(Denied::Unavailable(error)) => return Err(Rejection::GuardUnavailable(error)),
        };
        let started = Instant::now();
        let publish = times.publish.max(started + SHORTEST_PUBLISH).min(times.park);
        let outcome = self.publisher.publish(&event, Deadlines { publish, park: times.park }).await;
        let publish_time = started.elapsed();
        if let PublishOutcome::Failed { bus, queue } = &outcome {
            // Before anything else is waited for: killed meanwhile, this environment would take the event with it.
            log_lost(&event, &self.event_bus, bus, queue);
            self.replays.not_taken(&permit).await;
        } else if let Err(error) = self.replays.taken(&permit).await {
            arrival.unguarded = true;
            tracing::warn!(%error, "the replay guard's table did not hear that a request was taken");
        }
        Ok(match outcome {
            PublishOutcome::Published { event_id } => Verdict::Published { event_id, arrival, publish_time },
            PublishOutcome::Parked { bus } => Verdict::Parked { bus, arrival },
            PublishOutcome::Failed { bus, queue } => Verdict::Lost { bus, queue, arrival },
        })
    }

    /// The name of the webhook that signed it, if it has one.
    async fn authenticate(
        &self,
        body: &[u8],
        signature: &Signature,
        deadline: Instant,
    ) -> Result<Option<String>, Rejection> {
        let now = self.clock.now();
        let mut secrets = self.secrets.get(now, deadline).await?;
        if let Some(signer) = secrets.signer(self.algorithm, body, signature, now) {
            return Ok(signer.webhook.map(str::to_owned));
        }
        // It may have been rotated.
        if let Some(read_again) = self.secrets.refresh(now, deadline).await? {
            secrets = read_again;
            if let Some(signer) = secrets.signer(self.algorithm, body, signature, now) {
                return Ok(signer.webhook.map(str::to_owned));
            }
        }
        if secrets.were_valid(self.algorithm, body, signature, now) {
            Err(Rejection::Expired)
        } else if secrets.are_complete() {
            Err(Rejection::Unauthorized)
        } else {
            Err(Rejection::NoSecret(SecretError::NoPrevious))
        }
    }

    fn times(&self, received_at: Option<UnixMillis>) -> Times {
        let delay = received_at.map_or(Duration::ZERO, |at| self.clock.now().since(at)).min(MAX_COUNTED_DELAY);
        let now = Instant::now();
        let within = |limit: Duration| now + limit.saturating_sub(delay);
        Times { read_secret: within(READ_SECRET_WITHIN), publish: within(PUBLISH_WITHIN), park: within(PARK_WITHIN) }
    }
}

/// Until when the steps of one request may be tried.
#[derive(Debug, Clone, Copy)]
struct Times {
    read_secret: Instant,
    publish: Instant,
    park: Instant,
}
