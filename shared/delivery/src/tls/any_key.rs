//! Offers for servers whose keys are of kinds that ring cannot check. Nothing of it is ever
//! computed with.
//!
//! In TLS 1.2 a server shows a key only if the client has said that it knows the key's curve, by
//! the same list that says on which curves keys are exchanged; and rustls takes a signature only if
//! its kind is on the list of the cipher suite.

use std::sync::LazyLock;

use rustls::crypto::{ActiveKeyExchange, CryptoProvider, SupportedKxGroup, ring};
use rustls::{
    CipherSuiteCommon, Error, NamedGroup, ProtocolVersion, SignatureScheme, SupportedCipherSuite,
    Tls12CipherSuite,
};

/// P-521, P-224, secp256k1, and the Brainpool curves of RFC 7027. After those on which keys can be
/// exchanged, of which servers take one.
static CURVES: [Curve; 6] = [
    Curve(NamedGroup::secp521r1),
    Curve(NamedGroup::Unknown(21)),
    Curve(NamedGroup::Unknown(22)),
    Curve(NamedGroup::Unknown(26)),
    Curve(NamedGroup::Unknown(27)),
    Curve(NamedGroup::Unknown(28)),
];

/// The suites of ring. For as long as the process lives, because rustls asks for that.
static SUITES: LazyLock<Vec<SupportedCipherSuite>> = LazyLock::new(|| {
    let suites = ring::ALL_CIPHER_SUITES.iter();
    suites.map(|suite| with_any_signature(*suite)).collect()
});

/// ring, and signatures that it cannot check.
pub(super) fn provider() -> CryptoProvider {
    let mut provider = ring::default_provider();
    provider.cipher_suites.clone_from(&SUITES);
    provider
}

/// The same, and curves that it does not know.
pub(super) fn provider_of_any_curve() -> CryptoProvider {
    let mut provider = provider();
    for curve in &CURVES {
        provider.kx_groups.push(curve);
    }
    provider
}

fn with_any_signature(suite: SupportedCipherSuite) -> SupportedCipherSuite {
    let SupportedCipherSuite::Tls12(known) = suite else {
        return suite;
    };
    let mut sign = known.sign.to_vec();
    // Ed448 goes where ECDSA goes (RFC 8422).
    if sign.contains(&SignatureScheme::ED25519) {
        sign.push(SignatureScheme::ED448);
    }
    SupportedCipherSuite::Tls12(Box::leak(Box::new(Tls12CipherSuite {
        common: CipherSuiteCommon {
            suite: known.common.suite,
            hash_provider: known.common.hash_provider,
            confidentiality_limit: known.common.confidentiality_limit,
        },
        prf_provider: known.prf_provider,
        kx: known.kx,
        sign: sign.leak(),
        aead_alg: known.aead_alg,
    })))
}

/// A curve that keys are on, and are not exchanged on.
#[derive(Debug)]
struct Curve(NamedGroup);

impl SupportedKxGroup for Curve {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
        Err(Error::General(
            "no keys are exchanged on this curve".to_owned(),
        ))
    }

    fn name(&self) -> NamedGroup {
        self.0
    }

    fn usable_for_version(&self, version: ProtocolVersion) -> bool {
        version == ProtocolVersion::TLSv1_2
    }
}
