//! The key pair of a webhook: for `v1a`, Ed25519. Receivers verify with its public half, and have
//! no secret to keep.

use std::fmt::{self, Display};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ring::signature::{Ed25519KeyPair, KeyPair as _};

pub(super) struct KeyPair(Ed25519KeyPair);

/// The half of a key pair that everybody may know. Its text is as Standard Webhooks writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey(Vec<u8>);

impl KeyPair {
    #[expect(clippy::expect_used, reason = "every 32 bytes are a seed")]
    pub(super) fn new(seed: [u8; 32]) -> Self {
        Self(Ed25519KeyPair::from_seed_unchecked(&seed).expect("a seed makes a key pair"))
    }

    pub(super) fn public_key(&self) -> PublicKey {
        PublicKey(self.0.public_key().as_ref().to_vec())
    }

    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message).as_ref().to_vec()
    }
}

impl PublicKey {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "whpk_{}", BASE64_STANDARD.encode(&self.0))
    }
}
