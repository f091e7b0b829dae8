//! The key that signs credentials for the platform's API: JWTs (RFC 7519), with Ed25519 (RFC 8037).
//! There is one for each master key.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::key_pair::KeyPair;
use crate::platform_api::Claims;

/// Signs credentials.
pub struct PlatformKey(KeyPair);

/// A public key, as a JWK (RFC 7517): whoever verifies credentials needs it, and all may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Jwk {
    kty: &'static str,
    crv: &'static str,
    alg: &'static str,
    #[serde(rename = "use")]
    for_what: &'static str,
    kid: String,
    x: String,
}

impl PlatformKey {
    pub(super) fn new(seed: [u8; 32]) -> Self {
        Self(KeyPair::new(seed))
    }

    /// A JWT with these claims.
    pub fn sign(&self, claims: &Claims) -> Result<String, serde_json::Error> {
        let Jwk { alg, kid, .. } = self.public();
        let header = format!(r#"{{"alg":"{alg}","kid":"{kid}","typ":"JWT"}}"#);
        let claims = serde_json::to_string(claims)?;
        let message = format!("{}.{}", base64(header), base64(claims));
        let signature = base64(self.0.sign(message.as_bytes()));
        Ok(format!("{message}.{signature}"))
    }

    /// What verifies them.
    pub fn public(&self) -> Jwk {
        let x = base64(self.0.public_key().bytes());
        Jwk {
            kty: "OKP",
            crv: "Ed25519",
            alg: "EdDSA",
            for_what: "sig",
            kid: thumbprint(&x),
            x,
        }
    }
}

impl std::fmt::Debug for PlatformKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PlatformKey(..)")
    }
}

/// The id of a key, which is another one for another key (RFC 7638).
fn thumbprint(x: &str) -> String {
    let members = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    base64(Sha256::digest(members))
}

fn base64(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}
