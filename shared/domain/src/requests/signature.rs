//! Signatures by which a receiver knows that a request is ours and unchanged: Standard Webhooks
//! 1.0, to the letter.
//!
//! Nothing secret is stored. What a webhook signs with is derived from a [master key](MasterKeys),
//! with its owner, its id and the version of its secret as context: tables hold only
//! [`SecretVersions`]. Two masters may be live at once, and two versions of a webhook's secret. A
//! request is signed with every combination, so that whoever holds any of these keys can verify it,
//! while keys are changed too.

mod key_pair;
mod master;
mod platform_key;
mod secret;
mod versions;

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

pub use key_pair::PublicKey;
pub use master::{MasterKeyError, MasterKeys};
pub use platform_key::{Jwk, PlatformKey};
pub use secret::Secret;
pub use versions::{SecretVersions, StillLive};

use crate::dispatch_id::DispatchId;
use crate::timestamp::Timestamp;
use key_pair::KeyPair;

#[cfg(test)]
mod tests;

/// Signs the requests of one webhook, with every key that is live.
pub struct Signer {
    /// For `v1`, newest first.
    secrets: Vec<Secret>,
    /// For `v1a`, newest first; none unless the webhook asks for them.
    key_pairs: Vec<KeyPair>,
}

impl Signer {
    /// The value of `webhook-signature` for a request with this id, time and body. The id has no
    /// dot in it, so nothing can move from one part of what is signed to another.
    pub fn sign(&self, id: &DispatchId, at: Timestamp, body: &[u8]) -> String {
        let message = message(id.as_str(), at.as_seconds(), body);
        let symmetric = self
            .secrets
            .iter()
            .map(|secret| entry("v1", &secret.sign(&message)));
        let asymmetric = self
            .key_pairs
            .iter()
            .map(|pair| entry("v1a", &pair.sign(&message)));
        let entries: Vec<_> = symmetric.chain(asymmetric).collect();
        entries.join(" ")
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer(..)")
    }
}

/// What is signed.
fn message(id: &str, seconds: i64, body: &[u8]) -> Vec<u8> {
    let mut message = format!("{id}.{seconds}.").into_bytes();
    message.extend_from_slice(body);
    message
}

fn entry(scheme: &str, signature: &[u8]) -> String {
    format!("{scheme},{}", BASE64_STANDARD.encode(signature))
}
