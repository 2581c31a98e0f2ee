//! TCP connections that can be reset, or fall silent, from where a request is answered.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// Accepts connections that answer without delay and can be reset.
pub(crate) struct Connections(pub(crate) TcpListener);

/// The connection that a request came on.
#[derive(Debug, Clone, Default)]
pub(crate) struct Connection(Arc<AtomicU8>);

const RESET: u8 = 1;
const SILENT: u8 = 2;

impl Connection {
    /// Ends the connection with a TCP reset as soon as anything would be written to it.
    pub(crate) fn reset(&self) {
        self.0.store(RESET, Ordering::Relaxed);
    }

    /// Drops whatever is written from now on, answers to HTTP/2's pings too, and leaves the connection open: as if the
    /// network had lost it.
    pub(crate) fn silence(&self) {
        self.0.store(SILENT, Ordering::Relaxed);
    }
}

pub(crate) struct Stream {
    tcp: TcpStream,
    connection: Connection,
}

impl Listener for Connections {
    type Io = Stream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Stream, SocketAddr) {
        let (tcp, address) = Listener::accept(&mut self.0).await;
        // Only speed is lost where this fails.
        let _ = tcp.set_nodelay(true);
        (Stream { tcp, connection: Connection::default() }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, Connections>> for Connection {
    fn connect_info(stream: IncomingStream<'_, Connections>) -> Self {
        stream.io().connection.clone()
    }
}

impl Stream {
    /// The TCP stream, unless it has been reset: without lingering, the kernel sends RST when it is dropped. Nothing if it
    /// is silent.
    fn open(&mut self) -> io::Result<Option<Pin<&mut TcpStream>>> {
        match self.connection.0.load(Ordering::Relaxed) {
            RESET => {
                self.tcp.set_zero_linger()?;
                Err(io::ErrorKind::ConnectionReset.into())
            }
            SILENT => Ok(None),
            _ => Ok(Some(Pin::new(&mut self.tcp))),
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_read(context, buffer)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.open()? {
            Some(tcp) => tcp.poll_write(context, bytes),
            None => Poll::Ready(Ok(bytes.len())),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.open()?.map_or(Poll::Ready(Ok(())), |tcp| tcp.poll_flush(context))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.open()?.map_or(Poll::Ready(Ok(())), |tcp| tcp.poll_shutdown(context))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.open()? {
            Some(tcp) => tcp.poll_write_vectored(context, buffers),
            None => Poll::Ready(Ok(buffers.iter().map(|buffer| buffer.len()).sum())),
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.tcp.is_write_vectored()
    }
}
