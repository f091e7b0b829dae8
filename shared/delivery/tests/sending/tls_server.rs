//! How receivers speak TLS: as they should, and as they should not.

use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert, WebPkiClientVerifier};
use rustls::sign::{CertifiedKey, Signer, SigningKey};
use rustls::version::{TLS12, TLS13};
use rustls::{
    ConfigBuilder, Error, RootCertStore, ServerConfig, SignatureAlgorithm, SignatureScheme,
    SupportedProtocolVersion, WantsVerifier,
};

pub(crate) const BOTH: &[&SupportedProtocolVersion] = &[&TLS13, &TLS12];

/// With a certificate for `127.0.0.1` that nobody vouches for.
pub(crate) fn self_signed() -> ServerConfig {
    signed_by_itself(CertificateParams::new(["127.0.0.1".to_owned()]).unwrap())
}

/// With a certificate made so, that signs for itself.
pub(crate) fn signed_by_itself(params: CertificateParams) -> ServerConfig {
    let (certificate, key) = own(params);
    let config = builder(BOTH).with_no_client_auth();
    config.with_single_cert(vec![certificate], key).unwrap()
}

/// Wants a certificate of its clients, in this version of TLS.
pub(crate) fn wants_client_certificate(version: &'static SupportedProtocolVersion) -> ServerConfig {
    let (certificate, key) = own(CertificateParams::new(["127.0.0.1".to_owned()]).unwrap());
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let provider = Arc::new(default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
    let config = builder(std::slice::from_ref(&version))
        .with_client_cert_verifier(verifier.build().unwrap());
    config.with_single_cert(vec![certificate], key).unwrap()
}

/// Has a certificate of these bytes, and a key of this kind, whose signatures nobody could check.
pub(crate) fn odd(certificate: &[u8], scheme: SignatureScheme) -> ServerConfig {
    let key = CertifiedKey::new(
        vec![CertificateDer::from(certificate.to_vec())],
        Arc::new(OddKey(scheme)),
    );
    builder(BOTH)
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(Only(Arc::new(key))))
}

fn own(params: CertificateParams) -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    (certificate.der().clone(), key)
}

fn builder(
    versions: &[&'static SupportedProtocolVersion],
) -> ConfigBuilder<ServerConfig, WantsVerifier> {
    ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
}

#[derive(Debug)]
struct Only(Arc<CertifiedKey>);

impl ResolvesServerCert for Only {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

#[derive(Clone, Copy, Debug)]
struct OddKey(SignatureScheme);

impl SigningKey for OddKey {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        offered
            .contains(&self.0)
            .then(|| Box::new(*self) as Box<dyn Signer>)
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        match self.0 {
            SignatureScheme::RSA_PKCS1_SHA256 | SignatureScheme::RSA_PKCS1_SHA1 => {
                SignatureAlgorithm::RSA
            }
            _ => SignatureAlgorithm::ECDSA,
        }
    }
}

impl Signer for OddKey {
    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, Error> {
        Ok(b"no signature".to_vec())
    }

    fn scheme(&self) -> SignatureScheme {
        self.0
    }
}
