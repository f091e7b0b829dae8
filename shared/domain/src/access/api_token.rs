//! API tokens: the secret that a user's programs show, and the digest of it, which is all that
//! anyone else keeps.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::base62;
use crate::grant::{Grant, Scope};
use crate::id::IdError;
use crate::timestamp::Timestamp;

/// Every token begins so: people and secret scanners recognise one that lies where it should not.
const PREFIX: &str = "runhooks_api_";

/// The width that any 16 bytes fit into.
const HALF_WIDTH: usize = 22;

/// A secret: whoever has it acts for its user. It is shown once, to the one who asked for it, and
/// kept nowhere.
pub struct ApiToken(String);

/// What a token is known by: the SHA-256 digest of its text. It is no secret, because it cannot be
/// shown in place of the token.
///
/// Neither salt nor a slow hash is needed: a token is 32 bytes of chance, which nobody finds by
/// trying.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TokenId(String);

/// What a token's maker has said about it. Most say nothing: such a token allows everything, for
/// ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// How much it allows; everything, if nothing is said.
    pub scope: Option<Scope>,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
}

impl Terms {
    /// What the token allows now; `None` if it has expired.
    pub fn grant(self, now: Timestamp) -> Option<Grant> {
        if self.expires_at.is_some_and(|end| end <= now) {
            return None;
        }
        Some(Grant::of(Some(self.scope.unwrap_or(Scope::Write))))
    }
}

impl ApiToken {
    /// The token that these bytes make. They must be such as nobody can guess.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        let (halves, _) = bytes.as_chunks::<16>();
        let mut text = PREFIX.to_owned();
        for half in halves {
            text.push_str(&base62::encode(u128::from_be_bytes(*half), HALF_WIDTH));
        }
        Self(text)
    }

    /// The secret itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What it is known by.
    pub fn id(&self) -> TokenId {
        TokenId::of(&self.0)
    }
}

impl fmt::Debug for ApiToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiToken(..)")
    }
}

impl TokenId {
    /// What the token with this text is known by, if there is such a token.
    pub fn of(token: &str) -> Self {
        Self(format!("{:x}", Sha256::digest(token)))
    }

    /// Accepts an id as it is written everywhere: 64 lower-case hexadecimal digits.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        match text.len() == 64 && text.bytes().all(is_digit) {
            true => Ok(Self(text.to_owned())),
            false => Err(IdError::new(
                "a token",
                "64 lower-case hexadecimal digits",
                text,
            )),
        }
    }

    /// The id as it is written everywhere.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_token_has_a_prefix_and_a_fixed_width() {
        for bytes in [[0; 32], [255; 32]] {
            let token = ApiToken::from_bytes(bytes);
            let secret = token.reveal().strip_prefix("runhooks_api_").unwrap();
            assert_eq!(secret.len(), 44);
            assert!(secret.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        }
    }

    #[test]
    fn a_token_is_known_by_its_sha_256() {
        let token = ApiToken::from_bytes([7; 32]);
        assert_eq!(token.id(), TokenId::of(token.reveal()));
        assert_eq!(
            TokenId::of("abc").as_str(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn a_token_allows_what_its_terms_say_until_it_expires() {
        let at = |millis| Timestamp::from_millis(millis).unwrap();
        let terms = |scope, end: Option<i64>| Terms {
            scope,
            expires_at: end.map(at),
        };
        let (read, nothing_said) = (Some(Scope::Read), Terms::default());
        assert_eq!(
            nothing_said.grant(at(i64::from(u32::MAX))),
            Some(Grant::full())
        );
        assert_eq!(terms(read, None).grant(at(5)), Some(Grant::of(read)));
        assert_eq!(terms(read, Some(6)).grant(at(5)), Some(Grant::of(read)));
        assert_eq!(terms(None, Some(6)).grant(at(5)), Some(Grant::full()));
        assert_eq!(terms(None, Some(5)).grant(at(5)), None);
    }

    #[test]
    fn a_token_is_not_shown_by_accident() {
        let token = ApiToken::from_bytes([7; 32]);
        assert_eq!(format!("{token:?}"), "ApiToken(..)");
    }

    #[test]
    fn an_id_is_64_hexadecimal_digits_and_nothing_else() {
        let id = TokenId::of("abc");
        assert_eq!(TokenId::parse(id.as_str()).as_ref(), Ok(&id));
        let upper = id.as_str().to_uppercase();
        let long = format!("{id}0");
        for other in ["", "abc", &id.as_str()[1..], &upper, &long, &"g".repeat(64)] {
            assert!(TokenId::parse(other).is_err(), "{other:?} was accepted");
        }
    }

    proptest! {
        #[test]
        fn different_bytes_make_different_tokens(a: [u8; 32], b: [u8; 32]) {
            let (one, other) = (ApiToken::from_bytes(a), ApiToken::from_bytes(b));
            prop_assert_eq!(a == b, one.reveal() == other.reveal());
        }
    }
}
