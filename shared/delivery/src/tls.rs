//! TLS, on ring. The roots of trust are compiled in, as constants, so that nothing is parsed:
//! loading the system's CA bundle costs several times as much as the rest of a cold start.

mod any_key;
mod fault;
mod lax;
mod no_certificate;

use std::sync::Arc;

use rustls::client::WantsClientCert;
use rustls::crypto::{CryptoProvider, ring};
use rustls::{ClientConfig, ConfigBuilder, Error, RootCertStore, WantsVerifier};

pub(crate) use fault::{broken, fault};
pub(crate) use no_certificate::Asked;

use lax::AnyCertificate;
use no_certificate::NoCertificate;

/// Accepts only certificates that lead to one of Mozilla's roots.
pub(crate) fn strict() -> Result<ClientConfig, Error> {
    let roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    let builder = builder(ring::default_provider())?;
    Ok(finish(builder.with_root_certificates(roots)))
}

/// Accepts any certificate. It must be a configuration of its own, not a modified copy of
/// [`strict`]: a copy would share its TLS sessions, and a resumed session is not verified again.
pub(crate) fn lax() -> Result<ClientConfig, Error> {
    trusting(any_key::provider())
}

/// The same, and says that it knows any curve. Keys can be exchanged on the usual ones only.
pub(crate) fn any_curve() -> Result<ClientConfig, Error> {
    trusting(any_key::provider_of_any_curve())
}

fn trusting(provider: CryptoProvider) -> Result<ClientConfig, Error> {
    let builder = builder(provider)?.dangerous();
    Ok(finish(builder.with_custom_certificate_verifier(Arc::new(
        AnyCertificate,
    ))))
}

fn builder(provider: CryptoProvider) -> Result<ConfigBuilder<ClientConfig, WantsVerifier>, Error> {
    ClientConfig::builder_with_provider(Arc::new(provider)).with_safe_default_protocol_versions()
}

fn finish(builder: ConfigBuilder<ClientConfig, WantsClientCert>) -> ClientConfig {
    let mut config = builder.with_client_cert_resolver(Arc::new(NoCertificate));
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config
}
