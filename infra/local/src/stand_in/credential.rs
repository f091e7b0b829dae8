//! Credentials with which a webhook starts a run: JWTs (RFC 7519) that are signed with Ed25519
//! (RFC 8037), verified as a platform verifies them that knows nothing of who signs: with the keys
//! that the API publishes.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use axum::body::Bytes;
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http_body_util::{BodyExt, Empty};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use parking_lot::Mutex;
use ring::signature::{ED25519, UnparsedPublicKey};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use time::OffsetDateTime;

/// What credentials are verified with.
pub(crate) struct Verifier {
    /// Whom credentials have to be for. Whoever signs them is there, too, and publishes the keys.
    origin: String,
    http: Client<HttpConnector, Empty<Bytes>>,
    /// The keys that were published when one was last not known, by their ids.
    keys: Mutex<BTreeMap<String, Vec<u8>>>,
}

/// Who starts a run, and how many webhooks have led to it.
#[derive(Debug, PartialEq)]
pub(super) struct Start {
    pub(super) user: String,
    pub(super) depth: u32,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: String,
}

#[derive(Deserialize)]
struct Claims {
    aud: String,
    sub: String,
    exp: i64,
    depth: u32,
}

#[derive(Deserialize)]
struct Jwks {
    keys: Vec<Jwk>,
}

#[derive(Deserialize)]
struct Jwk {
    crv: String,
    kid: String,
    x: String,
}

impl Verifier {
    /// Takes credentials for this origin that are signed with keys of the API there.
    pub(crate) fn new(origin: String) -> Self {
        Verifier {
            origin,
            http: Client::builder(TokioExecutor::new()).build_http(),
            keys: Mutex::default(),
        }
    }

    /// What a credential says; `None` for whatever is no credential, or not for us, or was one.
    pub(super) async fn verified(&self, jwt: &str, now: OffsetDateTime) -> Result<Option<Start>> {
        let Some((message, signature)) = jwt.rsplit_once('.') else {
            return Ok(None);
        };
        let Some((header, claims)) = message.split_once('.') else {
            return Ok(None);
        };
        let Some(header) = decoded::<Header>(header).filter(|header| header.alg == "EdDSA") else {
            return Ok(None);
        };
        let Some(key) = self.key(&header.kid).await? else {
            return Ok(None);
        };
        let Ok(signature) = URL_SAFE_NO_PAD.decode(signature) else {
            return Ok(None);
        };
        let key = UnparsedPublicKey::new(&ED25519, key);
        if key.verify(message.as_bytes(), &signature).is_err() {
            return Ok(None);
        }
        let is_valid = |claims: &Claims| {
            claims.aud == self.origin && claims.exp > now.unix_timestamp() && claims.depth > 0
        };
        let claims = decoded::<Claims>(claims).filter(is_valid);
        Ok(claims.map(|Claims { sub, depth, .. }| Start { user: sub, depth }))
    }

    /// The key with this id. Who does not know it asks for all that there are.
    async fn key(&self, id: &str) -> Result<Option<Vec<u8>>> {
        if let Some(known) = self.keys.lock().get(id) {
            return Ok(Some(known.clone()));
        }
        let published = self.published().await?;
        let mut keys = self.keys.lock();
        *keys = published;
        Ok(keys.get(id).cloned())
    }

    async fn published(&self) -> Result<BTreeMap<String, Vec<u8>>> {
        let url = format!("{}/v2/jwks.json", self.origin);
        let answer = self.http.get(url.parse()?).await?;
        ensure!(
            answer.status() == StatusCode::OK,
            "the API's keys cannot be read: it answers {}",
            answer.status()
        );
        let body = answer.into_body().collect().await?.to_bytes();
        let jwks: Jwks = serde_json::from_slice(&body).context("the API's keys are no JWKS")?;
        let keys = jwks.keys.into_iter().filter(|key| key.crv == "Ed25519");
        keys.map(|key| Ok((key.kid, URL_SAFE_NO_PAD.decode(key.x)?)))
            .collect()
    }
}

fn decoded<T: DeserializeOwned>(part: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::routing::get;
    use ring::signature::{Ed25519KeyPair, KeyPair};
    use serde_json::{Value, json};
    use tokio::net::TcpListener;

    use super::*;

    fn key(seed: u8) -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
    }

    fn encoded(part: &Value) -> String {
        URL_SAFE_NO_PAD.encode(part.to_string())
    }

    fn signed(header: &Value, claims: &Value, seed: u8) -> String {
        let message = format!("{}.{}", encoded(header), encoded(claims));
        let signature = URL_SAFE_NO_PAD.encode(key(seed).sign(message.as_bytes()));
        format!("{message}.{signature}")
    }

    /// What trusts an API that publishes the key of the seed 1 as "one".
    async fn verifier() -> Verifier {
        let x = URL_SAFE_NO_PAD.encode(key(1).public_key());
        let jwks = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "one", "x": x}]});
        let answer = move || async move { jwks.to_string() };
        let api = Router::new().route("/v2/jwks.json", get(answer));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, api).await });
        Verifier::new(origin)
    }

    #[tokio::test]
    async fn a_credential_counts_that_is_signed_for_us_and_still_valid() {
        let verifier = verifier().await;
        let header = json!({"alg": "EdDSA", "kid": "one"});
        let claims = json!({"aud": verifier.origin, "sub": "user1", "exp": 1000, "depth": 2});
        let with = |what: &Value, name: &str, value: Value| {
            let mut with = what.clone();
            with[name] = value;
            with
        };
        let good = signed(&header, &claims, 1);
        let (message, signature) = good.rsplit_once('.').unwrap();
        let others = encoded(&with(&claims, "sub", json!("user2")));
        for (jwt, is_good) in [
            (good.clone(), true),
            (signed(&header, &claims, 2), false),
            (
                signed(&with(&header, "kid", json!("two")), &claims, 1),
                false,
            ),
            (
                signed(&with(&header, "alg", json!("none")), &claims, 1),
                false,
            ),
            (
                signed(&with(&header, "alg", json!("HS256")), &claims, 1),
                false,
            ),
            (
                signed(
                    &header,
                    &with(&claims, "aud", json!("http://127.0.0.1:4401")),
                    1,
                ),
                false,
            ),
            (signed(&header, &with(&claims, "exp", json!(999)), 1), false),
            (
                signed(&header, &with(&claims, "exp", json!("1001")), 1),
                false,
            ),
            (
                signed(&header, &with(&claims, "depth", Value::Null), 1),
                false,
            ),
            (format!("{}.{others}.{signature}", encoded(&header)), false),
            (format!("{message}."), false),
            (message.to_owned(), false),
            ("..".to_owned(), false),
            (String::new(), false),
        ] {
            let now = OffsetDateTime::from_unix_timestamp(999).unwrap();
            let found = verifier.verified(&jwt, now).await.unwrap();
            let expected = is_good.then(|| Start {
                user: "user1".to_owned(),
                depth: 2,
            });
            assert_eq!(found, expected, "{jwt}");
        }
    }
}
