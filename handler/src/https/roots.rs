//! The root certificates that the operating system trusts.
//!
//! Mozilla's 145 or so are most of what a start reads. From one file, that takes 2.6 M instructions of 13.7 M for a whole start of the
//! webhook handler. With `rustls-native-certs` it took 7.7 M, because it decodes one character after the other.

use std::path::PathBuf;
use std::sync::{Arc, LazyLock};
use std::{env, fs};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// Those in the file that `SSL_CERT_FILE` names, or in the operating system's. A folder of certificates beside it is not looked at then:
/// Debian's has the same ones. Where there is no such file, or `SSL_CERT_DIR` is set, or the file has a certificate that is not read
/// here: all that `rustls-native-certs` finds, as it reads it. Read once.
#[must_use]
pub fn trusted() -> Arc<RootCertStore> {
    static ROOTS: LazyLock<Arc<RootCertStore>> = LazyLock::new(|| {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(in_one_file().unwrap_or_else(wherever_they_are));
        if roots.is_empty() {
            tracing::error!("there are no root certificates, so no server can be trusted");
        }
        Arc::new(roots)
    });
    Arc::clone(&ROOTS)
}

fn in_one_file() -> Option<Vec<CertificateDer<'static>>> {
    if env::var_os("SSL_CERT_DIR").is_some() {
        return None;
    }
    let file = env::var_os("SSL_CERT_FILE").map(PathBuf::from).or_else(|| openssl_probe::probe().cert_file)?;
    certificates(&fs::read_to_string(file).ok()?)
}

fn wherever_they_are() -> Vec<CertificateDer<'static>> {
    let found = rustls_native_certs::load_native_certs();
    if let Some(error) = found.errors.first() {
        tracing::warn!(%error, errors = found.errors.len(), "not all root certificates could be read");
    }
    found.certs
}

/// The certificates in a bundle as PEM has them, whatever is between them. None if there is not one, or any is not whole or not
/// written as it commonly is.
#[must_use]
pub fn certificates(bundle: &str) -> Option<Vec<CertificateDer<'static>>> {
    let mut certificates = Vec::new();
    let mut base64 = String::new();
    let mut lines = bundle.lines();
    while let Some(begin) = lines.find(|line| line.starts_with(BEGIN)) {
        if begin != BEGIN {
            return None;
        }
        base64.clear();
        loop {
            match lines.next()? {
                END => break,
                line => base64.push_str(line),
            }
        }
        certificates.push(STANDARD.decode(&base64).ok()?.into());
    }
    (!certificates.is_empty()).then_some(certificates)
}
