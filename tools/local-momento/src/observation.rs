//! What every request to the API passes: it is recorded, and what was asked to go wrong goes wrong.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::Momento;
use crate::api_error::{ApiError, refusal, with_retry_after};
use crate::connection::Connection;
use crate::faults::{Fault, Status};
use crate::grpc::{self, is_grpc};
use crate::query::Query;
use crate::request_log::{Place, Received};

/// More than any request that Momento takes, and little enough to keep.
const LARGEST_BODY: usize = 32 * 1024 * 1024;

pub(crate) async fn observe(
    State(momento): State<Arc<Momento>>,
    ConnectInfo(connection): ConnectInfo<Connection>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST_BODY).await else {
        return ApiError::BadRequest(format!("the body is cut off, or larger than {LARGEST_BODY} bytes"))
            .into_response();
    };
    let request = Request::from_parts(parts, Body::from(body.clone()));
    let (fault, place) = record(&momento, &request, body);
    let answer = match fault {
        None => next.run(request).await,
        Some(Fault::Answer { status: Status(status), retry_after, body }) => answer(status, retry_after, body),
        Some(Fault::GrpcStatus { code, message }) => grpc::answer(code.with_message(message)),
        Some(Fault::Hang { milliseconds }) => {
            tokio::time::sleep(Duration::from_millis(milliseconds)).await;
            next.run(request).await
        }
        Some(Fault::Reset) => return cut(&connection),
        Some(Fault::FailAfterEffect { status: Status(status) }) => {
            let answer = next.run(request).await;
            if answer.status().is_success() { refusal(status, "Injected after the effect") } else { answer }
        }
        Some(Fault::LostAnswer) => {
            next.run(request).await;
            return cut(&connection);
        }
    };
    momento.state().log.answered(place, answer.status());
    answer
}

fn record(momento: &Momento, request: &Request, body: axum::body::Bytes) -> (Option<Fault>, Place) {
    let (uri, headers) = (request.uri(), request.headers());
    let is_grpc = is_grpc(headers);
    let grpc_target = if is_grpc { grpc::target(uri.path(), &body) } else { None };
    let target = grpc_target.as_deref().or(uri.path_and_query().map(PathAndQuery::as_str)).unwrap_or_default();
    let mut state = momento.state();
    let fault = state.faults.take(request.method().as_str(), target, is_grpc);
    let query = Query::parse(uri.query()).ok();
    let caller = query.and_then(|query| state.credentials.caller(headers, &query));
    let place = state.log.received(Received {
        at: momento.clock.now(),
        method: request.method().as_str(),
        path: uri.path(),
        query: uri.query().unwrap_or_default(),
        headers,
        body,
        caller: caller.map(|caller| caller.name),
        fault: fault.as_ref().map(Fault::kind),
    });
    (fault, place)
}

fn answer(status: StatusCode, retry_after: Option<String>, body: Option<String>) -> Response {
    let response = match body {
        Some(body) => (status, [(header::CONTENT_TYPE, "application/json")], body).into_response(),
        None => refusal(status, "Injected"),
    };
    with_retry_after(response, retry_after.and_then(|value| HeaderValue::from_str(&value).ok()))
}

/// An answer that does not leave: writing it resets the connection.
fn cut(connection: &Connection) -> Response {
    connection.reset();
    StatusCode::NO_CONTENT.into_response()
}
