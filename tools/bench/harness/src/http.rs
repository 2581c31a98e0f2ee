//! HTTP/1.1 servers on 127.0.0.1, with kept-alive connections.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

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
use tokio::task::{AbortHandle, JoinSet};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

/// A server that ends, with its connections, when it is dropped.
pub(crate) struct Server {
    address: SocketAddr,
    accepting: AbortHandle,
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
        let accepting = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let _ = stream.set_nodelay(true);
                let (tls, service) = (tls.clone(), service.clone());
                connections.spawn(async move {
                    match tls {
                        None => serve(stream, service).await,
                        Some(tls) => {
                            if let Ok(stream) = TlsAcceptor::from(tls).accept(stream).await {
                                serve(stream, service).await;
                            }
                        }
                    }
                });
            }
        });
        Ok(Self { address, accepting: accepting.abort_handle() })
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

/// Serves a connection until the client closes it, or is killed.
async fn serve<S, F>(stream: impl AsyncRead + AsyncWrite + Unpin, service: S)
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
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), respond).await;
}

/// A response without a body.
pub(crate) fn status(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response
}
