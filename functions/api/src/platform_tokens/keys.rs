//! The platform's public keys, as a JWKS (RFC 7517). What is wrong with one is said without its
//! text: it may be a key that must not be seen.

use jsonwebtoken::{Algorithm, DecodingKey, DecodingKeyKind};
use serde_json::{Map, Value};

use crate::error::excerpt;

/// What only a private key has, or one that two have to keep secret.
const PRIVATE: [&str; 8] = ["d", "k", "p", "q", "dp", "dq", "qi", "oth"];

/// How long the modulus of an RSA key may be, in bytes. Ring verifies with no other.
const MODULUS: std::ops::RangeInclusive<usize> = 256..=1024;

/// TokenKeys that tokens are verified with; several, while the platform goes from one to the next.
#[derive(Clone, Debug, Default)]
pub(crate) struct TokenKeys(Vec<Key>);

#[derive(Clone, Debug)]
pub(super) struct Key {
    pub(super) id: String,
    pub(super) algorithm: Algorithm,
    pub(super) key: DecodingKey,
}

/// What is wrong with a set of keys.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TokenKeysError {
    #[error("is no JSON: line {line}, column {column}")]
    Json { line: usize, column: usize },
    #[error("must be a JWKS: {{\"keys\": [..]}}, with one key at least")]
    NoSet,
    #[error("keys[{place}]: {problem}")]
    Key { place: usize, problem: String },
}

impl TokenKeys {
    /// Reads a JWKS; an empty text has no keys.
    pub(crate) fn parse(text: &str) -> Result<Self, TokenKeysError> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let set: Value = serde_json::from_str(text).map_err(|error| TokenKeysError::Json {
            line: error.line(),
            column: error.column(),
        })?;
        let set = set.get("keys").and_then(Value::as_array);
        let set = set.filter(|keys| !keys.is_empty());
        let mut keys = Self::default();
        for (place, key) in set.ok_or(TokenKeysError::NoSet)?.iter().enumerate() {
            let problem = |problem| TokenKeysError::Key { place, problem };
            let key = read(key).map_err(problem)?;
            if keys.with_id(&key.id).is_some() {
                return Err(problem(format!(
                    "has the kid {:?} of another",
                    excerpt(&key.id)
                )));
            }
            keys.0.push(key);
        }
        Ok(keys)
    }

    pub(super) fn first(&self) -> Option<&Key> {
        self.0.first()
    }

    pub(super) fn with_id(&self, id: &str) -> Option<&Key> {
        self.0.iter().find(|key| key.id == id)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Key {
    /// How many bytes a signature has.
    pub(super) fn signature_length(&self) -> usize {
        match self.key.kind() {
            DecodingKeyKind::RsaModulusExponent { n, .. } => n.len(),
            DecodingKeyKind::SecretOrDer(_) => 64,
        }
    }
}

fn read(key: &Value) -> Result<Key, String> {
    let key = key.as_object().ok_or("is no object")?;
    if let Some(private) = PRIVATE.iter().find(|name| key.contains_key(**name)) {
        return Err(format!(
            "must be a public key, and has the private member {private:?}"
        ));
    }
    let id = text(key, "kid")?;
    let kind = text(key, "kty")?;
    let curve = key.get("crv").and_then(Value::as_str);
    let (algorithm, key_itself) = match (kind, curve) {
        ("OKP", Some("Ed25519")) => {
            let parsed = DecodingKey::from_ed_components(text(key, "x")?);
            (Algorithm::EdDSA, parsed)
        }
        ("EC", Some("P-256")) => {
            let parsed = DecodingKey::from_ec_components(text(key, "x")?, text(key, "y")?);
            (Algorithm::ES256, parsed)
        }
        ("RSA", None) => {
            let parsed = DecodingKey::from_rsa_components(text(key, "n")?, text(key, "e")?);
            (Algorithm::RS256, parsed)
        }
        _ => return Err("must be of Ed25519 (kty OKP), P-256 (kty EC) or RSA".to_owned()),
    };
    for (name, expected) in [("alg", format!("{algorithm:?}")), ("use", "sig".to_owned())] {
        if key.get(name).is_some_and(|said| *said != *expected) {
            return Err(format!("{name} must be {expected:?}, or be left out"));
        }
    }
    let parsed = key_itself.map_err(|_| "its numbers are no base64url")?;
    check_length(parsed.kind())?;
    Ok(Key {
        id: id.to_owned(),
        algorithm,
        key: parsed,
    })
}

fn check_length(key: &DecodingKeyKind) -> Result<(), String> {
    match key {
        DecodingKeyKind::RsaModulusExponent { n, e } => {
            let begins_well = n.first().is_some_and(|first| *first >= 0x80);
            match MODULUS.contains(&n.len()) && begins_well && !e.is_empty() {
                true => Ok(()),
                false => Err("an RSA key must have 2048 to 8192 bits".to_owned()),
            }
        }
        // A point has a byte before its two numbers.
        DecodingKeyKind::SecretOrDer(key) if [32, 65].contains(&key.len()) => Ok(()),
        DecodingKeyKind::SecretOrDer(_) => Err("its numbers must have 32 bytes".to_owned()),
    }
}

fn text<'a>(key: &'a Map<String, Value>, name: &str) -> Result<&'a str, String> {
    let text = key.get(name).and_then(Value::as_str);
    text.filter(|text| !text.is_empty())
        .ok_or_else(|| format!("{name} is missing"))
}
