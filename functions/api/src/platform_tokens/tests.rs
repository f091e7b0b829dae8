use super::crypto::count;
use super::*;
use domain::grant::Scope;
use proptest::prelude::*;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
    RsaKeyPair, RsaPublicKeyComponents,
};
use serde_json::json;

/// A private key that this test uses and nobody else: made for it, of 2048 bits, in PKCS #1.
const RSA: &[u8] = include_bytes!("rsa_of_tests.der");

const ISSUER: &str = "https://platform.example";
const AUDIENCE: &str = "runhooks";
const NOW: i64 = 1_547_049_596;

fn now() -> Timestamp {
    Timestamp::from_millis(NOW * 1000).unwrap()
}

fn base64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Keys of a platform, of each kind one.
pub(crate) struct Signer {
    ed25519: Ed25519KeyPair,
    p256: EcdsaKeyPair,
    rsa: RsaKeyPair,
    random: SystemRandom,
}

impl Signer {
    pub(crate) fn new() -> Self {
        let random = SystemRandom::new();
        let ed25519 = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
        let p256 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        Self {
            ed25519: Ed25519KeyPair::from_pkcs8(ed25519.as_ref()).unwrap(),
            p256: EcdsaKeyPair::from_pkcs8(
                &ECDSA_P256_SHA256_FIXED_SIGNING,
                p256.as_ref(),
                &random,
            )
            .unwrap(),
            rsa: RsaKeyPair::from_der(RSA).unwrap(),
            random,
        }
    }

    fn jwks(&self) -> Value {
        let point = self.p256.public_key().as_ref();
        let RsaPublicKeyComponents { n, e } =
            RsaPublicKeyComponents::<Vec<u8>>::from(self.rsa.public());
        json!({"keys": [
            {"kty": "OKP", "crv": "Ed25519", "kid": "ed", "x": base64(self.ed25519.public_key())},
            {"kty": "EC", "crv": "P-256", "kid": "ec", "use": "sig", "alg": "ES256",
                "x": base64(&point[1..33]), "y": base64(&point[33..])},
            {"kty": "RSA", "kid": "rsa", "alg": "RS256", "n": base64(n), "e": base64(e)},
        ]})
    }

    pub(crate) fn platform(&self) -> PlatformTokens {
        let keys = TokenKeys::parse(&self.jwks().to_string()).unwrap();
        PlatformTokens::new(keys, ISSUER.to_owned(), AUDIENCE.to_owned()).unwrap()
    }

    /// A token with this header, signed as `alg` says.
    fn sign(&self, header: &Value, claims: &Value) -> String {
        let message = format!(
            "{}.{}",
            base64(header.to_string()),
            base64(claims.to_string())
        );
        let signature = match header["alg"].as_str().unwrap() {
            "ES256" => {
                let signature = self.p256.sign(&self.random, message.as_bytes()).unwrap();
                base64(signature)
            }
            "RS256" => {
                let mut signature = vec![0; self.rsa.public().modulus_len()];
                self.rsa
                    .sign(
                        &RSA_PKCS1_SHA256,
                        &self.random,
                        message.as_bytes(),
                        &mut signature,
                    )
                    .unwrap();
                base64(signature)
            }
            _ => base64(self.ed25519.sign(message.as_bytes())),
        };
        format!("{message}.{signature}")
    }

    /// A good token, with these claims on top.
    pub(crate) fn token(&self, changes: Value) -> String {
        self.sign(&header("EdDSA", "ed"), &claims(changes))
    }
}

fn header(alg: &str, kid: &str) -> Value {
    json!({"typ": "JWT", "alg": alg, "kid": kid})
}

fn claims(changes: Value) -> Value {
    let mut claims = json!({"iss": ISSUER, "aud": AUDIENCE, "sub": "user1", "exp": NOW + 600});
    let changes = changes.as_object().unwrap().clone();
    claims.as_object_mut().unwrap().extend(changes);
    claims
}

#[test]
fn a_token_of_each_kind_of_key_is_read() {
    let signer = Signer::new();
    let platform = signer.platform();
    for (alg, kid) in [("EdDSA", "ed"), ("ES256", "ec"), ("RS256", "rsa")] {
        let token = signer.sign(
            &header(alg, kid),
            &claims(json!({"scope": "webhooks:read"})),
        );
        let (user, grant) = platform.read(&token, now()).unwrap();
        assert_eq!(user.as_str(), "user1", "{alg}");
        assert_eq!(grant, Grant::of(Some(Scope::Read)), "{alg}");
        assert!(is_signed(&token));
    }
    let among_others = signer.token(json!({"aud": ["another", AUDIENCE]}));
    assert!(platform.read(&among_others, now()).is_some());
}

#[test]
fn while_keys_are_rotated_both_are_good_and_afterwards_one_is() {
    let (old, new) = (Signer::new(), Signer::new());
    let key = |signer: &Signer, kid: &str| {
        let mut key = signer.jwks()["keys"][0].clone();
        key["kid"] = json!(kid);
        key
    };
    let token = |signer: &Signer, kid| signer.sign(&header("EdDSA", kid), &claims(json!({})));
    let reads = |keys: Value, token: &str| {
        let keys = TokenKeys::parse(&json!({ "keys": keys }).to_string()).unwrap();
        let platform = PlatformTokens::new(keys, ISSUER.to_owned(), AUDIENCE.to_owned());
        platform.unwrap().read(token, now()).is_some()
    };
    let both = json!([key(&old, "1"), key(&new, "2")]);
    assert!(reads(both.clone(), &token(&old, "1")));
    assert!(reads(both.clone(), &token(&new, "2")));
    // A name is no key.
    assert!(!reads(both, &token(&old, "2")));
    let after = json!([key(&new, "2")]);
    assert!(!reads(after.clone(), &token(&old, "1")));
    assert!(reads(after, &token(&new, "2")));
}

/// Tokens that are refused, and what is wrong with each.
#[expect(clippy::too_many_lines, reason = "a table")]
fn refused(signer: &Signer) -> Vec<(&'static str, String)> {
    let good = signer.token(json!({}));
    let [head, claims_part, signature] = good.split('.').collect::<Vec<_>>()[..] else {
        panic!("{good}")
    };
    let with_header = |header: Value| signer.sign(&header, &claims(json!({})));
    let without = |claim: &str| {
        let mut claims = claims(json!({}));
        claims.as_object_mut().unwrap().remove(claim);
        signer.sign(&header("EdDSA", "ed"), &claims)
    };
    let none = base64(header("none", "ed").to_string());
    let other_claims = base64(claims(json!({"sub": "user2"})).to_string());
    vec![
        ("no token", "a.b.c".to_owned()),
        ("only a dot", ".".to_owned()),
        ("four parts", format!("{good}.x")),
        ("two parts", format!("{head}.{claims_part}")),
        ("no signature", format!("{head}.{claims_part}.")),
        ("padding", format!("{good}==")),
        ("half a signature", good[..good.len() - 40].to_owned()),
        ("other claims", format!("{head}.{other_claims}.{signature}")),
        ("alg none", format!("{none}.{claims_part}.")),
        (
            "alg none, signed",
            format!("{none}.{claims_part}.{signature}"),
        ),
        ("symmetric", with_header(header("HS256", "ed"))),
        (
            "another alg of the kind",
            with_header(header("RS512", "rsa")),
        ),
        ("a key of another alg", with_header(header("EdDSA", "ec"))),
        ("an alg of another key", with_header(header("ES256", "ed"))),
        ("unknown kid", with_header(header("EdDSA", "other"))),
        ("no kid", with_header(json!({"alg": "EdDSA"}))),
        (
            "critical",
            with_header(json!({"alg": "EdDSA", "kid": "ed", "crit": ["x"], "x": 1})),
        ),
        (
            "b64",
            with_header(json!({"alg": "EdDSA", "kid": "ed", "b64": false})),
        ),
        ("another's key", Signer::new().token(json!({}))),
        ("wrong audience", signer.token(json!({"aud": "another"}))),
        (
            "no audience among many",
            signer.token(json!({"aud": ["another"]})),
        ),
        ("audience is no text", signer.token(json!({"aud": 5}))),
        ("no audience", without("aud")),
        (
            "wrong issuer",
            signer.token(json!({"iss": "https://other.example"})),
        ),
        ("no issuer", without("iss")),
        ("no subject", without("sub")),
        ("no expiry", without("exp")),
        ("expired", signer.token(json!({"exp": NOW - 61}))),
        ("lives too long", signer.token(json!({"exp": NOW + 90_000}))),
        ("not yet valid", signer.token(json!({"nbf": NOW + 61}))),
        (
            "expiry is a text",
            signer.token(json!({"exp": "1547053196"})),
        ),
        ("no limit", signer.token(json!({"actorId": null}))),
        (
            "two pages",
            signer.token(json!({"actorId": "a", "actorTaskId": "t"})),
        ),
        ("oversized", signer.token(json!({"more": "x".repeat(4096)}))),
    ]
}

#[test]
fn what_is_wrong_is_refused_after_one_signature_was_verified_whatever_it_is() {
    let signer = Signer::new();
    let platform = signer.platform();
    let mut known = 0;
    for (what, token) in refused(&signer) {
        let before = count::so_far();
        assert_eq!(platform.read(&token, now()), None, "{what}");
        assert_eq!(count::so_far() - before, 1, "{what}");
        known += 1;
    }
    assert!(known > 30);
    let before = count::so_far();
    assert!(platform.read(&signer.token(json!({})), now()).is_some());
    assert_eq!(count::so_far() - before, 1, "a good one");
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn keys_that_cannot_be_used_are_refused_by_name_and_not_shown() {
    let good = Signer::new().jwks();
    let changed = |place: usize, changes: Value| {
        let mut keys = good.clone();
        let key = keys["keys"][place].as_object_mut().unwrap();
        key.extend(changes.as_object().unwrap().clone());
        keys.to_string()
    };
    let kinds = "must be of Ed25519 (kty OKP), P-256 (kty EC) or RSA";
    for (keys, message) in [
        ("keys".to_owned(), "is no JSON: line 1, column 1"),
        (
            "[]".to_owned(),
            "must be a JWKS: {\"keys\": [..]}, with one key at least",
        ),
        (
            r#"{"keys": []}"#.to_owned(),
            "must be a JWKS: {\"keys\": [..]}, with one key at least",
        ),
        (
            r#"{"keys": ["secret"]}"#.to_owned(),
            "keys[0]: is no object",
        ),
        (
            changed(0, json!({"d": "secret"})),
            "keys[0]: must be a public key, and has the private member \"d\"",
        ),
        (
            changed(2, json!({"p": "secret"})),
            "keys[2]: must be a public key, and has the private member \"p\"",
        ),
        (
            json!({"keys": [{"kty": "oct", "kid": "s", "k": "secret"}]}).to_string(),
            "keys[0]: must be a public key, and has the private member \"k\"",
        ),
        (changed(0, json!({"kid": null})), "keys[0]: kid is missing"),
        (
            changed(1, json!({"kid": "ed"})),
            "keys[1]: has the kid \"ed\" of another",
        ),
        (
            changed(0, json!({"crv": "X25519"})),
            &format!("keys[0]: {kinds}"),
        ),
        (
            changed(1, json!({"crv": "P-384"})),
            &format!("keys[1]: {kinds}"),
        ),
        (
            changed(0, json!({"kty": "oct"})),
            &format!("keys[0]: {kinds}"),
        ),
        (
            changed(0, json!({"alg": "ES256"})),
            "keys[0]: alg must be \"EdDSA\", or be left out",
        ),
        (
            changed(2, json!({"alg": "PS256"})),
            "keys[2]: alg must be \"RS256\", or be left out",
        ),
        (
            changed(1, json!({"use": "enc"})),
            "keys[1]: use must be \"sig\", or be left out",
        ),
        (
            changed(0, json!({"x": "!secret"})),
            "keys[0]: its numbers are no base64url",
        ),
        (
            changed(0, json!({"x": "c2VjcmV0"})),
            "keys[0]: its numbers must have 32 bytes",
        ),
        (changed(1, json!({"y": null})), "keys[1]: y is missing"),
        (
            changed(1, json!({"y": "c2VjcmV0"})),
            "keys[1]: its numbers must have 32 bytes",
        ),
        (
            changed(2, json!({"n": base64([255; 128])})),
            "keys[2]: an RSA key must have 2048 to 8192 bits",
        ),
        (
            changed(2, json!({"n": base64([0; 257])})),
            "keys[2]: an RSA key must have 2048 to 8192 bits",
        ),
    ] {
        let error = TokenKeys::parse(&keys).unwrap_err().to_string();
        assert_eq!(error, message);
    }
    assert!(TokenKeys::parse("").unwrap().is_empty());
    assert!(TokenKeys::parse(&good.to_string()).is_ok());
}

proptest! {
    #[test]
    fn no_text_makes_it_panic_or_is_taken_for_a_token(text: String) {
        prop_assert_eq!(Signer::new().platform().read(&text, now()), None);
    }

    #[test]
    fn no_change_of_a_byte_leaves_a_token_good(place in 0_usize..300, byte in b'!'..=b'~') {
        let signer = Signer::new();
        let mut token = signer.token(json!({})).into_bytes();
        let place = place % token.len();
        prop_assume!(token[place] != byte);
        token[place] = byte;
        let token = String::from_utf8(token).unwrap();
        prop_assert_eq!(signer.platform().read(&token, now()), None);
    }
}
