//! The services as tests need them: they do what they are told and remember what they were asked.

use std::collections::{HashMap, VecDeque};
use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use momento_eventbridge::bus::event::BusEvent;
use momento_eventbridge::bus::{EventBus, PutResult};
use momento_eventbridge::claims::{Claim, ClaimAnswer, ClaimTable, RequestId};
use momento_eventbridge::clock::{Clock, UnixMillis};
use momento_eventbridge::message::publisher::Publisher;
use momento_eventbridge::queue::fallback::FallbackQueue;
use momento_eventbridge::secret::store::{SecretError, SecretSource, SecretStore, SecretValue, SecretVersion};
use momento_eventbridge::service_error::ServiceError;
use momento_eventbridge::webhook::Webhook;
use momento_eventbridge::webhook::freshness::Freshness;
use momento_eventbridge::webhook::function_url::FunctionUrlEvent;
use momento_eventbridge::webhook::replay_guard::{ReplayGuard, SharedGuard, TableOutage};
use momento_eventbridge::webhook::signing_secrets::SigningSecretsReader;
use momento_eventbridge::webhook::verdict::Verdict;
use momento_signature::{SignatureAlgorithm, SigningSecret};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

/// The name of the gateway's event bus.
pub(crate) const EVENT_BUS: &str = "messages";
pub(crate) const SECRET: &str = "pGf2kYqS1sX0pGf2";

/// What a fake service does with one call.
#[derive(Debug, Clone)]
pub(crate) enum Behaviour {
    Take,
    Fail(ServiceError),
    Hang,
}

pub(crate) fn unavailable() -> Behaviour {
    Behaviour::Fail(ServiceError::Unavailable("ThrottlingException".to_owned()))
}

pub(crate) fn refused() -> Behaviour {
    Behaviour::Fail(ServiceError::Refused("AccessDeniedException".to_owned()))
}

/// An event bus or a queue: plays its script, then goes on with the last of it.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    script: Arc<Mutex<VecDeque<Behaviour>>>,
    calls: Arc<Mutex<usize>>,
    pub(crate) taken: Arc<Mutex<Vec<BusEvent>>>,
}

impl Place {
    pub(crate) fn new(script: impl IntoIterator<Item = Behaviour>) -> Self {
        Self {
            script: Arc::new(Mutex::new(script.into_iter().collect())),
            calls: Arc::default(),
            taken: Arc::default(),
        }
    }

    pub(crate) fn calls(&self) -> usize {
        *self.calls.lock().unwrap()
    }

    pub(crate) fn taken(&self) -> Vec<BusEvent> {
        self.taken.lock().unwrap().clone()
    }

    async fn call(&self, event: &BusEvent) -> Result<usize, ServiceError> {
        *self.calls.lock().unwrap() += 1;
        let behaviour = {
            let mut script = self.script.lock().unwrap();
            if script.len() > 1 { script.pop_front() } else { script.front().cloned() }
        };
        match behaviour.unwrap_or(Behaviour::Take) {
            Behaviour::Take => {
                let mut taken = self.taken.lock().unwrap();
                taken.push(event.clone());
                Ok(taken.len())
            }
            Behaviour::Fail(error) => Err(error),
            Behaviour::Hang => pending().await,
        }
    }
}

impl EventBus for Place {
    async fn put(&self, events: &[BusEvent]) -> Result<Vec<PutResult>, ServiceError> {
        assert_eq!(events.len(), 1, "the webhook puts one event at a time");
        let event = &events[0];
        Ok(vec![Ok(format!("event-{}", self.call(event).await?))])
    }
}

impl FallbackQueue for Place {
    async fn park(&self, event: &BusEvent, _reason: &ServiceError) -> Result<(), ServiceError> {
        self.call(event).await.map(|_| ())
    }
}

/// A secret's two versions, which can be changed, broken and counted from outside.
#[derive(Debug, Clone, Default)]
pub(crate) struct Secrets {
    pub(crate) current: Arc<Mutex<Option<String>>>,
    pub(crate) previous: Arc<Mutex<Option<String>>>,
    /// When the current version was made.
    pub(crate) created: Arc<Mutex<Option<UnixMillis>>>,
    outage: Arc<Mutex<Option<Outage>>>,
    previous_outage: Arc<Mutex<Option<Outage>>>,
    /// What the next reads of each version do, before all is well again.
    blips: Arc<Mutex<[VecDeque<Outage>; 2]>>,
    latency: Arc<Mutex<Duration>>,
    reads: Arc<Mutex<usize>>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Outage {
    Error,
    Hang,
}

impl Secrets {
    pub(crate) fn of(current: &str) -> Self {
        let secrets = Self::default();
        *secrets.current.lock().unwrap() = Some(current.to_owned());
        secrets
    }

    pub(crate) fn rotate_to(&self, next: &str) {
        *self.previous.lock().unwrap() = self.current.lock().unwrap().replace(next.to_owned());
    }

    pub(crate) fn break_down(&self, outage: impl Into<Option<Outage>>) {
        *self.outage.lock().unwrap() = outage.into();
    }

    pub(crate) fn break_down_previous(&self, outage: impl Into<Option<Outage>>) {
        *self.previous_outage.lock().unwrap() = outage.into();
    }

    /// Has this many reads of each version fail.
    pub(crate) fn blip(&self, outage: Outage, reads: usize) {
        *self.blips.lock().unwrap() = [(); 2].map(|()| std::iter::repeat_n(outage, reads).collect());
    }

    pub(crate) fn answer_after(&self, latency: Duration) {
        *self.latency.lock().unwrap() = latency;
    }

    /// How often the current version was read.
    pub(crate) fn reads(&self) -> usize {
        *self.reads.lock().unwrap()
    }

    fn outage(&self, version: SecretVersion) -> Option<Outage> {
        let [current, previous] = &mut *self.blips.lock().unwrap();
        let blip = match version {
            SecretVersion::Current => current.pop_front(),
            SecretVersion::Previous => previous.pop_front().or(*self.previous_outage.lock().unwrap()),
        };
        blip.or(*self.outage.lock().unwrap())
    }
}

impl SecretSource for Secrets {
    async fn read(&self, version: SecretVersion) -> Result<SecretValue, SecretError> {
        if version == SecretVersion::Current {
            *self.reads.lock().unwrap() += 1;
        }
        let (outage, latency) = (self.outage(version), *self.latency.lock().unwrap());
        if !latency.is_zero() {
            sleep(latency).await;
        }
        match outage {
            Some(Outage::Error) => Err(ServiceError::Unavailable("InternalServiceError".to_owned()).into()),
            Some(Outage::Hang) => pending().await,
            None => {
                let (text, created) = match version {
                    SecretVersion::Current => (&self.current, *self.created.lock().unwrap()),
                    SecretVersion::Previous => (&self.previous, None),
                };
                let text = text.lock().unwrap().clone().ok_or(SecretError::NoValue)?;
                Ok(SecretValue { text, created })
            }
        }
    }
}

/// A time of day that goes with tokio's paused one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FakeClock {
    start: UnixMillis,
    started: Instant,
}

impl FakeClock {
    pub(crate) fn starting_at(start: u64) -> Self {
        Self { start: UnixMillis(start), started: Instant::now() }
    }

    pub(crate) fn now(self) -> UnixMillis {
        self.start.plus(self.started.elapsed())
    }
}

impl From<FakeClock> for Clock {
    fn from(clock: FakeClock) -> Self {
        Self::new(move || clock.now())
    }
}

/// A table of claims, which can be made to fail.
#[derive(Clone, Default)]
pub(crate) struct Table {
    claims: Arc<Mutex<HashMap<RequestId, (Claim, bool)>>>,
    pub(crate) outage: Arc<Mutex<Option<Outage>>>,
    marks_are_lost: Arc<Mutex<bool>>,
    hanging_calls: Arc<Mutex<usize>>,
    releases: Arc<Mutex<usize>>,
    before_release: Option<Arc<dyn Fn() + Send + Sync>>,
}

impl Table {
    /// Has this done first whenever a claim is given back.
    pub(crate) fn before_release(self, check: impl Fn() + Send + Sync + 'static) -> Self {
        Self { before_release: Some(Arc::new(check)), ..self }
    }

    /// How many claims have been given back.
    pub(crate) fn releases(&self) -> usize {
        *self.releases.lock().unwrap()
    }

    pub(crate) fn break_down(&self, outage: impl Into<Option<Outage>>) {
        *self.outage.lock().unwrap() = outage.into();
    }

    /// From now on the table does not hear that a request was taken.
    pub(crate) fn break_down_marks(&self) {
        *self.marks_are_lost.lock().unwrap() = true;
    }

    /// Has so many calls hang.
    pub(crate) fn hang(&self, calls: usize) {
        *self.hanging_calls.lock().unwrap() = calls;
    }

    async fn answer(&self) -> Result<(), ServiceError> {
        let hangs = {
            let mut left = self.hanging_calls.lock().unwrap();
            let hangs = *left > 0;
            *left = left.saturating_sub(1);
            hangs
        };
        if hangs {
            pending::<()>().await;
        }
        let outage = *self.outage.lock().unwrap();
        match outage {
            None => Ok(()),
            Some(Outage::Error) => Err(ServiceError::Unavailable("InternalServerError".to_owned())),
            Some(Outage::Hang) => pending().await,
        }
    }
}

impl ClaimTable for Table {
    async fn claim(&self, claim: &Claim, now: UnixMillis) -> Result<ClaimAnswer, ServiceError> {
        self.answer().await?;
        let mut claims = self.claims.lock().unwrap();
        match claims.get(&claim.id) {
            Some((other, true)) if other.expires >= now => Ok(ClaimAnswer::Taken),
            Some((other, false)) if other.until >= now && other.claimant != claim.claimant => {
                Ok(ClaimAnswer::InProgress)
            }
            _ => {
                claims.insert(claim.id.clone(), (claim.clone(), false));
                Ok(ClaimAnswer::Granted)
            }
        }
    }

    async fn mark_taken(&self, claim: &Claim) -> Result<(), ServiceError> {
        self.answer().await?;
        if *self.marks_are_lost.lock().unwrap() {
            return Err(ServiceError::Unavailable("InternalServerError".to_owned()));
        }
        self.claims.lock().unwrap().insert(claim.id.clone(), (claim.clone(), true));
        Ok(())
    }

    async fn release(&self, claim: &Claim) -> Result<(), ServiceError> {
        *self.releases.lock().unwrap() += 1;
        if let Some(check) = &self.before_release {
            check();
        }
        self.answer().await?;
        self.claims.lock().unwrap().retain(|_, (other, taken)| *taken || other.claimant != claim.claimant);
        Ok(())
    }
}

/// How long the gateway takes a previous secret for valid.
pub(crate) const PREVIOUS_VALIDITY: Duration = Duration::from_hours(24);
/// When the gateway's clock starts.
pub(crate) const NOW: u64 = 1_683_219_700_000;

/// A webhook handler in front of fakes.
pub(crate) struct Gateway {
    pub(crate) bus: Place,
    pub(crate) queue: Place,
    pub(crate) secrets: Secrets,
    pub(crate) clock: FakeClock,
    webhook: Webhook<Secrets, Table, Place, Place>,
}

impl Gateway {
    pub(crate) fn new() -> Self {
        Self::with([Behaviour::Take], [Behaviour::Take])
    }

    pub(crate) fn with(bus: impl IntoIterator<Item = Behaviour>, queue: impl IntoIterator<Item = Behaviour>) -> Self {
        Self::guarded(Place::new(bus), Place::new(queue), None)
    }

    /// One of several environments: they share the bus, the queue and the table.
    pub(crate) fn guarded(bus: Place, queue: Place, table: Option<(Table, TableOutage)>) -> Self {
        let shared = table.map(|(table, outage)| SharedGuard { table, outage });
        let freshness = Freshness { max_age: Duration::from_mins(1), max_clock_skew: Duration::from_secs(10) };
        let secrets = Secrets::of(SECRET);
        let clock = FakeClock::starting_at(NOW);
        let webhook = Webhook::new(
            SignatureAlgorithm::HmacSha3_256,
            freshness,
            SecretStore::new(SigningSecretsReader {
                source: secrets.clone(),
                previous_validity: PREVIOUS_VALIDITY,
                random: || 0.5,
            }),
            ReplayGuard::new(freshness.window(), shared, fastrand::f64),
            Publisher::new(bus.clone(), queue.clone(), || 0.5),
            EVENT_BUS.to_owned(),
            clock.into(),
        );
        Self { bus, queue, secrets, clock, webhook }
    }

    pub(crate) async fn receive(&self, request: Value) -> Verdict {
        let request: FunctionUrlEvent = serde_json::from_value(request).expect("a Function URL event");
        self.webhook.handle(request, None).await
    }

    /// The answer to a request as the sender sees it: status and body.
    pub(crate) async fn answer(&self, request: Value) -> (u64, Value) {
        let answer = serde_json::to_value(self.receive(request).await.answer()).unwrap();
        let body = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
        (answer["statusCode"].as_u64().unwrap(), body)
    }

    pub(crate) fn webhook(&self) -> &Webhook<Secrets, Table, Place, Place> {
        &self.webhook
    }
}

/// The body of a message published at this moment.
pub(crate) fn body_at(publish_timestamp: u64) -> String {
    format!(
        r#"{{"cache":"chat","topic":"room-281","event_timestamp":1683219700000,"publish_timestamp":{publish_timestamp},"topic_sequence_number":12,"token_id":"user-17","text":"Here I am!!"}}"#
    )
}

pub(crate) fn sign(secret: &str, body: &[u8]) -> String {
    SignatureAlgorithm::HmacSha3_256.sign(&SigningSecret::new(secret).unwrap(), body).to_header()
}

/// A request as a Function URL hands it over.
pub(crate) fn request(method: &str, signature: Option<&str>, body: &str) -> Value {
    let mut event = json!({
        "version": "2.0",
        "rawPath": "/",
        "headers": {"content-type": "application/json"},
        "requestContext": {"http": {"method": method}, "timeEpoch": NOW},
        "body": body,
        "isBase64Encoded": false,
    });
    if let Some(signature) = signature {
        event["headers"]["momento-signature"] = signature.into();
    }
    event
}

/// A POST of this body, signed.
pub(crate) fn signed(body: &str) -> Value {
    request("POST", Some(&sign(SECRET, body.as_bytes())), body)
}
