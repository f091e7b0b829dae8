//! Tokens that are refused, and functions that are not started.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::USER;
use crate::log::Log;
use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn every_token_that_is_not_good_is_refused_with_the_same_words_and_none_is_logged() {
    let log = Log::of("platform_tokens");
    let stage = log.stage(&[("LogLevel", "TRACE")]).await;
    let good = stage.user_token(USER, json!({}));
    let [header, claims, signature] = good.split('.').collect::<Vec<_>>()[..] else {
        panic!("{good}")
    };
    let other = URL_SAFE_NO_PAD.encode(json!({"sub": "stranger1"}).to_string());
    let none = URL_SAFE_NO_PAD.encode(json!({"alg": "none"}).to_string());
    let hs256 = URL_SAFE_NO_PAD.encode(json!({"alg": "HS256"}).to_string());
    let now = |seconds: i64| json!(time::OffsetDateTime::now_utc().unix_timestamp() + seconds);
    let bad = [
        "a.b.c".to_owned(),
        "no-such-token".to_owned(),
        format!("{header}.{other}.{signature}"),
        format!("{header}.{claims}."),
        format!("{none}.{claims}."),
        format!("{hs256}.{claims}.{signature}"),
        stage.user_token(USER, json!({"exp": now(-3600)})),
        stage.user_token(USER, json!({"exp": now(2 * 24 * 60 * 60)})),
        stage.user_token(USER, json!({"nbf": now(3600)})),
        stage.user_token(USER, json!({"aud": "another"})),
        stage.user_token(USER, json!({"iss": "another"})),
        stage.user_token(USER, json!({"sub": "no user"})),
        stage.user_token(USER, json!({"more": "x".repeat(4000)})),
    ];
    let expected = json!({"error": {"type": "user-or-token-not-found", "message": "the API token is not valid"}});
    for token in &bad {
        let answer = stage.api_as(token, "GET", "/v2/webhooks", None).await;
        assert_eq!(answer, (401, expected.clone()), "{token}");
    }
    assert_eq!(
        stage.api_as(&good, "GET", "/v2/webhooks", None).await.0,
        200
    );
    let written = log.written(stage).await;
    assert!(
        written.contains("a platform token was refused"),
        "{written}"
    );
    for token in bad.iter().chain([&good]).filter(|token| token.len() > 20) {
        let parts = token.split('.').filter(|part| part.len() > 20);
        for part in parts {
            assert!(!written.contains(part), "{part}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_ends_when_it_says_so() {
    let stage = Stage::new().await;
    let token = stage.user_token(USER, json!({}));
    let status = async || stage.api_as(&token, "GET", "/v2/webhooks", None).await.0;
    assert_eq!(status().await, 200);
    stage.advance(Duration::from_secs(24 * 60 * 60 + 90));
    assert_eq!(status().await, 401);
}

/// A platform whose API was told of no keys takes none of its tokens.
#[tokio::test(flavor = "multi_thread")]
async fn without_keys_no_token_of_the_platform_is_taken() {
    let stage = Stage::with(&[("TokenKeys", "")]).await;
    let token = stage.user_token(USER, json!({}));
    let (status, answer) = stage.api_as(&token, "GET", "/v2/webhooks", None).await;
    assert_eq!(
        (status, &answer["error"]["type"]),
        (401, &Value::from("user-or-token-not-found"))
    );
    assert_eq!(stage.api("GET", "/v2/webhooks", None).await.0, 200);
}
