//! The shared secret of a webhook: for `v1`, HMAC-SHA256.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ring::hmac::{self, HMAC_SHA256};

/// What the sender and the receiver of a webhook both know, and nobody else.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; 32]);

impl Secret {
    pub(super) fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// As its owner and every library of Standard Webhooks know it. Nothing else shows it.
    pub fn reveal(&self) -> String {
        format!("whsec_{}", BASE64_STANDARD.encode(self.0))
    }

    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        v1(&self.0, message)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

pub(super) fn v1(secret: &[u8], message: &[u8]) -> Vec<u8> {
    let key = hmac::Key::new(HMAC_SHA256, secret);
    hmac::sign(&key, message).as_ref().to_vec()
}
