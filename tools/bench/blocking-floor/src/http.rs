//! HTTP/1.1 as a client that knows its servers: one call at a time on a kept-alive connection, answers with a `content-length`.

use std::io::{self, ErrorKind, Read, Write};

const READ_AT_ONCE: usize = 16 * 1024;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HttpError {
    /// The server closed the connection before it began to answer.
    #[error("the connection was closed")]
    Closed,
    #[error("a connection: {0}")]
    Io(io::Error),
    #[error("the answer has no valid status line and content-length")]
    Malformed,
}

/// A connection, which lasts for many calls.
pub(crate) struct Connection<S> {
    stream: S,
}

/// An answer.
pub(crate) struct Response {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: Vec<u8>,
}

impl<S: Read + Write> Connection<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self { stream }
    }

    /// Sends a request and waits for the answer.
    pub(crate) fn call(&mut self, request: &[u8]) -> Result<Response, HttpError> {
        self.stream.write_all(request).and_then(|()| self.stream.flush()).map_err(closed)?;
        let mut received = Vec::new();
        let end_of_head = loop {
            if self.read(&mut received)? == 0 {
                return Err(if received.is_empty() { HttpError::Closed } else { HttpError::Malformed });
            }
            if let Some(at) = received.windows(4).position(|window| window == b"\r\n\r\n") {
                break at + 4;
            }
        };
        let mut body = received.split_off(end_of_head);
        let head = String::from_utf8(received).map_err(|_| HttpError::Malformed)?;
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or(HttpError::Malformed)?;
        let mut response = Response { status, head, body: Vec::new() };
        let length: usize = match response.header("content-length") {
            Some(length) => length.parse().map_err(|_| HttpError::Malformed)?,
            None => return Err(HttpError::Malformed),
        };
        while body.len() < length {
            if self.read(&mut body)? == 0 {
                return Err(HttpError::Malformed);
            }
        }
        response.body = body;
        Ok(response)
    }

    fn read(&mut self, to: &mut Vec<u8>) -> Result<usize, HttpError> {
        let before = to.len();
        to.resize(before + READ_AT_ONCE, 0);
        let read = self.stream.read(to.get_mut(before..).unwrap_or_default()).map_err(closed);
        to.truncate(before + *read.as_ref().unwrap_or(&0));
        read
    }
}

/// The ways in which a socket and TLS say that the other end is gone.
fn closed(error: io::Error) -> HttpError {
    match error.kind() {
        ErrorKind::BrokenPipe | ErrorKind::ConnectionReset | ErrorKind::UnexpectedEof => HttpError::Closed,
        _ => HttpError::Io(error),
    }
}

impl Response {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (header, value) = line.split_once(':')?;
            header.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    /// A server that has already said all that it will.
    struct Said(Cursor<&'static str>);

    impl Read for Said {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            // A byte at a time: an answer may come in pieces.
            let few = buffer.len().min(1);
            self.0.read(&mut buffer[..few])
        }
    }

    impl Write for Said {
        fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
            Ok(buffer.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn call(said: &'static str) -> Result<Response, HttpError> {
        Connection::new(Said(Cursor::new(said))).call(b"")
    }

    #[test]
    fn reads_an_answer_that_comes_in_pieces() {
        let response = call("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello").unwrap();
        assert_eq!((response.status, &response.body[..]), (200, &b"hello"[..]));
    }

    #[test]
    fn tells_a_closed_connection_from_a_broken_answer() {
        assert!(matches!(call(""), Err(HttpError::Closed)));
        assert!(matches!(call("HTTP/1.1 200 OK\r\n"), Err(HttpError::Malformed)));
        assert!(matches!(call("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell"), Err(HttpError::Malformed)));
    }
}
