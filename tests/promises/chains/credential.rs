//! The credential itself: who gets it, what it says, and who can verify it.

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::signature::{ED25519, UnparsedPublicKey};
use serde_json::{Value, json};

use super::webhook_to;
use crate::log::Log;
use crate::master_key;
use crate::receiver::{Answer, Received, Receiver};
use crate::run::{Run, USER};
use crate::stage::Stage;

/// Longer than any function goes by master keys without asking for them again.
const STALE: Duration = Duration::from_secs(6 * 60);

/// A stage whose platform has its API where this receiver is.
async fn stage_of(platform: &Receiver) -> Stage {
    Stage::with(&[
        ("PlatformApiOrigin", &platform.url("")),
        ("RetryScheduleSeconds", "1"),
    ])
    .await
}

/// The credential that a request carries.
fn credential(post: &Received) -> &str {
    let value = post.header("authorization");
    value.strip_prefix("Bearer ").expect("a bearer's token")
}

fn decoded(part: &str) -> Vec<u8> {
    let decoded = BASE64_URL_SAFE_NO_PAD.decode(part);
    decoded.expect("base64url")
}

/// The claims of a credential, which one of these keys has signed, and the id of that key.
fn verified(jwt: &str, keys: &[Value]) -> (Value, Value) {
    let (message, signature) = jwt.rsplit_once('.').expect("a JWT");
    let (header, claims) = message.split_once('.').expect("a JWT");
    let json = |part| serde_json::from_slice::<Value>(&decoded(part)).expect("JSON");
    let header = json(header);
    assert_eq!(header["alg"], "EdDSA");
    let mut keys = keys.iter();
    let key = keys.find(|key| key["kid"] == header["kid"]);
    let key = decoded(key.expect("its key")["x"].as_str().expect("a text"));
    UnparsedPublicKey::new(&ED25519, key)
        .verify(message.as_bytes(), &decoded(signature))
        .expect("it is signed by its key");
    (json(claims), header["kid"].clone())
}

/// The public keys, as anybody can read them.
async fn keys(stage: &Stage) -> Vec<Value> {
    let answer = stage
        .ask("nobody", "GET", "/v2/jwks.json", &[], "".into())
        .await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["cache-control"], "public, max-age=300");
    let keys = crate::stage::json_of(&answer);
    keys["keys"].as_array().expect("keys").clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_says_who_is_acted_for_and_is_signed_anew_for_each_attempt() {
    let platform = Receiver::start().await;
    let stage = stage_of(&platform).await;
    let answers = [500, 201].map(Answer::Status);
    platform.script("/start", &answers);
    let token = stage.token();
    let url = platform.url("/start?webhooks=abc");
    let webhook = webhook_to(&stage, &token, "SUCCEEDED", "actor1", &url).await;
    let mut event = Run::new("run1").event("SUCCEEDED", 1);
    event["chainDepth"] = json!(4);
    stage.send(&event).await;
    let posts = platform.wait_for(2).await;
    stage.settled().await;
    let keys = keys(&stage).await;
    assert_eq!(keys.len(), 1);
    let mut until = Vec::new();
    for post in &posts {
        let (claims, _) = verified(credential(post), &keys);
        let dispatch = post.header("webhook-id");
        let (iat, exp) = (&claims["iat"], &claims["exp"]);
        assert_eq!(
            claims,
            json!({
                "iss": "runhooks", "aud": platform.url(""), "sub": USER, "iat": iat, "exp": exp,
                "webhookId": webhook, "dispatchId": dispatch, "depth": 5,
            })
        );
        let seconds = |time: &Value| time.as_i64().expect("a number");
        assert_eq!(seconds(exp) - seconds(iat), 300);
        assert_eq!(iat.to_string(), post.header("webhook-timestamp"));
        until.push(seconds(exp));
        // The stand-in is another platform.
        let answer = stage
            .ask(
                credential(post),
                "POST",
                "/v2/acts/a/runs",
                &[],
                "{}".into(),
            )
            .await;
        assert_eq!(answer.status(), 401);
    }
    assert!(until[0] < until[1], "{until:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn its_owner_sees_that_there_was_a_credential_and_not_which() {
    let platform = Receiver::start().await;
    let stage = stage_of(&platform).await;
    let token = stage.token();
    let url = platform.url("/start");
    webhook_to(&stage, &token, "SUCCEEDED", "actor1", &url).await;
    stage.send(&Run::new("run1").event("SUCCEEDED", 1)).await;
    let posts = platform.wait_for(1).await;
    stage.settled().await;
    let dispatch = posts[0].header("webhook-id");
    let sent = format!("/v2/webhook-dispatches/{dispatch}/request");
    let (_, sent) = stage.api("GET", &sent, None).await;
    let definition = json!({"eventTypes": ["ACTOR.RUN.SUCCEEDED"], "requestUrl": url});
    let previewed = stage
        .api("POST", "/v2/webhooks/preview", Some(&definition))
        .await;
    for shown in [sent, previewed.1] {
        let headers = shown["data"]["headers"].as_array().expect("headers");
        let is_it = |header: &&Value| header["name"] == "Authorization";
        let found: Vec<_> = headers.iter().filter(is_it).collect();
        assert_eq!(
            found,
            [&json!({"name": "Authorization", "value": "Bearer ***"})]
        );
    }
}

/// Other ports, hosts, schemes, redirects, and requests that have a credential of their own.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_but_the_platform_gets_a_credential() {
    let (platform, canary) = (Receiver::start().await, Receiver::start().await);
    let stage = stage_of(&platform).await;
    let token = stage.token();
    let here = platform.url("");
    let port = here.rsplit(':').next().expect("a port");
    let with_user = |user: &str, url: &str| url.replace("http://", &format!("http://{user}@"));
    let urls = [
        canary.url("/port"),
        with_user("127.0.0.1", &canary.url("/user")),
        canary.url(&format!("/@{}", &here["http://".len()..])),
        format!("http://localhost:{port}/host"),
        format!("http://127.0.0.2:{port}/address"),
        format!("https://127.0.0.1:{port}/scheme"),
        platform.url("/token?token=own"),
        platform.url("/escaped?%74oken=own"),
        with_user("me:secret", &platform.url("/basic")),
    ];
    for url in &urls {
        webhook_to(&stage, &token, "SUCCEEDED", "actor1", url).await;
    }
    let own = json!({"headersTemplate": r#"{"authorization": "Bearer own"}"#});
    let anybody = json!({"ignoreSslErrors": true});
    for (path, more) in [("/own", own), ("/anybody", anybody)] {
        let id = webhook_to(&stage, &token, "SUCCEEDED", "actor1", &platform.url(path)).await;
        let place = format!("/v2/webhooks/{id}");
        assert_eq!(stage.api("PUT", &place, Some(&more)).await.0, 200);
    }
    // One that gets it shows that it is there to be seen.
    let good = platform.url("/good");
    webhook_to(&stage, &token, "SUCCEEDED", "actor1", &good).await;
    stage.send(&Run::new("run1").event("SUCCEEDED", 1)).await;
    stage.settled().await;

    let mut seen = Vec::new();
    for post in platform.received().iter().chain(&canary.received()) {
        let authorization = post.headers.get("authorization");
        let authorization = authorization.map(|value| value.to_str().expect("a text"));
        let kind = authorization.map(|value| match value.starts_with("Bearer ey") {
            true => "ours",
            false => value,
        });
        seen.push((post.path.clone(), kind.map(str::to_owned)));
    }
    seen.sort();
    let expected = |path: &str, kind: Option<&str>| (path.to_owned(), kind.map(str::to_owned));
    assert_eq!(
        seen,
        [
            expected(&format!("/@127.0.0.1:{port}"), None),
            expected("/anybody", None),
            expected("/basic", Some("Basic bWU6c2VjcmV0")),
            expected("/escaped", None),
            expected("/good", Some("ours")),
            expected("/host", None),
            expected("/own", Some("Bearer own")),
            expected("/port", None),
            expected("/token", None),
            expected("/user", Some("Basic MTI3LjAuMC4xOg==")),
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn both_public_keys_are_published_while_the_master_key_is_changed() {
    let platform = Receiver::start().await;
    let stage = stage_of(&platform).await;
    let token = stage.token();
    let url = platform.url("/start");
    webhook_to(&stage, &token, "SUCCEEDED", "actor1", &url).await;
    let old = master_key::read(&stage).await["current"].clone();
    let new = json!("0123456789abcdef0123456789abcdef");
    let mut signers = Vec::new();
    for (step, content) in [
        json!({"current": old}),
        json!({"current": old, "next": new}),
        json!({"current": new, "previous": old}),
        json!({"current": new}),
    ]
    .iter()
    .enumerate()
    {
        // Whoever reads the keys just before a step has read what the step after it is signed with.
        let before = keys(&stage).await;
        master_key::put(&stage, content).await;
        stage.advance(STALE);
        let run = format!("run{step}");
        stage.send(&Run::new(&run).event("SUCCEEDED", 1)).await;
        let posts = platform.wait_for(step + 1).await;
        let (_, signer) = verified(credential(&posts[step]), &before);
        let after = keys(&stage).await;
        let lives = content.as_object().expect("keys").len();
        assert_eq!(after.len(), lives, "{content}");
        assert!(after.iter().any(|key| key["kid"] == signer));
        signers.push(signer);
    }
    stage.settled().await;
    assert_eq!((&signers[0], &signers[2]), (&signers[1], &signers[3]));
    assert_ne!(signers[1], signers[2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_credential_is_in_any_log_and_none_without_an_origin() {
    let platform = Receiver::start().await;
    for (origin, expected) in [(platform.url(""), true), (String::new(), false)] {
        let parameters = [
            ("PlatformApiOrigin", origin.as_str()),
            ("LogLevel", "TRACE"),
            ("RetryScheduleSeconds", "1"),
        ];
        let log = Log::of("chains");
        let stage = log.stage(&parameters).await;
        platform.script("/start", &[Answer::Status(500)]);
        let url = platform.url("/start");
        webhook_to(&stage, &stage.token(), "SUCCEEDED", "actor1", &url).await;
        let before = platform.received().len();
        stage.send(&Run::new("run1").event("SUCCEEDED", 1)).await;
        let posts = platform.wait_for(before + 2).await;
        let has_one = |post: &Received| post.headers.contains_key("authorization");
        assert!(posts[before..].iter().all(|post| has_one(post) == expected));
        assert_eq!(keys(&stage).await.len(), usize::from(expected));
        stage.settled().await;
        let written = log.written(stage).await;
        assert!(written.contains("an attempt has failed"));
        // What every JWT begins with.
        assert!(!written.contains("eyJ"));
    }
}
