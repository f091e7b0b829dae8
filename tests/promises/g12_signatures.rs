//! G12: what we sign can be verified by any Standard Webhooks library, while keys are changed, too.
//! Here by the Rust one; those for Python and JavaScript are in `tests/clients`.

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ring::signature::{ED25519, UnparsedPublicKey};
use serde_json::{Value, json};
use standardwebhooks::Webhook as Verifier;

use crate::master_key;
use crate::receiver::{Answer, Received};
use crate::run::{Run, ad_hoc};
use crate::stage::Stage;

/// Longer than any function goes by master keys without asking for them again.
const STALE: Duration = Duration::from_secs(6 * 60);

#[tokio::test(flavor = "multi_thread")]
async fn g12_every_request_is_verified_by_an_independent_library() {
    let stage = Stage::new().await;
    let mut definition = ad_hoc(&["SUCCEEDED"], &stage.receiver.url("/hook"));
    definition["payloadTemplate"] = json!(r#"{"text": "é 🦀", "run": {{resource.id}}}"#);
    definition["shouldSignWithEd25519"] = json!(true);
    let mut standing = definition.clone();
    standing["condition"] = json!({"actorId": "actor1"});
    let (_, made) = stage.api("POST", "/v2/webhooks", Some(&standing)).await;
    let id = made["data"]["id"].as_str().expect("an id");
    let run = Run::new("run1");
    stage.send(&run.created_with(&json!([definition]))).await;
    stage.settled().await;
    stage.send(&run.event("SUCCEEDED", 1)).await;
    stage.receiver.wait_for(2).await;
    trial(&stage, id).await;

    let own = secret(&stage, id).await;
    assert_eq!(made["data"]["secret"], own["key"]);
    let (_, shown) = stage.api("GET", &format!("/v2/webhooks/{id}"), None).await;
    assert_eq!(shown["data"].get("secret"), None);
    let mut takers = Vec::new();
    for post in stage.receiver.wait_for(3).await {
        let webhook = webhook_of(&stage, &post).await;
        let secret = secret(&stage, &webhook).await;
        assert_eq!(verified(text(&secret, "key"), &post), Ok(()));
        assert!(is_verified_by_public_key(text(&secret, "publicKey"), &post));
        refuse_what_was_changed(text(&secret, "key"), &post);
        takers.push(webhook == id);
    }
    takers.sort_unstable();
    assert_eq!(takers, [false, true, true], "the ad hoc one has its own");
}

#[tokio::test(flavor = "multi_thread")]
async fn g12_while_a_secret_is_rotated_both_verify_and_after_that_the_new_one() {
    let stage = Stage::new().await;
    let condition = json!({"actorId": "actor1"});
    let id = stage.webhook(&["SUCCEEDED"], condition, "/hook").await;
    let first = secret(&stage, &id).await;
    let (status, second) = rotate(&stage, &id, Some(&json!({"overlapSeconds": 600}))).await;
    assert_eq!((status, secret(&stage, &id).await), (200, second.clone()));
    assert_ne!(second["key"], first["key"]);
    assert_ne!(second["publicKey"], first["publicKey"]);
    let post = trial(&stage, &id).await;
    for secret in [&first, &second] {
        assert_eq!(verified(text(secret, "key"), &post), Ok(()));
    }

    let (status, refused) = rotate(&stage, &id, None).await;
    assert_eq!(status, 409, "{refused}");
    stage.advance(Duration::from_secs(601));
    let post = trial(&stage, &id).await;
    assert!(!is_signed_with(text(&first, "key"), &post));
    assert!(is_signed_with(text(&second, "key"), &post));

    // A day by default; and a second time at once, for a secret that has leaked.
    let (_, third) = rotate(&stage, &id, None).await;
    assert_ne!(third["previousKeyValidUntil"], Value::Null);
    let (_, fourth) = rotate(&stage, &id, Some(&json!({"overlapSeconds": 0}))).await;
    assert_eq!(fourth["previousKeyValidUntil"], Value::Null);
    let post = trial(&stage, &id).await;
    for (secret, expected) in [(&second, false), (&third, false), (&fourth, true)] {
        assert_eq!(is_signed_with(text(secret, "key"), &post), expected);
    }
    for secret in [first, second, third, fourth] {
        let key = text(&secret, "key").trim_start_matches("whsec_").to_owned();
        assert!(!stored(&stage).await.contains(&key));
    }
}

/// The three steps of the runbook. Any secret that was ever shown verifies until the last of them.
#[tokio::test(flavor = "multi_thread")]
async fn g12_while_the_master_key_is_rotated_old_and_new_secrets_verify() {
    let stage = Stage::new().await;
    let condition = json!({"actorId": "actor1"});
    let id = stage.webhook(&["SUCCEEDED"], condition, "/hook").await;
    let old = master_key::read(&stage).await;
    let new = "b".repeat(64);
    let before = secret(&stage, &id).await;
    assert_eq!(
        verified(text(&before, "key"), &trial(&stage, &id).await),
        Ok(())
    );

    master_key::put(&stage, &json!({"current": old["current"], "next": new})).await;
    stage.advance(STALE);
    assert_eq!(secret(&stage, &id).await, before);
    let signed_by_both = trial(&stage, &id).await;

    master_key::put(&stage, &json!({"current": new, "previous": old["current"]})).await;
    stage.advance(STALE);
    let after = secret(&stage, &id).await;
    assert_ne!(after["key"], before["key"]);
    for post in [signed_by_both, trial(&stage, &id).await] {
        for secret in [&before, &after] {
            assert!(is_signed_with(text(secret, "key"), &post));
        }
    }

    master_key::put(&stage, &json!({"current": new})).await;
    stage.advance(STALE);
    let post = trial(&stage, &id).await;
    assert!(is_signed_with(text(&after, "key"), &post));
    assert!(!is_signed_with(text(&before, "key"), &post));
}

#[tokio::test(flavor = "multi_thread")]
async fn g12_every_attempt_is_signed_anew_under_the_same_id() {
    let stage = Stage::with(&[("RetryScheduleSeconds", "2")]).await;
    let answers = [Answer::Status(500), Answer::Status(200)];
    stage.receiver.script("/flaky", &answers);
    let condition = json!({"actorId": "actor1"});
    let id = stage.webhook(&["SUCCEEDED"], condition, "/flaky").await;
    stage.send(&Run::new("run1").event("SUCCEEDED", 1)).await;
    let posts = stage.receiver.wait_for(2).await;
    stage.settled().await;
    let secret = secret(&stage, &id).await;
    for post in &posts {
        assert_eq!(verified(text(&secret, "key"), post), Ok(()));
    }
    let both = |name: &str| [posts[0].header(name), posts[1].header(name)];
    let [first, second] = both("webhook-id");
    assert_eq!(first, second);
    let [first, second] = both("webhook-timestamp").map(|seconds| seconds.parse::<u64>());
    assert!(first.expect("seconds") < second.expect("seconds"));
}

/// Nothing is sent unsigned: without keys, deliveries come again.
#[tokio::test(flavor = "multi_thread")]
async fn g12_nothing_is_sent_while_there_is_no_master_key() {
    let stage = Stage::with(&[("DeliveriesEnabled", "false")]).await;
    let good = master_key::read(&stage).await;
    let definition = ad_hoc(&["CREATED"], &stage.receiver.url("/hook"));
    let event = Run::new("run1").created_with(&json!([definition]));
    assert!(stage.ingest(std::slice::from_ref(&event)).await.is_empty());
    let message = [stage.delivery_message_of(&event).await];

    master_key::put(&stage, &json!({"current": "too short"})).await;
    assert_eq!(stage.deliver(&message).await, ["message-0"]);
    assert_eq!(stage.receiver.received().len(), 0);
    master_key::put(&stage, &good).await;
    assert!(stage.deliver(&message).await.is_empty());
    let post = &stage.receiver.wait_for(1).await[0];
    let secret = secret(&stage, &webhook_of(&stage, post).await).await;
    assert_eq!(verified(text(&secret, "key"), post), Ok(()));
}

fn text<'a>(secret: &'a Value, name: &str) -> &'a str {
    secret[name].as_str().expect("a text")
}

async fn secret(stage: &Stage, webhook: &str) -> Value {
    let path = format!("/v2/webhooks/{webhook}/secret");
    let (status, answer) = stage.api("GET", &path, None).await;
    assert_eq!(status, 200, "{answer}");
    answer["data"].clone()
}

async fn rotate(stage: &Stage, webhook: &str, body: Option<&Value>) -> (u16, Value) {
    let path = format!("/v2/webhooks/{webhook}/secret/rotate");
    let (status, answer) = stage.api("POST", &path, body).await;
    (status, answer["data"].clone())
}

/// What arrives of a test delivery.
async fn trial(stage: &Stage, webhook: &str) -> Received {
    let before = stage.receiver.received().len();
    let path = format!("/v2/webhooks/{webhook}/test");
    let (status, answer) = stage.api("POST", &path, None).await;
    assert_eq!(status, 201, "{answer}");
    let posts = stage.receiver.wait_for(before + 1).await;
    stage.settled().await;
    posts[before].clone()
}

async fn webhook_of(stage: &Stage, post: &Received) -> String {
    let path = format!("/v2/webhook-dispatches/{}", post.header("webhook-id"));
    let (_, dispatch) = stage.api("GET", &path, None).await;
    text(&dispatch["data"], "webhookId").to_owned()
}

/// What a receiver with this secret thinks of a request.
fn verified(key: &str, post: &Received) -> Result<(), String> {
    let verifier = Verifier::new(key).expect("a secret");
    let verified = verifier.verify(&post.body, &post.headers);
    verified.map_err(|error| error.to_string())
}

/// The same, whatever time it is: the library takes no request of another time than its own.
fn is_signed_with(key: &str, post: &Received) -> bool {
    let seconds = post.header("webhook-timestamp").parse().expect("seconds");
    let expected = Verifier::new(key)
        .expect("a secret")
        .sign(post.header("webhook-id"), seconds, &post.body)
        .expect("a text");
    let mut entries = post.header("webhook-signature").split(' ');
    entries.any(|entry| entry == expected)
}

/// No library of Standard Webhooks knows `v1a` yet. This is what its specification says.
fn is_verified_by_public_key(key: &str, post: &Received) -> bool {
    let decode = |text: &str| BASE64_STANDARD.decode(text).expect("base64");
    let key = key.strip_prefix("whpk_").expect("a public key");
    let key = UnparsedPublicKey::new(&ED25519, decode(key));
    let (id, seconds) = (post.header("webhook-id"), post.header("webhook-timestamp"));
    let message = [format!("{id}.{seconds}.").as_bytes(), &post.body].concat();
    let mut entries = post.header("webhook-signature").split(' ');
    let signature = entries.find_map(|entry| entry.strip_prefix("v1a,"));
    key.verify(&message, &decode(signature.expect("a v1a signature")))
        .is_ok()
}

fn refuse_what_was_changed(key: &str, post: &Received) {
    let mut body = post.clone();
    body.body = [&post.body[..], b" "].concat().into();
    let with = |name: &'static str, value: String| {
        let mut changed = post.clone();
        changed
            .headers
            .insert(name, value.parse().expect("a value"));
        changed
    };
    let seconds: u64 = post.header("webhook-timestamp").parse().expect("seconds");
    let signature = post.header("webhook-signature");
    for changed in [
        body,
        with("webhook-id", format!("{}x", post.header("webhook-id"))),
        with("webhook-timestamp", (seconds - 1).to_string()),
        with("webhook-timestamp", (seconds - 301).to_string()),
        with("webhook-signature", signature.to_lowercase()),
        with("webhook-signature", signature.replace("v1,", "v2,")),
    ] {
        assert!(verified(key, &changed).is_err(), "{changed:?}");
    }
    assert!(verified("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", post).is_err());
}

/// Every item of both tables, as text.
async fn stored(stage: &Stage) -> String {
    let mut items = String::new();
    for table in stage.platform.endpoints().tables.values() {
        let scan = stage.dynamodb.scan().table_name(table).send().await;
        items += &format!("{:?}", scan.expect("a table").items());
    }
    items
}
