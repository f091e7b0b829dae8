//! Credentials for the platform's API.

use serde_json::{Value, json};

use super::*;
use crate::platform_api::PlatformApi;

fn decoded(part: &str) -> Vec<u8> {
    base64::prelude::BASE64_URL_SAFE_NO_PAD
        .decode(part)
        .unwrap()
}

fn jwk(key: &PlatformKey) -> Value {
    serde_json::to_value(key.public()).unwrap()
}

fn credential(keys: &MasterKeys) -> String {
    let api = PlatformApi::parse("https://api.example.com").unwrap();
    let (dispatch, webhook) = (dispatch(), webhook("U1", 'A', 1));
    let api = api.unwrap();
    let claims = api.claims("runhooks", &webhook, &dispatch, 3, at(1_700_000_000));
    keys.platform_key().sign(&claims).unwrap()
}

/// The key with this id has signed it.
fn is_signed_by(jwt: &str, key: &Value) -> bool {
    let (message, signature) = jwt.rsplit_once('.').unwrap();
    let (header, _) = message.split_once('.').unwrap();
    let header: Value = serde_json::from_slice(&decoded(header)).unwrap();
    let key_itself = decoded(key["x"].as_str().unwrap());
    let public = UnparsedPublicKey::new(&ED25519, key_itself);
    let verified = public.verify(message.as_bytes(), &decoded(signature));
    header["kid"] == key["kid"] && verified.is_ok()
}

#[test]
fn a_credential_says_who_is_acted_for_where_and_how_long() {
    let jwt = credential(&masters(&[("current", MASTER)]));
    let parts: Vec<_> = jwt.split('.').collect();
    let [header, claims, _] = parts[..] else {
        panic!("{jwt}")
    };
    let header: Value = serde_json::from_slice(&decoded(header)).unwrap();
    assert_eq!(
        (&header["alg"], &header["typ"]),
        (&json!("EdDSA"), &json!("JWT"))
    );
    let claims: Value = serde_json::from_slice(&decoded(claims)).unwrap();
    let expected = json!({
        "iss": "runhooks", "aud": "https://api.example.com", "sub": "U1", "iat": 1_700_000_000, "exp": 1_700_000_300,
        "webhookId": "A".repeat(WEBHOOK_ID_LENGTH), "dispatchId": dispatch().as_str(), "depth": 3,
    });
    assert_eq!(claims, expected);
}

/// Whoever has kept a public key must be able to go by it. The answers are those of another
/// library: HKDF, Ed25519 and SHA-256 of Python's `cryptography`.
#[test]
fn the_key_is_always_the_same_of_a_master_key() {
    let key = masters(&[("current", MASTER)]).platform_key();
    assert_eq!(
        jwk(&key),
        json!({"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "8NaAJ2O9U-oD0W462kJtnPCYB6kJwzm4eSvA3JKA7k0", "x": "UOl2w79eZpOgR6fg5n6KtakaFLwxuNY0l098Fgw8Vu0"})
    );
    assert_eq!(format!("{key:?}"), "PlatformKey(..)");
}

#[test]
fn while_master_keys_are_changed_both_public_keys_are_shown_and_the_current_one_signs() {
    for name in ["next", "previous"] {
        let keys = masters(&[("current", MASTER), (name, ANOTHER)]);
        let shown: Vec<_> = keys.platform_keys().map(|key| jwk(&key)).collect();
        let [current, other] = &shown[..] else {
            panic!("{shown:?}")
        };
        let jwt = credential(&keys);
        assert!(is_signed_by(&jwt, current) && !is_signed_by(&jwt, other));
        let of_other = credential(&masters(&[("current", ANOTHER)]));
        assert!(is_signed_by(&of_other, other) && !is_signed_by(&of_other, current));
    }
    assert_eq!(masters(&[("current", MASTER)]).platform_keys().count(), 1);
}

#[test]
fn the_key_serves_no_other_purpose() {
    let keys = masters(&[("current", MASTER)]);
    let webhook = webhook("U1", 'A', 1);
    let of_webhook = keys.public_key(&webhook);
    let secret = keys.secret(&webhook).reveal();
    let own = decoded(jwk(&keys.platform_key())["x"].as_str().unwrap());
    assert_ne!(of_webhook.bytes(), own);
    assert!(!secret.contains(&BASE64_STANDARD.encode(own)));
}
