//! Tokens that the stand-in for the job platform signs for its users, with a key of its own that it
//! makes at the start, as a platform does that has logins: JWTs (RFC 7519), signed with Ed25519
//! (RFC 8037).

use std::collections::BTreeMap;

use anyhow::{Result, anyhow};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

/// The parameters of a template that is to trust these tokens.
const KEYS: &str = "TokenKeys";
const ISSUER: (&str, &str) = ("TokenIssuer", "https://platform.localhost");
const AUDIENCE: (&str, &str) = ("TokenAudience", "runhooks");

/// How long a token is valid, in seconds: as long as one may be.
const LIFE: i64 = 24 * 60 * 60;

/// What signs tokens, and knows its own again.
pub(crate) struct UserTokens {
    key: Ed25519KeyPair,
    id: String,
}

impl UserTokens {
    /// With a new key.
    pub(crate) fn new() -> Result<Self> {
        let failed = || anyhow!("no key for users' tokens can be made");
        let key = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| failed())?;
        let key = Ed25519KeyPair::from_pkcs8(key.as_ref()).map_err(|_| failed())?;
        // It changes with the key, as it must.
        let id = base64(&key.public_key().as_ref()[..8]);
        Ok(UserTokens { key, id })
    }

    /// What a template has to be told, so that tokens are trusted; nothing, if it was `given`
    /// anything of the kind.
    pub(crate) fn parameters(&self, given: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        if [KEYS, ISSUER.0, AUDIENCE.0]
            .iter()
            .any(|name| given.contains_key(*name))
        {
            return BTreeMap::new();
        }
        let key = json!({
            "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": self.id, "x": base64(self.key.public_key()),
        });
        let keys = json!({ "keys": [key] }).to_string();
        let pair = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        BTreeMap::from([pair((KEYS, &keys)), pair(ISSUER), pair(AUDIENCE)])
    }

    /// A token of this user, with these claims on top.
    pub(crate) fn sign(
        &self,
        user: &str,
        more: &Map<String, Value>,
        now: OffsetDateTime,
    ) -> String {
        let now = now.unix_timestamp();
        let mut claims = Map::new();
        for (name, value) in [
            ("iss", json!(ISSUER.1)),
            ("aud", json!(AUDIENCE.1)),
            ("sub", json!(user)),
            ("iat", json!(now)),
            ("exp", json!(now + LIFE)),
        ] {
            claims.insert(name.to_owned(), value);
        }
        claims.extend(more.clone());
        let header = json!({ "typ": "JWT", "alg": "EdDSA", "kid": self.id });
        let message = format!(
            "{}.{}",
            base64(header.to_string()),
            base64(Value::Object(claims).to_string())
        );
        let signature = self.key.sign(message.as_bytes());
        format!("{message}.{}", base64(signature))
    }

    /// The user whose token it is, if it is one of these and still holds.
    pub(crate) fn user_of(&self, token: &str, now: OffsetDateTime) -> Option<String> {
        let (message, signature) = token.rsplit_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        let key = UnparsedPublicKey::new(&ED25519, self.key.public_key());
        key.verify(message.as_bytes(), &signature).ok()?;
        let (_, claims) = message.split_once('.')?;
        let claims = URL_SAFE_NO_PAD.decode(claims).ok()?;
        let claims: Value = serde_json::from_slice(&claims).ok()?;
        if claims["exp"].as_i64()? <= now.unix_timestamp() {
            return None;
        }
        Some(claims["sub"].as_str()?.to_owned())
    }
}

fn base64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_of_its_own_is_known_again_until_it_expires() {
        let (tokens, others) = (UserTokens::new().unwrap(), UserTokens::new().unwrap());
        let now = OffsetDateTime::UNIX_EPOCH;
        let token = tokens.sign("user1", &Map::new(), now);
        assert_eq!(tokens.user_of(&token, now).as_deref(), Some("user1"));
        assert_eq!(others.user_of(&token, now), None);
        let later = now + time::Duration::seconds(LIFE);
        assert_eq!(tokens.user_of(&token, later), None);
        for other in ["", ".", "..", "runhooks-local-token"] {
            assert_eq!(tokens.user_of(other, now), None, "{other:?}");
        }
    }

    #[test]
    fn whoever_says_which_keys_to_trust_means_no_others() {
        let tokens = UserTokens::new().unwrap();
        assert_eq!(tokens.parameters(&BTreeMap::new()).len(), 3);
        for name in [KEYS, ISSUER.0, AUDIENCE.0] {
            let given = BTreeMap::from([(name.to_owned(), String::new())]);
            assert!(tokens.parameters(&given).is_empty());
        }
    }
}
