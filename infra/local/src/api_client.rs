//! A user of the API, and of the stand-in for the job platform.

use anyhow::{Context, Result, ensure};
use axum::body::Bytes;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client as HttpClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use url::form_urlencoded::byte_serialize;

use crate::endpoints::Endpoints;

/// Calls as one user.
#[derive(Clone)]
pub struct Client {
    http: HttpClient<HttpConnector, Full<Bytes>>,
    base: String,
    token: String,
}

impl Client {
    /// The user of this token.
    pub fn new(endpoints: &Endpoints, token: &str) -> Self {
        Self {
            http: HttpClient::builder(TokioExecutor::new()).build_http(),
            base: endpoints.api.clone(),
            token: token.to_owned(),
        }
    }

    /// What a POST answers in `data`.
    pub async fn post(&self, place: &str, body: &Value) -> Result<Value> {
        self.call("POST", place, body.to_string()).await
    }

    /// What a PUT answers in `data`.
    pub async fn put(&self, place: &str, body: &Value) -> Result<Value> {
        self.call("PUT", place, body.to_string()).await
    }

    /// What a GET answers in `data`.
    pub async fn get(&self, place: &str) -> Result<Value> {
        self.call("GET", place, String::new()).await
    }

    /// What a GET answers that has no envelope.
    pub(crate) async fn get_record(&self, place: &str) -> Result<Value> {
        self.answer("GET", place, String::new()).await
    }

    /// Where this is, for others.
    pub(crate) fn url(&self, place: &str) -> String {
        format!("{}{place}", self.base)
    }

    async fn call(&self, method: &str, place: &str, body: String) -> Result<Value> {
        let answer = self.answer(method, place, body).await?;
        let data = answer.get("data").cloned();
        data.with_context(|| format!("{method} {place}: no data"))
    }

    async fn answer(&self, method: &str, place: &str, body: String) -> Result<Value> {
        let request = Request::builder()
            .method(method)
            .uri(self.url(place))
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from(body)))?;
        let answer = self.http.request(request).await?;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        ensure!(
            status.is_success(),
            "{method} {place}: {status}: {}",
            String::from_utf8_lossy(&body)
        );
        Ok(serde_json::from_slice(&body)?)
    }
}

/// Ad hoc webhooks as the parameter of the request that starts a run: base64 of a JSON array,
/// escaped for a URL.
pub fn webhooks_parameter(definitions: &Value) -> String {
    byte_serialize(BASE64_STANDARD.encode(definitions.to_string()).as_bytes()).collect()
}
