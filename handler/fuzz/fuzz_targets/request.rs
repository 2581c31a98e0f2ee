//! Any bytes as a signed body, and as a whole request: nothing panics, only messages reach the bus, and byte for byte.

#![no_main]

use std::sync::Mutex;
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use momento_eventbridge::bus::event::BusEvent;
use momento_eventbridge::bus::{EventBus, PutResult};
use momento_eventbridge::claims::{Claim, ClaimAnswer, ClaimTable};
use momento_eventbridge::clock::{Clock, UnixMillis};
use momento_eventbridge::message::publisher::Publisher;
use momento_eventbridge::queue::fallback::FallbackQueue;
use momento_eventbridge::secret::store::{SecretError, SecretSource, SecretStore, SecretValue, SecretVersion};
use momento_eventbridge::service_error::ServiceError;
use momento_eventbridge::webhook::Webhook;
use momento_eventbridge::webhook::freshness::Freshness;
use momento_eventbridge::webhook::function_url::FunctionUrlEvent;
use momento_eventbridge::webhook::replay_guard::ReplayGuard;
use momento_eventbridge::webhook::signing_secrets::SigningSecretsReader;
use momento_eventbridge::webhook::verdict::{Rejection, Verdict};
use momento_signature::{SignatureAlgorithm, SigningSecret};
use serde_json::{Value, json};

const SECRET: &str = "a signing secret";
/// The time of the seed corpus, so that messages are fresh.
const NOW: UnixMillis = UnixMillis(1_683_219_700_000);

struct Bus<'a>(&'a Mutex<Vec<BusEvent>>);

impl EventBus for Bus<'_> {
    async fn put(&self, events: &[BusEvent]) -> Result<Vec<PutResult>, ServiceError> {
        self.0.lock().unwrap().extend_from_slice(events);
        Ok(events.iter().map(|_| Ok("id".to_owned())).collect())
    }
}

struct Nothing;

impl FallbackQueue for Nothing {
    async fn park(&self, _: &BusEvent, _: &ServiceError) -> Result<(), ServiceError> {
        Ok(())
    }
}

impl ClaimTable for Nothing {
    async fn claim(&self, _: &Claim, _: UnixMillis) -> Result<ClaimAnswer, ServiceError> {
        Ok(ClaimAnswer::Granted)
    }

    async fn mark_taken(&self, _: &Claim) -> Result<(), ServiceError> {
        Ok(())
    }

    async fn release(&self, _: &Claim) -> Result<(), ServiceError> {
        Ok(())
    }
}

struct Secret;

impl SecretSource for Secret {
    async fn read(&self, version: SecretVersion) -> Result<SecretValue, SecretError> {
        match version {
            SecretVersion::Current => Ok(SecretValue { text: SECRET.to_owned(), created: None }),
            SecretVersion::Previous => Err(SecretError::NoValue),
        }
    }
}

fn handle(request: FunctionUrlEvent) -> (Verdict, Vec<BusEvent>) {
    let events = Mutex::default();
    let freshness = Freshness { max_age: Duration::from_mins(1), max_clock_skew: Duration::from_secs(10) };
    let webhook = Webhook::new(
        SignatureAlgorithm::HmacSha3_256,
        freshness,
        SecretStore::new(SigningSecretsReader {
            source: Secret,
            previous_validity: Duration::from_hours(24),
            random: || 0.,
        }),
        ReplayGuard::<Nothing>::new(freshness.window(), None, || 0.),
        Publisher::new(Bus(&events), Nothing, || 0.),
        "messages".to_owned(),
        Clock::new(|| NOW),
    );
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let verdict = runtime.block_on(webhook.handle(request, None));
    drop(webhook);
    (verdict, events.into_inner().unwrap())
}

fuzz_target!(|bytes: &[u8]| {
    if let Ok(request) = serde_json::from_slice(bytes) {
        let (verdict, events) = handle(request);
        let is_foreign = verdict == Verdict::Rejected(Rejection::ForeignEvent);
        assert!(is_foreign || matches!(verdict.answer().status_code(), 403 | 405 | 413), "a stranger got {verdict:?}");
        assert!(events.is_empty());
    }

    let Ok(body) = std::str::from_utf8(bytes) else { return };
    let signature = SignatureAlgorithm::HmacSha3_256.sign(&SigningSecret::new(SECRET).unwrap(), bytes);
    let request = json!({
        "headers": {"momento-signature": signature.to_header()},
        "requestContext": {"http": {"method": "POST"}},
        "body": body,
    });
    let (verdict, events) = handle(serde_json::from_value(request).unwrap());
    if verdict.answer().status_code() == 200 {
        let message: Value = serde_json::from_slice(bytes).expect("only JSON gets through");
        assert_eq!(events.len(), 1);
        assert_eq!(events[0].detail.as_bytes(), bytes);
        assert_eq!(message["publish_timestamp"].as_u64(), Some(events[0].time));
        assert!(events[0].detail_type.chars().count() <= 128);
        assert_eq!(serde_json::from_str::<BusEvent>(&events[0].to_parked()).unwrap(), events[0]);
    } else {
        assert!(events.is_empty());
    }
});
