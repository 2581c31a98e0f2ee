//! The client of all handlers against servers on loopback sockets, with certificates that the tests make.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener as StdTcpListener};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::HttpConnector as _;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http_body_util::BodyExt as _;
use momento_eventbridge::https::roots::{certificates, trusted};
use momento_eventbridge::https::{HttpsClient, Limits, MAX_ANSWER_BYTES};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

const LIMITS: Limits = Limits { connect: Duration::from_secs(5), idle: Duration::from_secs(5) };

/// For a server without TLS.
pub(crate) fn trusting_nobody() -> Arc<RootCertStore> {
    Arc::new(RootCertStore::empty())
}

/// Makes certificates.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn generate() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn certificate(&self) -> CertificateDer<'static> {
        self.0.der().clone()
    }

    /// What trusts it alone.
    pub(crate) fn roots(&self) -> Arc<RootCertStore> {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate()).unwrap();
        Arc::new(roots)
    }

    /// A server's side of TLS, for this host and these protocols.
    pub(crate) fn server(&self, host: &str, protocols: &[&str]) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new([host.to_owned()]).unwrap().signed_by(&key, &self.0).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        TlsAcceptor::from(Arc::new(config))
    }
}

/// What a server heard: for each connection, what was sent over it.
type Heard = Arc<Mutex<Vec<Vec<u8>>>>;

/// A server that answers each request with this, over TLS or without.
async fn server(tls: Option<TlsAcceptor>, answer: String) -> (SocketAddr, Heard) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let heard = Heard::default();
    let log = Arc::clone(&heard);
    tokio::spawn(async move {
        for connection in 0.. {
            let (socket, _) = listener.accept().await.unwrap();
            log.lock().unwrap().push(Vec::new());
            let (tls, log, answer) = (tls.clone(), Arc::clone(&log), answer.clone());
            tokio::spawn(async move {
                match tls {
                    None => serve(socket, connection, &log, &answer).await,
                    Some(tls) => {
                        if let Ok(stream) = tls.accept(socket).await {
                            serve(stream, connection, &log, &answer).await;
                        }
                    }
                }
            });
        }
    });
    (address, heard)
}

async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin, connection: usize, heard: &Heard, answer: &str) {
    let mut bytes = [0; 8192];
    while let Ok(read @ 1..) = stream.read(&mut bytes).await {
        heard.lock().unwrap()[connection].extend(&bytes[..read]);
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

fn answer(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

/// Asks a server; returns the body of its answer, none if that cannot be read.
async fn get(client: &HttpsClient, url: &str) -> Result<Option<Vec<u8>>, ConnectorError> {
    let mut request = HttpRequest::new(SdkBody::empty());
    request.set_uri(url.to_owned()).unwrap();
    let answer = client.call(request).await?;
    Ok(answer.into_body().collect().await.ok().map(|body| body.to_bytes().to_vec()))
}

#[tokio::test]
async fn a_server_that_proves_its_name_by_a_trusted_root_is_asked_over_one_connection() {
    let authority = Authority::generate();
    let (address, heard) = server(Some(authority.server("localhost", &[])), answer("hello")).await;
    let client = HttpsClient::new(authority.roots(), LIMITS);
    for _ in 0..3 {
        let body = get(&client, &format!("https://localhost:{}/", address.port())).await.unwrap();
        assert_eq!(body.unwrap(), b"hello");
    }
    assert_eq!(heard.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_server_that_proves_nothing_hears_no_request() {
    let (trusted, other) = (Authority::generate(), Authority::generate());
    for tls in [other.server("localhost", &[]), trusted.server("example.com", &[])] {
        let (address, heard) = server(Some(tls), answer("hello")).await;
        let client = HttpsClient::new(trusted.roots(), LIMITS);
        let error = get(&client, &format!("https://localhost:{}/", address.port())).await.unwrap_err();
        assert!(error.is_io() && !error.is_timeout(), "{error:?}");
        assert_eq!(heard.lock().unwrap().concat(), b"");
    }
}

#[tokio::test]
async fn a_connection_that_is_not_there_in_time_is_a_timeout() {
    // It accepts the connection and says nothing.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let limits = Limits { connect: Duration::from_millis(50), ..LIMITS };
    let client = HttpsClient::new(Authority::generate().roots(), limits);
    let error = get(&client, &format!("https://{address}/")).await.unwrap_err();
    assert!(error.is_timeout(), "{error:?}");
}

#[tokio::test]
async fn a_connection_is_not_used_again_after_it_was_idle_for_too_long() {
    let (address, heard) = server(None, answer("")).await;
    let client = HttpsClient::new(trusting_nobody(), Limits { idle: Duration::from_millis(50), ..LIMITS });
    for _ in 0..2 {
        get(&client, &format!("http://{address}/")).await.unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert_eq!(heard.lock().unwrap().len(), 2);
}

/// A server of AWS closes it while Lambda has frozen the process. Both that and the next event have arrived when it goes on.
#[tokio::test]
async fn a_connection_that_was_closed_before_an_event_arrived_costs_no_request() {
    let listener = StdTcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (mut events, event) = UnixStream::pair().unwrap();
    let (freeze, frozen) = channel();
    let (thaw, thawed) = channel();
    let server = thread::spawn(move || {
        for _ in 0..3 {
            let (mut connection, _) = listener.accept().unwrap();
            let _ = connection.read(&mut [0; 8192]).unwrap();
            connection.write_all(answer("hello").as_bytes()).unwrap();
            frozen.recv().unwrap();
            drop(connection);
            thread::sleep(Duration::from_millis(50));
            events.write_all(b"!").unwrap();
            thaw.send(()).unwrap();
        }
    });
    event.set_nonblocking(true).unwrap();
    let mut event = tokio::net::UnixStream::from_std(event).unwrap();
    let client = HttpsClient::new(trusting_nobody(), LIMITS);
    // The handlers serve in a task too.
    let handler = tokio::spawn(async move {
        for _ in 0..3 {
            assert_eq!(get(&client, &format!("http://{address}/")).await.unwrap().unwrap(), b"hello");
            freeze.send(()).unwrap();
            // Nothing else of the process runs meanwhile.
            thawed.recv_timeout(LIMITS.connect).unwrap();
            // With more room than there is, tokio asks the operating system again next time, and hears of all that is new.
            assert_eq!(event.read(&mut [0; 8]).await.unwrap(), 1);
        }
    });
    handler.await.unwrap();
    server.join().unwrap();
}

#[tokio::test]
async fn an_answer_is_read_up_to_the_bound() {
    for (length, is_read) in [(400_000, true), (MAX_ANSWER_BYTES, true), (MAX_ANSWER_BYTES + 1, false)] {
        let (address, _) = server(None, answer(&"x".repeat(length))).await;
        let body = get(&HttpsClient::new(trusting_nobody(), LIMITS), &format!("http://{address}/")).await.unwrap();
        assert_eq!(body.map(|body| body.len()), is_read.then_some(length));
    }
}

/// As in a bundle of an operating system, with lines of at most 64 characters.
fn pem(label: &str, certificate: &CertificateDer<'_>, line_end: &str) -> String {
    let text = STANDARD.encode(certificate).into_bytes();
    let lines = text.chunks(64).map(|line| String::from_utf8(line.to_vec()).unwrap());
    let begin = [format!("-----BEGIN {label}-----")];
    begin
        .into_iter()
        .chain(lines)
        .chain([format!("-----END {label}-----{line_end}")])
        .collect::<Vec<_>>()
        .join(line_end)
}

#[test]
fn a_bundle_is_read_whatever_is_between_its_certificates() {
    let [one, two, three] = [(); 3].map(|()| Authority::generate().certificate());
    let bundle = [
        "# Főtanúsítvány\n\n".to_owned(),
        pem("CERTIFICATE", &one, "\n"),
        pem("TRUSTED CERTIFICATE", &three, "\n"),
        pem("CERTIFICATE", &two, "\r\n"),
        "\n\n-----END-----".to_owned(),
    ];
    assert_eq!(certificates(&bundle.concat()), Some(vec![one, two]));
}

#[test]
fn a_bundle_of_which_a_certificate_is_not_read_is_not_taken_for_the_others() {
    let whole = pem("CERTIFICATE", &Authority::generate().certificate(), "\n");
    assert!(certificates(&whole).is_some());
    let lines: Vec<&str> = whole.lines().collect();
    // Cut after each of its lines: where the last one is missing, all of the base64 is there.
    let cut = (1..lines.len()).map(|length| lines[..length].join("\n"));
    let written_otherwise = [
        whole.replace('\n', "\n "),
        whole.replacen('\n', " \n", 1),
        whole.replacen('\n', "\nA comment: !\n", 1),
        whole.replace("-----END", " -----END"),
    ];
    for unreadable in cut.chain(written_otherwise) {
        assert_eq!(certificates(&unreadable), None, "{unreadable}");
        assert_eq!(certificates(&format!("{whole}{unreadable}")), None, "{unreadable}");
    }
    for nothing in ["", "# nothing", &pem("TRUSTED CERTIFICATE", &Authority::generate().certificate(), "\n")] {
        assert_eq!(certificates(nothing), None, "{nothing}");
    }
}

/// The public keys of these roots.
fn keys(roots: &RootCertStore) -> BTreeSet<String> {
    roots.roots.iter().map(|root| STANDARD.encode(&root.subject_public_key_info)).collect()
}

fn keys_of(certificates: impl IntoIterator<Item = CertificateDer<'static>>) -> BTreeSet<String> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(certificates);
    keys(&roots)
}

#[test]
#[ignore = "a process reads its roots once: the tests below run this one in processes of their own"]
fn prints_the_trusted_roots() {
    for key in keys(&trusted()) {
        println!("trusted: {key}");
    }
}

/// What a process trusts that has these variables, and no other of their kind.
fn trusted_where(variables: &[(&str, &Path)]) -> BTreeSet<String> {
    let run = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "https::prints_the_trusted_roots", "--include-ignored", "--nocapture"])
        .env_remove("SSL_CERT_FILE")
        .env_remove("SSL_CERT_DIR")
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let output = String::from_utf8(run.stdout).unwrap();
    assert!(output.contains("1 passed"), "{output}");
    output.lines().filter_map(|line| line.split_once("trusted: ")).map(|(_, key)| key.to_owned()).collect()
}

#[test]
fn the_roots_that_the_environment_names_are_trusted_and_no_others() {
    let [one, two, three] = [(); 3].map(|()| Authority::generate().certificate());
    let [of_one, of_two] = [&one, &two].map(|certificate| pem("CERTIFICATE", certificate, "\n"));
    let files = Path::new(env!("CARGO_TARGET_TMPDIR")).join("trusted-roots");
    let folder = files.join("folder");
    fs::create_dir_all(&folder).unwrap();
    let file = |name: &str, text: &str| {
        let path = files.join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let bundle = file("bundle", &format!("{of_one}{of_two}"));
    fs::write(folder.join("three"), pem("CERTIFICATE", &three, "\n")).unwrap();

    let both = keys_of([one.clone(), two.clone()]);
    assert_eq!(both.len(), 2);
    assert_eq!(trusted_where(&[("SSL_CERT_FILE", &bundle)]), both);
    let of_folder = keys_of([three.clone()]);
    assert_eq!(trusted_where(&[("SSL_CERT_DIR", &folder)]), of_folder);
    assert_eq!(trusted_where(&[("SSL_CERT_FILE", &bundle), ("SSL_CERT_DIR", &folder)]), &both | &of_folder);

    // Which only rustls-native-certs reads.
    let written_otherwise = file("written-otherwise", &format!("{of_one}{}", of_two.replacen('\n', "\n ", 1)));
    assert_eq!(certificates(&fs::read_to_string(&written_otherwise).unwrap()), None);
    assert_eq!(trusted_where(&[("SSL_CERT_FILE", &written_otherwise)]), both);

    for nothing in [file("empty", ""), files.join("missing")] {
        assert_eq!(trusted_where(&[("SSL_CERT_FILE", &nothing)]), BTreeSet::new());
    }
}

#[test]
fn the_roots_of_the_operating_system_are_those_that_rustls_native_certs_finds() {
    let system = openssl_probe::probe().cert_file;
    let found = rustls_native_certs::load_certs_from_paths(system.as_deref(), None);
    assert_eq!(trusted_where(&[]), keys_of(found.certs));
}
