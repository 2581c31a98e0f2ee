//! `/cache/{cacheName}`: <https://docs.momentohq.com/cache/develop/api-reference/http-api>

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::Momento;
use crate::api_error::ApiError;
use crate::credentials::Operation;
use crate::query::Query;

/// Key and value together: <https://docs.momentohq.com/cache/manage/limits>
const LARGEST_ITEM: usize = 5 * 1024 * 1024;
/// <https://docs.momentohq.com/cache/manage/limits>
const LONGEST_TIME_TO_LIVE: u64 = 24 * 60 * 60;

/// The documented example has no padding; with it, the same bytes are meant.
const BASE64_URL: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

type CachePath = Result<Path<String>, PathRejection>;

pub(crate) fn routes() -> Router<Arc<Momento>> {
    Router::new().route("/cache/{cache}", get(read).put(set).delete(remove))
}

async fn read(
    State(momento): State<Arc<Momento>>,
    path: CachePath,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<impl IntoResponse, ApiError> {
    let (Path(cache), query) = (path?, Query::parse(query.as_deref())?);
    let (mut state, now) = (momento.state(), momento.clock.now());
    let key = key(&query);
    let operation = Operation::ReadItem { cache: &cache, key: key.as_deref().unwrap_or_default() };
    state.credentials.authorize(&headers, &query, operation, now)?;
    let key = key?;
    let item = state.caches.named(&cache)?.get(&key, now).ok_or(ApiError::NoSuchKey)?;
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], item.value.clone()))
}

async fn set(
    State(momento): State<Arc<Momento>>,
    path: CachePath,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    value: Bytes,
) -> Result<StatusCode, ApiError> {
    let (Path(cache), query) = (path?, Query::parse(query.as_deref())?);
    let (mut state, now) = (momento.state(), momento.clock.now());
    state.credentials.authorize(&headers, &query, Operation::ChangeItem, now)?;
    let (key, time_to_live) = (key(&query)?, time_to_live(&query)?);
    if key.len() + value.len() > LARGEST_ITEM {
        return Err(ApiError::BadRequest(format!("key and value are larger than {LARGEST_ITEM} bytes")));
    }
    state.caches.named(&cache)?.set(key, value, time_to_live, now);
    Ok(StatusCode::NO_CONTENT)
}

async fn remove(
    State(momento): State<Arc<Momento>>,
    path: CachePath,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<StatusCode, ApiError> {
    let (Path(cache), query) = (path?, Query::parse(query.as_deref())?);
    let (mut state, now) = (momento.state(), momento.clock.now());
    state.credentials.authorize(&headers, &query, Operation::ChangeItem, now)?;
    let key = key(&query)?;
    state.caches.named(&cache)?.remove(&key);
    Ok(StatusCode::NO_CONTENT)
}

fn key(query: &Query) -> Result<Vec<u8>, ApiError> {
    let key = match (query.get("key")?, query.get("key_base64")?) {
        (Some(key), None) => key.as_bytes().to_vec(),
        (None, Some(encoded)) => BASE64_URL
            .decode(encoded)
            .map_err(|error| ApiError::BadRequest(format!("key_base64 is not URL-safe base64: {error}")))?,
        (Some(_), Some(_)) => return Err(ApiError::BadRequest("key and key_base64 are both given".to_owned())),
        (None, None) => return Err(ApiError::BadRequest("neither key nor key_base64 is given".to_owned())),
    };
    if key.is_empty() { Err(ApiError::BadRequest("the key is empty".to_owned())) } else { Ok(key) }
}

fn time_to_live(query: &Query) -> Result<Duration, ApiError> {
    match query.whole_number("ttl_seconds")? {
        None => Err(ApiError::BadRequest("ttl_seconds is missing".to_owned())),
        Some(seconds @ 1..=LONGEST_TIME_TO_LIVE) => Ok(Duration::from_secs(seconds)),
        Some(seconds) => {
            Err(ApiError::BadRequest(format!("ttl_seconds is not from 1 to {LONGEST_TIME_TO_LIVE}: {seconds}")))
        }
    }
}
