//! Signatures against an independent library, and the derivation against known answers.

use std::time::Duration;

use proptest::prelude::*;
use ring::signature::{ED25519, UnparsedPublicKey};
use standardwebhooks::Webhook as Verifier;

use super::*;
use crate::condition::Condition;
use crate::definition::Definition;
use crate::fields::Fields;
use crate::id::{ActorId, UserId, WEBHOOK_ID_LENGTH, WebhookId};
use crate::spread::Spread;
use crate::webhook::{Label, Lifetime, Webhook, WebhookState};

mod platform;
mod rotation;

const MASTER: &str = "0123456789abcdef0123456789abcdef";
const ANOTHER: &str = "another master key of 32 letters";

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1000).unwrap()
}

fn dispatch() -> DispatchId {
    DispatchId::parse("A50PsRbHTn0123456789ab").unwrap()
}

/// Keys as they are written, such as `[("current", MASTER)]`.
fn masters(keys: &[(&str, &str)]) -> MasterKeys {
    let keys = keys.iter().map(|(name, key)| ((*name).to_owned(), *key));
    let keys: serde_json::Map<_, _> = keys.map(|(name, key)| (name, key.into())).collect();
    MasterKeys::parse(&serde_json::Value::from(keys).to_string()).unwrap()
}

fn webhook(user: &str, id: char, version: u32) -> Webhook {
    let definition = r#"{"eventTypes": ["TEST"], "requestUrl": "https://example.com/", "shouldSignWithEd25519": true}"#;
    let mut fields = Fields::new(serde_json::from_str(definition).unwrap());
    Webhook {
        id: WebhookId::parse(&id.to_string().repeat(WEBHOOK_ID_LENGTH)).unwrap(),
        user: UserId::parse(user).unwrap(),
        condition: Condition::Actor(ActorId::parse("A1").unwrap()),
        lifetime: Lifetime::Standing,
        definition: Definition::take(&mut fields).unwrap(),
        label: Label::default(),
        idempotency_key: None,
        version: 1,
        secret: SecretVersions {
            current: version,
            previous_until: None,
        },
        state: WebhookState::Enabled,
        disabled_because: None,
        failing_since: None,
        hears_from: None,
        spread: Spread::default(),
        created_at: at(0),
        modified_at: at(0),
    }
}

/// Whether a receiver with this secret takes the request. The library makes each signature anew, with another HMAC than ours.
fn is_taken(secret: &Secret, signature: &str, id: &str, seconds: i64, body: &[u8]) -> bool {
    let verifier = Verifier::new(&secret.reveal()).unwrap();
    let Ok(expected) = verifier.sign(id, seconds, body) else {
        return false;
    };
    signature.split(' ').any(|entry| entry == expected)
}

/// The same for a receiver with a public key.
fn is_taken_by_key(key: &str, signature: &str, message: &[u8]) -> bool {
    let decode = |text: &str| BASE64_STANDARD.decode(text).unwrap_or_default();
    let key = UnparsedPublicKey::new(&ED25519, decode(key.strip_prefix("whpk_").unwrap()));
    let entries = signature.split(' ');
    let mut asymmetric = entries.filter_map(|entry| entry.strip_prefix("v1a,"));
    asymmetric.any(|entry| key.verify(message, &decode(entry)).is_ok())
}

#[test]
fn the_published_vector_holds() {
    let secret = BASE64_STANDARD
        .decode("C2FVsBQIhrscChlQIMV+b5sSYspob7oD")
        .unwrap();
    let body = br#"{"email":"test@example.com","username":"test_user"}"#;
    let message = message("msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", 1_649_367_553, body);
    assert_eq!(
        entry("v1", &secret::v1(&secret, &message)),
        "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw="
    );
}

/// Made with Python's `hmac` (RFC 5869 written out) and Node's `crypto`.
#[test]
fn the_derivation_never_changes() {
    let masters = masters(&[("current", MASTER)]);
    for (version, secret, public_key) in [
        (
            1,
            "whsec_6u9+kB6A9y6Y7gV7+WnZu7k+vqMepyoG7PJ+r4+VqyA=",
            "whpk_eliq0MxTyTR3n9+785CMdw1Bhs/cys3Qx37rjG6PbYk=",
        ),
        (
            2,
            "whsec_d1PxuE+GRdeA4qSkcQukgvxtiCbsOgYXcE7EWpmUz4w=",
            "whpk_dkMAgE7ukowb9t1jxXVxa4su4H2sICNJ2YZfp/zqmwA=",
        ),
    ] {
        let webhook = webhook("U1", 'w', version);
        assert_eq!(masters.secret(&webhook).reveal(), secret);
        assert_eq!(masters.public_key(&webhook).to_string(), public_key);
    }
}

#[test]
fn every_master_user_webhook_and_version_has_keys_of_its_own() {
    let mut secrets = Vec::new();
    for master in [MASTER, ANOTHER] {
        for user in ["U1", "U11", "U2"] {
            for id in ['1', 'w'] {
                for version in [1, 2, 11] {
                    let (masters, webhook) =
                        (masters(&[("current", master)]), webhook(user, id, version));
                    secrets.push(masters.secret(&webhook).reveal());
                    secrets.push(masters.public_key(&webhook).to_string());
                }
            }
        }
    }
    let all = secrets.len();
    secrets.sort();
    secrets.dedup();
    assert_eq!(secrets.len(), all);
}

#[test]
fn a_private_key_signs_only_for_webhooks_that_ask_for_it() {
    let masters = masters(&[("current", MASTER)]);
    let mut webhook = webhook("U1", 'w', 1);
    let schemes = |webhook: &Webhook| {
        let signature = masters.signer(webhook, at(0)).sign(&dispatch(), at(0), b"");
        let entries = signature.split(' ');
        entries
            .filter_map(|entry| Some(entry.split_once(',')?.0.to_owned()))
            .collect::<Vec<_>>()
    };
    assert_eq!(schemes(&webhook), ["v1", "v1a"]);
    webhook.definition.sign_with_ed25519 = false;
    assert_eq!(schemes(&webhook), ["v1"]);
}

#[test]
fn nothing_shows_a_key_by_chance() {
    let masters = masters(&[("current", MASTER), ("previous", ANOTHER)]);
    let webhook = webhook("U1", 'w', 1);
    let shown = format!(
        "{masters:?} {:?} {:?}",
        masters.secret(&webhook),
        masters.signer(&webhook, at(0))
    );
    assert_eq!(shown, "MasterKeys(..) Secret(..) Signer(..)");
}

#[test]
fn a_text_without_proper_master_keys_is_refused_and_not_quoted() {
    for (text, error) in [
        ("", MasterKeyError::Format),
        (MASTER, MasterKeyError::Format),
        ("{}", MasterKeyError::Format),
        (r#"{"current": 5}"#, MasterKeyError::Format),
        (r#"{"current": "x", "old": "y"}"#, MasterKeyError::Format),
        (r#"{"current": "short"}"#, MasterKeyError::TooShort),
        (
            r#"{"current": "0123456789abcdef0123456789abcdef", "next": "short"}"#,
            MasterKeyError::TooShort,
        ),
        (
            r#"{"current": "a", "next": "b", "previous": "c"}"#,
            MasterKeyError::TooMany,
        ),
    ] {
        assert_eq!(MasterKeys::parse(text).unwrap_err(), error, "{text}");
    }
}

proptest! {
    #[test]
    fn both_kinds_of_receivers_take_every_request(body: String, seconds in 0i64..4_000_000_000) {
        let masters = masters(&[("current", MASTER)]);
        let webhook = webhook("U1", 'w', 1);
        let signature = masters.signer(&webhook, at(0)).sign(&dispatch(), at(seconds), body.as_bytes());
        let (id, secret) = (dispatch(), masters.secret(&webhook));
        prop_assert!(is_taken(&secret, &signature, id.as_str(), seconds, body.as_bytes()));
        let message = message(id.as_str(), seconds, body.as_bytes());
        prop_assert!(is_taken_by_key(&masters.public_key(&webhook).to_string(), &signature, &message));
    }

    #[test]
    fn one_changed_bit_anywhere_is_refused(body in "[a-z{}\":]{1,40}", place: usize, bit in 0u32..7) {
        let masters = masters(&[("current", MASTER)]);
        let webhook = webhook("U1", 'w', 1);
        let (secret, key) = (masters.secret(&webhook), masters.public_key(&webhook).to_string());
        let signature = masters.signer(&webhook, at(0)).sign(&dispatch(), at(1_700_000_000), body.as_bytes());

        let mut changed = message(dispatch().as_str(), 1_700_000_000, body.as_bytes());
        let place_in_message = place % changed.len();
        changed[place_in_message] ^= 1 << bit;
        prop_assert!(!is_taken_by_key(&key, &signature, &changed));
        // A receiver finds the parts again in the headers and the body.
        let text = String::from_utf8(changed).unwrap();
        let mut parts = text.splitn(3, '.');
        if let (Some(id), Some(Ok(seconds)), Some(body)) = (parts.next(), parts.next().map(str::parse), parts.next()) {
            prop_assert!(!is_taken(&secret, &signature, id, seconds, body.as_bytes()));
        }

        let mut forged = signature.clone().into_bytes();
        let place_in_signature = place % forged.len();
        forged[place_in_signature] ^= 1 << bit;
        let forged = String::from_utf8(forged).unwrap();
        let taken = is_taken(&secret, &forged, dispatch().as_str(), 1_700_000_000, body.as_bytes());
        let message = message(dispatch().as_str(), 1_700_000_000, body.as_bytes());
        let taken_by_key = is_taken_by_key(&key, &forged, &message);
        // One of the two signatures was touched, or both by way of the space between them.
        prop_assert!(!(taken && taken_by_key));
    }

    #[test]
    fn no_text_makes_it_panic(text in ".*") {
        let _ = MasterKeys::parse(&text);
    }
}
