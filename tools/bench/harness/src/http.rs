//! HTTP/1.1 servers on 127.0.0.1, with kept-alive connections.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

/// A server that ends, with its connections, when it is dropped.
pub(crate) struct Server {
    address: SocketAddr,
    accepting: AbortHandle,
    last_opened: watch::Receiver<Option<Instant>>,
    closing: watch::Sender<()>,
}

impl Server {
    /// A server on a free port: over TLS if there is a configuration for it.
    pub(crate) async fn start<S, F>(tls: Option<Arc<ServerConfig>>, service: S) -> Result<Self>
    where
        S: Fn(Request<Bytes>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Response<Bytes>> + Send + 'static,
    {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("no free port")?;
        let address = listener.local_addr()?;
        let (opened, last_opened) = watch::channel(None);
        let opened = Arc::new(opened);
        let (closing, _) = watch::channel(());
        let when_to_close = closing.clone();
        let accepting = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let _ = stream.set_nodelay(true);
                let (tls, service, opened) = (tls.clone(), service.clone(), Arc::clone(&opened));
                let closing = when_to_close.subscribe();
                connections.spawn(async move {
                    match tls {
                        None => {
                            opened.send_replace(Some(Instant::now()));
                            serve(stream, service, closing).await;
                        }
                        Some(tls) => {
                            if let Ok(stream) = TlsAcceptor::from(tls).accept(stream).await {
                                opened.send_replace(Some(Instant::now()));
                                serve(stream, service, closing).await;
                            }
                        }
                    }
                });
            }
        });
        Ok(Self { address, accepting: accepting.abort_handle(), last_opened, closing })
    }

    /// When the newest connection was ready to be used, TLS included; none if there never was one.
    pub(crate) fn last_opened(&self) -> Option<Instant> {
        *self.last_opened.borrow()
    }

    /// Closes the connections that there are, each when it has answered, as a server does with those that are idle for too long.
    pub(crate) fn close_connections(&self) {
        self.closing.send_replace(());
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Serves a connection until one end closes it, or the client is killed.
async fn serve<S, F>(stream: impl AsyncRead + AsyncWrite + Unpin, service: S, mut closing: watch::Receiver<()>)
where
    S: Fn(Request<Bytes>) -> F,
    F: Future<Output = Response<Bytes>>,
{
    let respond = service_fn(async |request: Request<Incoming>| {
        let (parts, body) = request.into_parts();
        Ok::<_, Infallible>(match body.collect().await {
            Ok(body) => service(Request::from_parts(parts, body.to_bytes())).await.map(Full::new),
            Err(_) => status(StatusCode::BAD_REQUEST).map(Full::new),
        })
    });
    let mut connection = pin!(http1::Builder::new().serve_connection(TokioIo::new(stream), respond));
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = closing.changed() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

/// A response without a body.
pub(crate) fn status(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response
}
