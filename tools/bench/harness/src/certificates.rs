//! A certificate for localhost, and the file of roots that makes the handlers trust it.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use pem::Pem;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use webpki_root_certs::TLS_SERVER_ROOT_CERTS;

/// Where the fake AWS is reached: by name, so that the handlers look one up as they do in Lambda.
pub(crate) const HOST: &str = "localhost";

/// What either end of a connection needs.
pub(crate) struct Certificates {
    server_certificate: CertificateDer<'static>,
    server_key: Vec<u8>,
    authority: CertificateDer<'static>,
}

impl Certificates {
    pub(crate) fn generate() -> Result<Self> {
        let authority_key = KeyPair::generate()?;
        let mut authority = CertificateParams::default();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority_certificate = authority.self_signed(&authority_key)?;
        let server_key = KeyPair::generate()?;
        let server = CertificateParams::new([HOST.to_owned()])?
            .signed_by(&server_key, &Issuer::new(authority, authority_key))?;
        Ok(Self {
            server_certificate: server.der().clone(),
            server_key: server_key.serialize_der(),
            authority: authority_certificate.der().clone(),
        })
    }

    /// How a server proves to be localhost.
    pub(crate) fn server(&self) -> Result<Arc<ServerConfig>> {
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(self.server_key.clone()));
        // Named, because rustls does not choose where a crate beside this one has switched on another.
        ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![self.server_certificate.clone()], key)
            .map(Arc::new)
            .context("the certificate is invalid")
    }

    /// The roots a handler trusts: Mozilla's too, as in Lambda, since reading them is part of what a start costs. Not this machine's,
    /// or a start would cost more on one than on another.
    pub(crate) fn trusted_pem(&self) -> String {
        let roots = TLS_SERVER_ROOT_CERTS.iter().chain([&self.authority]);
        pem::encode_many(&roots.map(|root| Pem::new("CERTIFICATE", root.to_vec())).collect::<Vec<_>>())
    }
}
