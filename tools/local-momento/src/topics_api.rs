//! `/topics/{cacheName}/{topicName}`: <https://docs.momentohq.com/topics/api-reference/http-api>

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::post;
use axum::{Json, Router};
use serde::Serialize;

use crate::Momento;
use crate::api_error::ApiError;
use crate::credentials::Operation;
use crate::publication;
use crate::query::Query;
use crate::topic::{Delivered, Position, Value};

type TopicPath = Result<Path<(String, String)>, PathRejection>;

pub(crate) fn routes() -> Router<Arc<Momento>> {
    Router::new().route("/topics/{cache}/{topic}", post(publish).get(subscribe))
}

async fn publish(
    State(momento): State<Arc<Momento>>,
    path: TopicPath,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, ApiError> {
    let (Path((cache, topic)), query) = (path?, Query::parse(query.as_deref())?);
    let operation = Operation::Publish { cache: &cache, topic: &topic };
    let caller = momento.state().credentials.authorize(&headers, &query, operation, momento.clock.now())?;
    publication::publish(&momento, caller, &cache, &topic, value(&headers, body)?)?;
    Ok(StatusCode::NO_CONTENT)
}

fn value(headers: &HeaderMap, body: Bytes) -> Result<Value, ApiError> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let content_type = content_type.ok_or_else(|| ApiError::BadRequest("Content-Type is missing".to_owned()))?;
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    if media_type.eq_ignore_ascii_case("application/octet-stream") {
        return Ok(Value::Binary(body));
    }
    let text = String::from_utf8(body.into());
    text.map(Value::Text).map_err(|_| ApiError::BadRequest(format!("a message of {media_type} is not UTF-8")))
}

#[derive(Debug, Serialize)]
struct News {
    items: Vec<Delivered>,
}

async fn subscribe(
    State(momento): State<Arc<Momento>>,
    path: TopicPath,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Json<News>, ApiError> {
    let (Path((cache, topic)), query) = (path?, Query::parse(query.as_deref())?);
    let asked = Position {
        page: query.whole_number("sequence_page")?.unwrap_or(0),
        number: query.whole_number("sequence_number")?.unwrap_or(0),
    };
    let mut position = None;
    loop {
        let change = {
            let (mut state, now) = (momento.state(), momento.clock.now());
            let operation = Operation::Subscribe { cache: &cache, topic: &topic };
            state.credentials.authorize(&headers, &query, operation, now)?;
            let topic = state.caches.named(&cache)?.topic(&topic, now);
            let (items, end) = position.map_or_else(|| topic.resume(asked), |from| topic.read_on(from));
            position = Some(end);
            if !items.is_empty() {
                return Ok(Json(News { items }));
            }
            topic.change()
        };
        change.await;
    }
}
