//! Tokens that the platform signs for its own users: JWTs. They are verified here, without any
//! call, with the public keys that the function was started with; what is in them is read by
//! [`domain::platform_token`].

mod crypto;
mod keys;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::grant::Grant;
use domain::id::UserId;
use domain::platform_token::Claims;
use domain::timestamp::Timestamp;
use jsonwebtoken::{Algorithm, Validation, decode, decode_header};
use serde_json::Value;

pub(crate) use keys::TokenKeys;

/// The longest token that is read. The largest signature that is verified has 1,366 characters.
const LONGEST: usize = 4096;

/// What the platform's tokens are verified with.
#[derive(Clone, Debug)]
pub struct PlatformTokens {
    keys: TokenKeys,
    /// Has a key of ours, and a signature that is not good.
    decoy: String,
    issuer: String,
    audience: String,
}

/// Whether a token is one that the platform would have signed. No API token of ours has a dot.
pub(crate) fn is_signed(token: &str) -> bool {
    token.contains('.')
}

impl PlatformTokens {
    /// Takes tokens that one of these keys has signed, for this audience, in the name of this
    /// issuer. `None` if there is no key.
    pub(crate) fn new(keys: TokenKeys, issuer: String, audience: String) -> Option<Self> {
        crypto::install();
        let decoy = decoy(keys.first()?);
        Some(Self {
            keys,
            decoy,
            issuer,
            audience,
        })
    }

    /// Whose token it is and what it allows, if it holds now.
    ///
    /// Whatever is wrong with a token, one signature is verified, so that the time until it is
    /// refused does not tell what that was.
    pub(crate) fn read(&self, token: &str, now: Timestamp) -> Option<(UserId, Grant)> {
        let (key, token) = match self.key_of(token) {
            Some(key) => (key, token),
            None => (self.keys.first()?, self.decoy.as_str()),
        };
        let verified = decode::<Claims>(token, &key.key, &self.validation(key.algorithm));
        // Its own error may repeat what is in the token.
        let Ok(token) = verified else {
            tracing::debug!("a platform token was refused: key, signature, issuer or audience");
            return None;
        };
        match token.claims.accept(now) {
            Ok(accepted) => Some(accepted),
            Err(reason) => {
                tracing::debug!(%reason, "a platform token was refused");
                None
            }
        }
    }

    /// The key that a token names; `None` also if its signature would not even be looked at.
    fn key_of(&self, token: &str) -> Option<&keys::Key> {
        let (_, signature) = token.rsplit_once('.').filter(|_| token.len() <= LONGEST)?;
        URL_SAFE_NO_PAD.decode(signature).ok()?;
        let header = decode_header(token).ok()?;
        let unencoded = header.extras.get::<Value>("b64");
        if header.crit.is_some() || !matches!(unencoded, Ok(None)) {
            return None;
        }
        let key = self.keys.with_id(header.kid.as_deref()?)?;
        (key.algorithm == header.alg).then_some(key)
    }

    /// Times are not looked at here: they are a matter of [`Claims::accept`].
    fn validation(&self, algorithm: Algorithm) -> Validation {
        let mut validation = Validation::new(algorithm);
        validation.validate_exp = false;
        validation.set_required_spec_claims(&["iss", "aud"]);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[&self.audience]);
        validation
    }
}

/// Takes as long to be refused as a token of this key.
fn decoy(key: &keys::Key) -> String {
    let header = serde_json::json!({"alg": format!("{:?}", key.algorithm), "kid": key.id});
    let [header, claims] =
        [header.to_string(), "{}".to_owned()].map(|part| URL_SAFE_NO_PAD.encode(part));
    let signature = URL_SAFE_NO_PAD.encode(vec![1; key.signature_length()]);
    format!("{header}.{claims}.{signature}")
}

#[cfg(test)]
pub(crate) mod tests;
