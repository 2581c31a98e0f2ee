//! From a request to its answer:
//! request → authenticate → parse → check freshness → refuse replays → publish (or park) → answer.

pub mod freshness;
pub mod function_url;
pub mod metrics;
pub mod replay_guard;
pub mod signing_secrets;
pub mod taken_requests;

use std::time::Duration;

use tokio::time::Instant;

use crate::bus::event::BusEvent;
use crate::clock::{Clock, UnixMillis};
use crate::lambda::logging::log_lost;
use crate::message::publisher::{Deadlines, Delivery, EventBus, FallbackQueue, Publisher};
use crate::message::topic_message::{PayloadError, TopicMessage};
use crate::secret::store::{SecretError, SecretSource, SecretStore};
use crate::service_error::DeliveryError;
use crate::webhook::freshness::{Freshness, NotFresh};
use crate::webhook::function_url::{Answer, FunctionUrlEvent};
use crate::webhook::replay_guard::{ClaimTable, Denied, ReplayGuard};
use crate::webhook::signing_secrets::SigningSecretsReader;
use momento_signature::{SIGNATURE_HEADER, Signature, SignatureAlgorithm, SignatureError};

/// The largest body taken, in bytes. Momento's messages are at most 4 KB of text, 24 KB if JSON escapes all of it. An
/// event of this size, even parked with each byte escaped, keeps inside the 256 KiB that SQS and EventBridge took of
/// old and some of their targets still do.
pub const MAX_BODY_BYTES: usize = 120 * 1024;

/// How long after a request reached AWS the bus is still tried. Momento gives up after 5 s.
const PUBLISH_WITHIN: Duration = Duration::from_millis(2_800);
/// How long after a request reached AWS the fallback queue is still tried. What is left before Momento gives up is for
/// the replay guard's table, 0.4 s at most, and the way back.
const PARK_WITHIN: Duration = Duration::from_secs(4);
/// How much of that a cold start may use up before the handler sees the request. What it took beyond that is not
/// counted, so that there is always time to try both, and a clock that is wrong can't take it away.
const MAX_COUNTED_DELAY: Duration = Duration::from_millis(1_500);

/// The webhook handler, with all that it reaches for passed in.
#[derive(Debug)]
pub struct Webhook<S: SecretSource + Sync, T, B, Q, C> {
    algorithm: SignatureAlgorithm,
    freshness: Freshness,
    secrets: SecretStore<SigningSecretsReader<S>>,
    replays: ReplayGuard<T>,
    publisher: Publisher<B, Q>,
    clock: C,
}

/// What the handler made of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is on the bus.
    Published {
        /// The event's id there.
        event_id: String,
        /// What it was.
        arrival: Arrival,
        /// How long the bus took, retries included.
        publish_time: Duration,
    },
    /// It is in the fallback queue.
    Parked {
        /// Why the bus did not take it.
        bus: DeliveryError,
        /// What it was.
        arrival: Arrival,
    },
    /// It was taken before.
    Duplicate {
        /// What it was.
        arrival: Arrival,
    },
    /// It was genuine and is nowhere but in the log.
    Lost {
        /// Why the bus did not take it.
        bus: DeliveryError,
        /// Why the fallback queue did not.
        queue: DeliveryError,
        /// What it was.
        arrival: Arrival,
    },
    /// It was refused.
    Rejected(Rejection),
}

/// A genuine, fresh message as it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// The webhook that sent it, where each has a signing secret with a name.
    pub webhook: Option<String>,
    /// The detail-type that it has on the bus.
    pub detail_type: String,
    /// Its number in its topic.
    pub topic_sequence_number: u64,
    /// How long ago it was published.
    pub age: Duration,
    /// Whether the table of the replay guard, if there is one, had no say in it.
    pub unguarded: bool,
}

/// Why a request was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Not a POST.
    #[error("the method is not POST")]
    Method,
    /// Larger than [`MAX_BODY_BYTES`].
    #[error("the body has {0} bytes")]
    TooLarge(usize),
    /// No signature that could be checked.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// A signature that none of the signing secrets made.
    #[error("no signing secret made this signature")]
    Unauthorized,
    /// There is no signing secret to check with.
    #[error("there is no signing secret to check with: {0}")]
    NoSecret(#[from] SecretError),
    /// Genuine, but not a topic message.
    #[error(transparent)]
    Payload(#[from] PayloadError),
    /// Genuine, but from too long ago or too far ahead.
    #[error(transparent)]
    NotFresh(#[from] NotFresh),
    /// Genuine, but another environment is handling the same request at this moment.
    #[error("the same request is being handled")]
    InProgress,
    /// Genuine, but whether it was taken before cannot be told.
    #[error("the replay guard's table cannot be asked: {0}")]
    GuardUnavailable(DeliveryError),
}

impl<S: SecretSource + Sync, T: ClaimTable, B: EventBus, Q: FallbackQueue, C: Clock> Webhook<S, T, B, Q, C> {
    /// A handler that has taken nothing yet.
    pub fn new(
        algorithm: SignatureAlgorithm,
        freshness: Freshness,
        secrets: SecretStore<SigningSecretsReader<S>>,
        replays: ReplayGuard<T>,
        publisher: Publisher<B, Q>,
        clock: C,
    ) -> Self {
        Self { algorithm, freshness, secrets, replays, publisher, clock }
    }

    /// Reads the signing secret before the first request needs it: while Lambda starts an environment, it gives it
    /// more CPU and does not yet bill it. A failure is no reason not to start; the first request tries again.
    pub async fn warm_up(&self) {
        let _ = self.secrets.get(self.clock.now()).await;
    }

    /// Handles one request. Takes 4.4 s at most, less what passed before it got here.
    pub async fn handle(&self, request: FunctionUrlEvent, trace_header: Option<&str>) -> Verdict {
        let deadlines = self.deadlines(request.received_at());
        self.receive(request, trace_header, deadlines).await.unwrap_or_else(Verdict::Rejected)
    }

    async fn receive(
        &self,
        request: FunctionUrlEvent,
        trace_header: Option<&str>,
        deadlines: Deadlines,
    ) -> Result<Verdict, Rejection> {
        if request.method() != "POST" {
            return Err(Rejection::Method);
        }
        let signature = Signature::from_header(request.header(SIGNATURE_HEADER));
        let body = request.into_body().ok_or(Rejection::Unauthorized)?;
        if body.len() > MAX_BODY_BYTES {
            return Err(Rejection::TooLarge(body.len()));
        }
        let signature = signature?;
        let webhook = self.authenticate(&body, &signature).await?;
        let message = TopicMessage::parse(&body)?;
        let now = self.clock.now();
        let age = self.freshness.age(message.publish_timestamp, now)?;
        let event = BusEvent::new(&message, trace_header);
        let permit = self.replays.enter(signature, now).await;
        let arrival = Arrival {
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
            Err(Denied::Unavailable(error)) => return Err(Rejection::GuardUnavailable(error)),
        };
        let started = Instant::now();
        let delivery = self.publisher.deliver(&event, deadlines).await;
        let publish_time = started.elapsed();
        if let Delivery::Failed { bus, queue } = &delivery {
            // Before anything else is waited for: killed meanwhile, this environment would take the event with it.
            log_lost(&event, bus, queue);
            self.replays.not_taken(&permit).await;
        } else if let Err(error) = self.replays.taken(&permit).await {
            tracing::warn!(%error, "the replay guard's table did not hear that a request was taken");
        }
        Ok(match delivery {
            Delivery::Published { event_id } => Verdict::Published { event_id, arrival, publish_time },
            Delivery::Parked { bus } => Verdict::Parked { bus, arrival },
            Delivery::Failed { bus, queue } => Verdict::Lost { bus, queue, arrival },
        })
    }

    /// The name of the webhook that signed it, if it has one.
    async fn authenticate(&self, body: &[u8], signature: &Signature) -> Result<Option<String>, Rejection> {
        let now = self.clock.now();
        let secrets = self.secrets.get(now).await?;
        if let Some(signer) = secrets.signer(self.algorithm, body, signature) {
            return Ok(signer.webhook.map(str::to_owned));
        }
        let secrets = self.secrets.get_anew(now).await.ok_or(Rejection::Unauthorized)?;
        let signer = secrets.signer(self.algorithm, body, signature).ok_or(Rejection::Unauthorized)?;
        Ok(signer.webhook.map(str::to_owned))
    }

    fn deadlines(&self, received_at: Option<UnixMillis>) -> Deadlines {
        let delay = received_at.map_or(Duration::ZERO, |at| self.clock.now().since(at)).min(MAX_COUNTED_DELAY);
        let now = Instant::now();
        Deadlines { publish: now + PUBLISH_WITHIN.saturating_sub(delay), park: now + PARK_WITHIN.saturating_sub(delay) }
    }
}

impl Verdict {
    /// What the sender is told.
    #[must_use]
    pub fn answer(&self) -> Answer {
        match self {
            Self::Published { event_id, .. } => Answer::new(200, "Success").with_event_id(event_id),
            Self::Parked { .. } => Answer::new(202, "Accepted"),
            Self::Duplicate { .. } => Answer::new(200, "Duplicate"),
            Self::Lost { .. } => Answer::new(503, "Service Unavailable"),
            Self::Rejected(rejection) => rejection.answer(),
        }
    }
}

impl Rejection {
    fn answer(&self) -> Answer {
        match self {
            Self::Method => Answer::new(405, "Method Not Allowed").with_allow("POST"),
            Self::TooLarge(_) => Answer::new(413, format!("Payload Too Large: at most {MAX_BODY_BYTES} bytes")),
            Self::Signature(_) | Self::Unauthorized | Self::NotFresh(_) => Answer::new(403, "Unauthorized"),
            Self::NoSecret(_) | Self::InProgress | Self::GuardUnavailable(_) => Answer::new(503, "Service Unavailable"),
            Self::Payload(error) => Answer::new(400, format!("Bad Request: {error}")),
        }
    }
}
