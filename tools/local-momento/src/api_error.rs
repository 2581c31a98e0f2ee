//! The answers that refuse something, in the one shape of a body that Momento documents, that of its API for keys.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use thiserror::Error;

use crate::grpc::{self, is_grpc};

#[derive(Debug, Error)]
pub(crate) enum ApiError {
    #[error("{0}")]
    BadRequest(String),
    #[error("The API key or token is missing, invalid or expired")]
    Unauthorized,
    #[error("The token does not permit this")]
    Forbidden,
    #[error("Cache Not Found")]
    NoSuchCache,
    #[error("Key Not Found")]
    NoSuchKey,
    #[error("No such path")]
    NoSuchPath,
    #[error("The path is known, but not with this method")]
    NoSuchMethod,
}

impl ApiError {
    fn status(&self) -> StatusCode {
        match self {
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NoSuchCache | Self::NoSuchKey | Self::NoSuchPath => StatusCode::NOT_FOUND,
            Self::NoSuchMethod => StatusCode::METHOD_NOT_ALLOWED,
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        refusal(self.status(), &self.to_string())
    }
}

impl From<PathRejection> for ApiError {
    fn from(rejection: PathRejection) -> Self {
        Self::BadRequest(rejection.body_text())
    }
}

/// An answer with the documented body.
pub(crate) fn refusal(status: StatusCode, message: &str) -> Response {
    let code = match status {
        StatusCode::NOT_FOUND => "NotFound",
        StatusCode::FORBIDDEN => "PermissionDenied",
        _ => status.canonical_reason().unwrap_or("Unknown"),
    };
    (status, Json(json!({ "code": code, "message": message }))).into_response()
}

pub(crate) async fn no_such_path(headers: HeaderMap) -> Response {
    if is_grpc(&headers) { grpc::answer(ApiError::NoSuchPath.into()) } else { ApiError::NoSuchPath.into_response() }
}

pub(crate) async fn no_such_method() -> ApiError {
    ApiError::NoSuchMethod
}

/// An answer that says how long to wait.
pub(crate) fn with_retry_after(mut response: Response, retry_after: Option<HeaderValue>) -> Response {
    if let Some(value) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, value);
    }
    response
}
