//! What is left without the AWS SDK and without an asynchronous runtime, for the benchmark to compare with: HTTP/1.1 written by hand,
//! to the Runtime API in the clear and to EventBridge over TLS, one call after the other on blocking sockets. It takes an
//! invocation and puts its body on the bus: no checks, no deadline, no log, no metrics. A floor, not a handler.

mod http;
mod sigv4;

use std::env::{self, VarError};
use std::io;
use std::net::TcpStream;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::SystemTime;

use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, InvalidDnsNameError, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde::{Deserialize, Serialize};

use http::{Connection, HttpError, Response};
use sigv4::Signer;

const RUNTIME: &str = "/2018-06-01/runtime/invocation";

fn main() -> ExitCode {
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("blocking-floor: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Why it cannot go on.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("a variable: {0}")]
    Variable(#[from] VarError),
    #[error("the endpoint is not https://HOST:PORT")]
    Endpoint,
    #[error("the endpoint's host: {0}")]
    Host(#[from] InvalidDnsNameError),
    #[error("the root certificates: {0}")]
    Roots(#[from] pem::Error),
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
    #[error("a connection: {0}")]
    Io(#[from] io::Error),
    #[error(transparent)]
    Http(#[from] HttpError),
    #[error("the Runtime API gave an invocation without an id")]
    NoId,
    #[error("the invocation: {0}")]
    Invocation(#[from] serde_json::Error),
}

fn serve() -> Result<(), Failure> {
    let mut lambda = Connection::new(connect(&env::var("AWS_LAMBDA_RUNTIME_API")?)?);
    let mut bus = Bus::connect()?;
    loop {
        let invocation = lambda.call(format!("GET {RUNTIME}/next HTTP/1.1\r\nhost: lambda\r\n\r\n").as_bytes())?;
        let id = invocation.header("lambda-runtime-aws-request-id").ok_or(Failure::NoId)?;
        let answer = serde_json::to_vec(&Answer { status_code: bus.put(&invocation.body)? })?;
        let head = format!(
            "POST {RUNTIME}/{id}/response HTTP/1.1\r\nhost: lambda\r\ncontent-length: {}\r\n\r\n",
            answer.len(),
        );
        lambda.call(&[head.as_bytes(), &answer].concat())?;
    }
}

fn connect(address: &str) -> Result<TcpStream, io::Error> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

#[derive(Deserialize)]
struct Request {
    body: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    status_code: u16,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PutEvents<'a> {
    entries: [Entry<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Entry<'a> {
    event_bus_name: &'a str,
    source: &'a str,
    detail_type: &'a str,
    detail: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Put {
    failed_entry_count: u32,
}

/// The event bus, on a connection that is open from the start.
struct Bus {
    connection: Connection<StreamOwned<ClientConnection, TcpStream>>,
    tls: Arc<ClientConfig>,
    /// Host and port.
    authority: String,
    host: ServerName<'static>,
    signer: Signer,
    name: String,
    detail_type: String,
}

impl Bus {
    fn connect() -> Result<Self, Failure> {
        let endpoint = env::var("AWS_ENDPOINT_URL_EVENTBRIDGE")?;
        let authority = endpoint.strip_prefix("https://").ok_or(Failure::Endpoint)?.to_owned();
        let (host, _) = authority.split_once(':').ok_or(Failure::Endpoint)?;
        let host = ServerName::try_from(host.to_owned())?;
        let mut roots = RootCertStore::empty();
        for root in CertificateDer::pem_file_iter(env::var("SSL_CERT_FILE")?)? {
            roots.add(root?)?;
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        let tls = Arc::new(tls.with_root_certificates(roots).with_no_client_auth());
        Ok(Self {
            connection: Connection::new(handshake(&tls, &host, &authority)?),
            tls,
            host,
            authority,
            signer: Signer::from_environment("events")?,
            name: env::var("EVENT_BUS_NAME")?,
            detail_type: env::var("DETAIL_TYPE")?,
        })
    }

    /// Puts the body of a request on the bus; returns the status to answer with.
    fn put(&mut self, invocation: &[u8]) -> Result<u16, Failure> {
        let request: Request = serde_json::from_slice(invocation)?;
        let entry = Entry {
            event_bus_name: &self.name,
            source: "Momento",
            detail_type: &self.detail_type,
            detail: &request.body,
        };
        let body = serde_json::to_vec(&PutEvents { entries: [entry] })?;
        let headers = [
            ("content-type", "application/x-amz-json-1.1"),
            ("host", &self.authority),
            ("x-amz-target", "AWSEvents.PutEvents"),
        ];
        let signed = self.signer.request("POST", "/", &headers, &body, SystemTime::now());
        let response = self.call(&signed)?;
        let put: Put = serde_json::from_slice(&response.body)?;
        Ok(if response.status == 200 && put.failed_entry_count == 0 { 200 } else { 503 })
    }

    fn call(&mut self, request: &[u8]) -> Result<Response, Failure> {
        match self.connection.call(request) {
            // Closed while there was nothing to do.
            Err(HttpError::Closed) => {
                self.connection = Connection::new(handshake(&self.tls, &self.host, &self.authority)?);
                Ok(self.connection.call(request)?)
            }
            response => Ok(response?),
        }
    }
}

fn handshake(
    tls: &Arc<ClientConfig>,
    host: &ServerName<'static>,
    authority: &str,
) -> Result<StreamOwned<ClientConnection, TcpStream>, Failure> {
    let mut stream = connect(authority)?;
    let mut connection = ClientConnection::new(Arc::clone(tls), host.clone())?;
    while connection.is_handshaking() {
        connection.complete_io(&mut stream)?;
    }
    Ok(StreamOwned::new(connection, stream))
}
