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

/// The file that `SSL_CERT_FILE` names, or the operating system's. Where there is none, or `SSL_CERT_DIR` names a folder, or the file
/// has anything that is not read here: all that `rustls-native-certs` finds, as it reads it. Read once.
#[must_use]
pub fn trusted() -> Arc<RootCertStore> {
    static ROOTS: LazyLock<Arc<RootCertStore>> = LazyLock::new(|| {
        let mut roots = RootCertStore::empty();
        let certificates = in_one_file().unwrap_or_else(|| rustls_native_certs::load_native_certs().certs);
        roots.add_parsable_certificates(certificates);
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

/// The certificates in a bundle as PEM has them, whatever is between them. None if there is not one, or any cannot be read.
#[must_use]
pub fn certificates(bundle: &str) -> Option<Vec<CertificateDer<'static>>> {
    let mut certificates = Vec::new();
    let mut base64 = String::new();
    let mut lines = bundle.lines();
    while lines.any(|line| line == "-----BEGIN CERTIFICATE-----") {
        base64.clear();
        base64.extend(lines.by_ref().take_while(|&line| line != "-----END CERTIFICATE-----"));
        certificates.push(STANDARD.decode(&base64).ok()?.into());
    }
    (!certificates.is_empty()).then_some(certificates)
}
