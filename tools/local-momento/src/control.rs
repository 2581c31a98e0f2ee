//! `/_local/`, which Momento does not have: how a test looks behind the API and prepares what goes wrong.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use serde_json::{Value as JsonValue, json};

use crate::Momento;
use crate::api_error::ApiError;
use crate::clock::millis;
use crate::credentials::{MintedToken, NewToken, Operation};
use crate::faults::NewRule;
use crate::query::Query;
use crate::streams::NewStreamFault;
use crate::topic::{Message, Value};
use crate::webhooks::Webhook;

type Shared = State<Arc<Momento>>;

pub(crate) fn routes() -> Router<Arc<Momento>> {
    Router::new()
        .route("/requests", get(requests).delete(clear_requests))
        .route("/caches/{cache}", put(create_cache).delete(delete_cache))
        .route("/caches/{cache}/items", get(items))
        .route("/caches/{cache}/topics/{topic}", get(topic))
        .route("/caches/{cache}/topics/{topic}/discontinuity", post(start_topic_anew))
        .route("/caches/{cache}/topics/{topic}/loss", post(lose_messages))
        .route("/caches/{cache}/topics/{topic}/history", put(limit_history).delete(lose_history))
        .route("/api-keys/{key}", put(add_api_key).delete(revoke_api_key))
        .route("/tokens", post(mint_token))
        .route("/faults", get(faults).post(add_fault).delete(clear_faults))
        .route("/stream-faults", post(break_streams))
        .route("/heartbeat", put(set_heartbeat))
        .route("/webhooks", get(webhooks).post(add_webhook).delete(remove_webhooks))
        .route("/webhook-deliveries", get(webhook_deliveries))
        .route("/clock", post(advance_clock))
        .route("/clear", post(clear))
        .fallback(crate::api_error::no_such_path)
}

async fn requests(State(momento): Shared, RawQuery(query): RawQuery) -> Result<Json<JsonValue>, ApiError> {
    let from = Query::parse(query.as_deref())?.whole_number("from")?.unwrap_or(0);
    let from = usize::try_from(from).unwrap_or(usize::MAX);
    Ok(Json(json!({ "requests": momento.state().log.from(from) })))
}

async fn clear_requests(State(momento): Shared) -> StatusCode {
    momento.state().log.clear();
    StatusCode::NO_CONTENT
}

async fn create_cache(State(momento): Shared, Path(cache): Path<String>) -> StatusCode {
    momento.state().caches.create(cache);
    StatusCode::NO_CONTENT
}

async fn delete_cache(State(momento): Shared, Path(cache): Path<String>) -> Result<StatusCode, ApiError> {
    if momento.state().caches.delete(&cache) { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::NoSuchCache) }
}

async fn items(State(momento): Shared, Path(cache): Path<String>) -> Result<Json<JsonValue>, ApiError> {
    let (mut state, now) = (momento.state(), momento.clock.now());
    let items = state.caches.named(&cache)?.items(now).map(|(key, item)| {
        json!({
            "key_base64": BASE64.encode(key),
            "value_base64": BASE64.encode(&item.value),
            "ttl_seconds": item.time_to_live.as_secs(),
            "expires_at": millis(item.expires_at),
        })
    });
    Ok(Json(json!({ "items": items.collect::<Vec<_>>() })))
}

#[derive(Debug, Serialize)]
struct Published {
    sequence_page: u64,
    topic_sequence_number: u64,
    value: Value,
    token_id: String,
    at: u64,
}

impl From<&Message> for Published {
    fn from(message: &Message) -> Self {
        Self {
            sequence_page: message.page,
            topic_sequence_number: message.number,
            value: message.value.clone(),
            token_id: message.token_id.clone(),
            at: millis(message.published_at),
        }
    }
}

async fn topic(
    State(momento): Shared,
    Path((cache, topic)): Path<(String, String)>,
) -> Result<Json<JsonValue>, ApiError> {
    let (mut state, now) = (momento.state(), momento.clock.now());
    let streams = state.streams.open_to(&cache, &topic);
    let topic = state.caches.named(&cache)?.topic(&topic, now);
    let messages: Vec<Published> = topic.messages().iter().map(Published::from).collect();
    let waiting = topic.waiting_subscribers();
    Ok(Json(json!({ "waiting_subscribers": waiting, "streams": streams, "messages": messages })))
}

async fn start_topic_anew(
    State(momento): Shared,
    Path((cache, topic)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let (mut state, now) = (momento.state(), momento.clock.now());
    state.caches.named(&cache)?.topic(&topic, now).start_anew();
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize)]
struct Messages {
    messages: u64,
}

async fn lose_messages(
    State(momento): Shared,
    Path((cache, topic)): Path<(String, String)>,
    Json(Messages { messages }): Json<Messages>,
) -> Result<StatusCode, ApiError> {
    let (mut state, now) = (momento.state(), momento.clock.now());
    state.caches.named(&cache)?.topic(&topic, now).lose(messages);
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize)]
struct HistoryLimit {
    messages: Option<u64>,
}

async fn limit_history(
    State(momento): Shared,
    Path((cache, topic)): Path<(String, String)>,
    Json(HistoryLimit { messages }): Json<HistoryLimit>,
) -> Result<StatusCode, ApiError> {
    let (mut state, now) = (momento.state(), momento.clock.now());
    state.caches.named(&cache)?.topic(&topic, now).limit_history(messages);
    Ok(StatusCode::NO_CONTENT)
}

async fn lose_history(
    State(momento): Shared,
    Path((cache, topic)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let (mut state, now) = (momento.state(), momento.clock.now());
    state.caches.named(&cache)?.topic(&topic, now).lose_history();
    Ok(StatusCode::NO_CONTENT)
}

async fn add_api_key(State(momento): Shared, Path(key): Path<String>) -> Json<JsonValue> {
    Json(json!({ "name": momento.state().credentials.add_api_key(key) }))
}

async fn revoke_api_key(State(momento): Shared, Path(key): Path<String>) -> Result<StatusCode, ApiError> {
    if momento.state().credentials.revoke(&key) { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::NoSuchKey) }
}

/// Needs an API key, as a vendor of tokens has one.
async fn mint_token(
    State(momento): Shared,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    Json(token): Json<NewToken>,
) -> Result<Json<MintedToken>, ApiError> {
    let query = Query::parse(query.as_deref())?;
    let (mut state, now) = (momento.state(), momento.clock.now());
    state.credentials.authorize(&headers, &query, Operation::MintToken, now)?;
    state.credentials.mint(token, now).map(Json)
}

async fn faults(State(momento): Shared) -> Json<JsonValue> {
    Json(json!({ "faults": momento.state().faults.rules() }))
}

async fn add_fault(State(momento): Shared, Json(rule): Json<NewRule>) -> Result<StatusCode, ApiError> {
    momento.state().faults.add(rule).map_err(ApiError::BadRequest)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn clear_faults(State(momento): Shared) -> StatusCode {
    momento.state().faults.clear();
    StatusCode::NO_CONTENT
}

async fn break_streams(State(momento): Shared, Json(fault): Json<NewStreamFault>) -> Json<JsonValue> {
    Json(json!({ "streams": momento.state().streams.hit(&fault) }))
}

async fn webhooks(State(momento): Shared) -> Json<JsonValue> {
    Json(json!({ "webhooks": momento.state().webhooks.list() }))
}

async fn add_webhook(State(momento): Shared, Json(webhook): Json<Webhook>) -> StatusCode {
    momento.state().webhooks.add(webhook);
    StatusCode::NO_CONTENT
}

async fn remove_webhooks(State(momento): Shared) -> StatusCode {
    momento.state().webhooks.remove_all();
    StatusCode::NO_CONTENT
}

async fn webhook_deliveries(State(momento): Shared) -> Json<JsonValue> {
    Json(json!({ "deliveries": momento.state().webhooks.outcomes() }))
}

#[derive(Debug, Deserialize)]
struct Milliseconds {
    milliseconds: u64,
}

async fn advance_clock(State(momento): Shared, Json(by): Json<Milliseconds>) -> StatusCode {
    momento.clock.advance(Duration::from_millis(by.milliseconds));
    StatusCode::NO_CONTENT
}

async fn set_heartbeat(State(momento): Shared, Json(every): Json<Milliseconds>) -> Result<StatusCode, ApiError> {
    if every.milliseconds == 0 {
        return Err(ApiError::BadRequest("milliseconds is 0".to_owned()));
    }
    momento.state().streams.set_heartbeat(Duration::from_millis(every.milliseconds));
    Ok(StatusCode::NO_CONTENT)
}

/// Leaves the caches, empty, the keys, the tokens and the webhooks; forgets items, messages, requests and faults.
async fn clear(State(momento): Shared) -> StatusCode {
    let mut state = momento.state();
    state.caches.clear();
    state.faults.clear();
    state.log.clear();
    state.webhooks.forget_outcomes();
    StatusCode::NO_CONTENT
}
