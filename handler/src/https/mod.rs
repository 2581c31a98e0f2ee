//! The handlers' connections by HTTPS: to AWS, below its SDK, and to Momento's HTTP API.
//!
//! hyper's client with its pool, on rustls. The SDK's own is made of the same parts, but takes root certificates as text only, and long to
//! read it (see [`roots`]). It also speaks HTTP/2 and knows proxies. This one does without: AWS speaks HTTP/1.1, and Momento
//! is called no faster over HTTP/2. Zips are 7 to 13 % smaller.

pub mod roots;

use std::error::Error;
use std::iter::successors;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::connection::{CaptureSmithyConnection, ConnectionMetadata};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use http::{Request, Uri};
use http_body_util::Limited;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{HttpConnector as TcpConnector, capture_connection};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use tokio::time::error::Elapsed;
use tokio::time::timeout;
use tower_service::Service;

/// The most bytes of an answer's body: the SDK reads every answer whole into memory. The longest that the handlers ask for is a
/// secret: 64 KiB, or six times as much with every character escaped. A longer answer is an unreadable one.
pub const MAX_ANSWER_BYTES: usize = 1024 * 1024;

/// How long connections are waited for and kept.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The longest wait for a connection, from looking up its host to the end of the TLS handshake.
    pub connect: Duration,
    /// How long a connection is kept without a request.
    pub idle: Duration,
}

/// A client that keeps its connections for the next requests.
#[derive(Debug, Clone)]
pub struct HttpsClient(Client<InTime<HttpsConnector<TcpConnector>>, SdkBody>);

impl HttpsClient {
    /// A client that trusts servers whose certificates go back to these roots. It takes URLs that begin with `http:` too, as tests and
    /// local services have them.
    #[must_use]
    #[expect(clippy::expect_used, clippy::missing_panics_doc, reason = "ring can do all that TLS 1.2 and 1.3 ask for")]
    pub fn new(roots: Arc<RootCertStore>, limits: Limits) -> Self {
        let mut tcp = TcpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        // Named, because rustls does not choose where another crate has switched on another.
        let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("it has cipher suites for them")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let connector = InTime { connector: HttpsConnector::from((tcp, tls)), limit: limits.connect };
        let mut pool = Client::builder(TokioExecutor::new());
        Self(pool.pool_idle_timeout(limits.idle).pool_timer(TokioTimer::new()).build(connector))
    }
}

impl HttpConnector for HttpsClient {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let mut request = match request.try_into_http1x() {
            Ok(request) => request,
            Err(error) => return HttpConnectorFuture::ready(Err(ConnectorError::user(error.into()))),
        };
        let_the_sdk_close_its_connection(&mut request);
        let answer = self.0.request(request);
        HttpConnectorFuture::new(async move {
            let answer = answer.await.map_err(|error| {
                let kind = if is_timeout(&error) { ConnectorError::timeout } else { ConnectorError::io };
                kind(error.into())
            })?;
            let answer = answer.map(|body| SdkBody::from_body_1_x(Limited::new(body, MAX_ANSWER_BYTES)));
            HttpResponse::try_from(answer).map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

/// After an answer that blames the server, such as 503, the SDK has the connection closed, so that the next request may reach another.
fn let_the_sdk_close_its_connection(request: &mut Request<SdkBody>) {
    let Some(sdk) = request.extensions().get::<CaptureSmithyConnection>().cloned() else { return };
    let captured = capture_connection(request);
    sdk.set_connection_retriever(move || {
        let captured = captured.clone();
        let close = move || {
            if let Some(connection) = captured.connection_metadata().as_ref() {
                connection.poison();
            }
        };
        Some(ConnectionMetadata::builder().proxied(false).poison_fn(close).build())
    });
}

fn is_timeout(error: &(dyn Error + 'static)) -> bool {
    successors(Some(error), |&error| error.source()).any(<dyn Error>::is::<Elapsed>)
}

/// Connections that fail if they are not there in time.
#[derive(Debug, Clone)]
struct InTime<C> {
    connector: C,
    limit: Duration,
}

impl<C: Service<Uri, Error: Into<BoxError>, Future: Send + 'static>> Service<Uri> for InTime<C> {
    type Response = C::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<C::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.connector.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let connection = timeout(self.limit, self.connector.call(to));
        Box::pin(async move { connection.await?.map_err(Into::into) })
    }
}
