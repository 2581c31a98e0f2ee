//! The webhook handler that one writes first, for the benchmark to compare with: the AWS SDK and `lambda_http` as their
//! guides introduce them. It checks the signature and the age and puts the message on the bus. It has no second version
//! of the secret, no replay guard, no fallback queue, no deadline and no metrics.

use std::env;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_config::BehaviorVersion;
use aws_sdk_eventbridge::primitives::DateTime;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use hmac::{KeyInit as _, Mac as _, SimpleHmac};
use lambda_http::{Body, Error, Request, Response, http::StatusCode, run, service_fn, tracing};
use serde::Deserialize;
use serde_json::json;
use sha3::Sha3_256;

const MAX_AGE: Duration = Duration::from_mins(1);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SecretDocument {
    momento_secret: String,
}

#[derive(Deserialize)]
struct TopicMessage {
    cache: String,
    topic: String,
    publish_timestamp: u64,
}

struct Handler {
    events: aws_sdk_eventbridge::Client,
    bus: String,
    secret: String,
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let config = aws_config::load_defaults(BehaviorVersion::latest()).await;
    let document = aws_sdk_secretsmanager::Client::new(&config)
        .get_secret_value()
        .secret_id(env::var("MOMENTO_SECRET_ID")?)
        .send()
        .await?;
    let secret: SecretDocument = serde_json::from_str(document.secret_string().ok_or("the secret is binary")?)?;
    let handler = Handler {
        events: aws_sdk_eventbridge::Client::new(&config),
        bus: env::var("EVENT_BUS_NAME")?,
        secret: secret.momento_secret,
    };
    run(service_fn(|request: Request| handler.handle(request))).await
}

impl Handler {
    async fn handle(&self, request: Request) -> Result<Response<Body>, Error> {
        let signature = request.headers().get("momento-signature").map_or(&b""[..], |value| value.as_bytes());
        let body = request.body();
        if !self.is_genuine(body, signature) {
            return answer(StatusCode::FORBIDDEN, "Unauthorized");
        }
        let Ok(message) = serde_json::from_slice::<TopicMessage>(body) else {
            return answer(StatusCode::BAD_REQUEST, "Bad Request");
        };
        let published = Duration::from_millis(message.publish_timestamp);
        if SystemTime::now().duration_since(UNIX_EPOCH)?.saturating_sub(published) > MAX_AGE {
            return answer(StatusCode::FORBIDDEN, "Unauthorized");
        }
        let entry = PutEventsRequestEntry::builder()
            .event_bus_name(&self.bus)
            .source("Momento")
            .detail_type(format!("{}#{}", message.cache, message.topic))
            .detail(std::str::from_utf8(body)?)
            .time(DateTime::from_millis(i64::try_from(message.publish_timestamp)?))
            .build();
        let output = self.events.put_events().entries(entry).send().await?;
        if output.failed_entry_count() > 0 {
            return answer(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable");
        }
        tracing::info!(event_id = output.entries().first().and_then(|entry| entry.event_id()), "published");
        answer(StatusCode::OK, "Success")
    }

    fn is_genuine(&self, body: &[u8], signature: &[u8]) -> bool {
        let Ok(mac) = SimpleHmac::<Sha3_256>::new_from_slice(self.secret.as_bytes()) else { return false };
        hex::decode(signature).is_ok_and(|signature| mac.chain_update(body).verify_slice(&signature).is_ok())
    }
}

fn answer(status: StatusCode, message: &str) -> Result<Response<Body>, Error> {
    let body = json!({"message": message}).to_string();
    Ok(Response::builder().status(status).header("content-type", "application/json").body(body.into())?)
}
