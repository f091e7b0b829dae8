//! The master keys, and what is derived from them.
//!
//! *Invariant:* the derivation never changes. Receivers hold what it has made; another one would
//! break them all. A test holds it to known answers.

use std::fmt;

use ring::hkdf::{HKDF_SHA256, Prk, Salt};
use serde::Deserialize;

use super::Signer;
use super::key_pair::{KeyPair, PublicKey};
use super::platform_key::PlatformKey;
use super::secret::Secret;
use crate::timestamp::Timestamp;
use crate::webhook::Webhook;

const SALT: &[u8] = b"runhooks";

/// Shorter ones might be guessed. The one that the template has generated is 64 letters and digits.
const LEAST_CHARACTERS: usize = 32;

/// The keys that every webhook's keys are derived from.
#[derive(Clone)]
pub struct MasterKeys {
    /// The one whose secrets are shown.
    current: Prk,
    /// While masters are changed, the one that comes or the one that goes: it signs too.
    other: Option<Prk>,
}

/// The text holds no master keys. Says nothing of what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MasterKeyError {
    /// It is not written as it must be.
    #[error("expected a JSON object of texts: `current`, and `next` or `previous`")]
    Format,
    /// Three would be live.
    #[error("there may be `next` or `previous`, and not both")]
    TooMany,
    /// One could be guessed.
    #[error("a key has less than {LEAST_CHARACTERS} characters")]
    TooShort,
}

/// What a key is derived for. One key never serves two purposes.
#[derive(Clone, Copy)]
enum Purpose<'a> {
    Secret(&'a Webhook, u32),
    KeyPair(&'a Webhook, u32),
    PlatformApi,
}

impl MasterKeys {
    /// Reads `{"current": …}`, with `next` or `previous` beside it while the master is changed.
    pub fn parse(text: &str) -> Result<Self, MasterKeyError> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Written {
            current: String,
            next: Option<String>,
            previous: Option<String>,
        }
        // The cause may quote a key.
        let written: Written = serde_json::from_str(text).map_err(|_| MasterKeyError::Format)?;
        if written.next.is_some() && written.previous.is_some() {
            return Err(MasterKeyError::TooMany);
        }
        let other = written.next.or(written.previous);
        Ok(Self {
            current: master(&written.current)?,
            other: other.as_deref().map(master).transpose()?,
        })
    }

    /// The secret of a webhook that its owner gives to receivers.
    pub fn secret(&self, webhook: &Webhook) -> Secret {
        secret(&self.current, webhook, webhook.secret.current)
    }

    /// The public key of a webhook that belongs to the same version.
    pub fn public_key(&self, webhook: &Webhook) -> PublicKey {
        key_pair(&self.current, webhook, webhook.secret.current).public_key()
    }

    /// Signs the requests of a webhook that are made now.
    pub fn signer(&self, webhook: &Webhook, now: Timestamp) -> Signer {
        let live: Vec<_> = webhook
            .secret
            .live(now)
            .flat_map(|version| self.live().map(move |master| (master, version)))
            .collect();
        let each = || live.iter().copied();
        Signer {
            secrets: each()
                .map(|(master, version)| secret(master, webhook, version))
                .collect(),
            key_pairs: each()
                .filter(|_| webhook.definition.sign_with_ed25519)
                .map(|(master, version)| key_pair(master, webhook, version))
                .collect(),
        }
    }

    /// Signs credentials for the platform's API.
    pub fn platform_key(&self) -> PlatformKey {
        platform_key(&self.current)
    }

    /// All that sign them, or will, or did until a moment ago.
    pub fn platform_keys(&self) -> impl Iterator<Item = PlatformKey> {
        self.live().map(platform_key)
    }

    fn live(&self) -> impl Iterator<Item = &Prk> {
        std::iter::once(&self.current).chain(&self.other)
    }
}

impl fmt::Debug for MasterKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKeys(..)")
    }
}

fn master(text: &str) -> Result<Prk, MasterKeyError> {
    if text.chars().count() < LEAST_CHARACTERS {
        return Err(MasterKeyError::TooShort);
    }
    Ok(Salt::new(HKDF_SHA256, SALT).extract(text.as_bytes()))
}

fn secret(master: &Prk, webhook: &Webhook, version: u32) -> Secret {
    Secret::new(derive(master, Purpose::Secret(webhook, version)))
}

fn key_pair(master: &Prk, webhook: &Webhook, version: u32) -> KeyPair {
    KeyPair::new(derive(master, Purpose::KeyPair(webhook, version)))
}

fn platform_key(master: &Prk) -> PlatformKey {
    PlatformKey::new(derive(master, Purpose::PlatformApi))
}

/// HKDF-SHA256. No two contexts read alike: ids are letters and digits.
#[expect(clippy::expect_used, reason = "HKDF-SHA256 gives up to 8160 bytes")]
fn derive(master: &Prk, purpose: Purpose) -> [u8; 32] {
    let of_webhook = |scheme, webhook: &Webhook, version| {
        format!("{scheme}/{}/{}/{version}", webhook.user, webhook.id)
    };
    let context = match purpose {
        Purpose::Secret(webhook, version) => of_webhook("v1", webhook, version),
        Purpose::KeyPair(webhook, version) => of_webhook("v1a", webhook, version),
        Purpose::PlatformApi => "platform-api".to_owned(),
    };
    let mut key = [0; 32];
    master
        .expand(&[context.as_bytes()], HKDF_SHA256)
        .and_then(|derived| derived.fill(&mut key))
        .expect("32 bytes can be derived");
    key
}
