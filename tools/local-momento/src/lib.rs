//! Momento's HTTP API for caches and topics, and its gRPC for topics, on this machine: for tests, examples and
//! demonstrations.
//!
//! A request passes [`observation`] (recorded, and a fault injected where one is asked for), then [`cache_api`],
//! [`topics_api`] or [`pubsub_api`], which know HTTP and gRPC, and ends in [`caches`] and [`topic`], which do not. Everything under `/_local/` is
//! [`control`]: it is not Momento's, and tests look behind the API with it. `README.md` says what Momento documents and
//! what was chosen here.

mod api_error;
mod cache_api;
mod caches;
mod clock;
mod connection;
mod control;
mod credentials;
mod faults;
mod grpc;
mod observation;
mod publication;
mod pubsub_api;
mod query;
mod request_log;
mod streams;
mod subscription;
mod topic;
mod topic_selector;
mod topics_api;
mod webhooks;

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::DefaultBodyLimit;
use axum::http::Method;
use axum::{Router, middleware};
use tokio::net::TcpListener;
use tower_http::cors::{AllowHeaders, Any, CorsLayer};

use crate::caches::Caches;
use crate::clock::Clock;
use crate::connection::{Connection, Connections};
use crate::credentials::Credentials;
use crate::faults::Faults;
use crate::request_log::RequestLog;
use crate::streams::Streams;
use crate::webhooks::Webhooks;

/// What a local Momento starts with. More of both can be added while it runs.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The caches that exist. Any other is not found.
    pub caches: Vec<String>,
    /// The keys that may do everything.
    pub api_keys: Vec<String>,
}

/// Everything that a local Momento knows.
struct Momento {
    clock: Clock,
    /// Posts webhooks.
    http: reqwest::Client,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    caches: Caches,
    credentials: Credentials,
    faults: Faults,
    log: RequestLog,
    streams: Streams,
    webhooks: Webhooks,
}

impl Momento {
    fn new(settings: Settings, http: reqwest::Client) -> Self {
        let mut state = State::default();
        for cache in settings.caches {
            state.caches.create(cache);
        }
        for key in settings.api_keys {
            state.credentials.add_api_key(key);
        }
        Self { clock: Clock::default(), http, state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Serves a local Momento until the future is dropped.
///
/// # Errors
///
/// What the listener fails with.
pub async fn serve(listener: TcpListener, settings: Settings) -> io::Result<()> {
    let http = reqwest::Client::builder().no_proxy().build().map_err(io::Error::other)?;
    let momento = Arc::new(Momento::new(settings, http));
    let service = router(momento).into_make_service_with_connect_info::<Connection>();
    axum::serve(Connections(listener), service).await
}

fn router(momento: Arc<Momento>) -> Router {
    let api = Router::new()
        .merge(cache_api::routes())
        .merge(topics_api::routes())
        .merge(pubsub_api::routes(&momento))
        .fallback(api_error::no_such_path)
        .method_not_allowed_fallback(api_error::no_such_method)
        .layer(middleware::from_fn_with_state(Arc::clone(&momento), observation::observe));
    Router::new()
        .nest("/_local", control::routes())
        .merge(api)
        // The limits are Momento's, where a request is understood.
        .layer(DefaultBodyLimit::disable())
        .layer(any_page_may_call())
        .with_state(momento)
}

/// Pages served from another port of this machine may call.
fn any_page_may_call() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::PUT, Method::POST, Method::DELETE])
        // Not `*`, which by the Fetch standard does not cover Authorization.
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers(Any)
        .max_age(Duration::from_hours(24))
}
