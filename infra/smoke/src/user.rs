//! A user of the API, made for this run of the command: a token of its own, and what it can ask.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use domain::api_token::{ApiToken, TokenId};
use domain::id::UserId;
use reqwest::{Client, Method};
use serde_json::Value;
use tokio::time::sleep;

use crate::web::{self, Answer};

/// How often the API is asked in all before its refusal counts.
const ATTEMPTS: u32 = 8;

/// How many of a list are asked for at a time: as many as there may be.
const PAGE: usize = 1000;

/// Somebody with a token.
pub(crate) struct User {
    pub(crate) id: UserId,
    token: ApiToken,
    http: Client,
    /// Where the API is.
    base: String,
    /// Whether it was asked for anything yet.
    has_asked: AtomicBool,
}

impl User {
    /// A user that nobody knows of yet, with a token that nobody knows of either.
    pub(crate) fn new(name: &str, api: &str, http: &Client) -> Result<Self> {
        Ok(User {
            id: UserId::parse(name)?,
            token: ApiToken::from_bytes(runtime::chance::bytes()?),
            http: http.clone(),
            base: api.to_owned(),
            has_asked: AtomicBool::new(false),
        })
    }

    pub(crate) fn token_id(&self) -> TokenId {
        self.token.id()
    }

    /// Whether it can have made anything.
    pub(crate) fn has_asked(&self) -> bool {
        self.has_asked.load(Ordering::Relaxed)
    }

    /// What a GET answers in `data`.
    pub(crate) async fn get(&self, path: &str) -> Result<Value> {
        self.data(Method::GET, path, None).await
    }

    /// What a POST answers in `data`; `null` is no body.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let body = Some(body).filter(|body| !body.is_null());
        self.data(Method::POST, path, body).await
    }

    /// What a PUT answers in `data`.
    pub(crate) async fn put(&self, path: &str, body: &Value) -> Result<Value> {
        self.data(Method::PUT, path, Some(body)).await
    }

    /// Every item of a list.
    pub(crate) async fn list(&self, path: &str) -> Result<Vec<Value>> {
        let mut all = Vec::new();
        loop {
            let offset = all.len();
            let page = format!("{path}?offset={offset}&limit={PAGE}");
            let page = self.get(&page).await?;
            let items = page["items"].as_array().context("no items in a list")?;
            all.extend(items.iter().cloned());
            if items.len() < PAGE {
                return Ok(all);
            }
        }
    }

    /// What the API answers, whatever it is.
    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Answer> {
        self.has_asked.store(true, Ordering::Relaxed);
        let token = Some(self.token.reveal());
        ask(
            &self.http,
            method,
            &format!("{}{path}", self.base),
            token,
            body,
        )
        .await
    }

    /// What the API answers to somebody with another token, or with none.
    pub(crate) async fn ask_as(&self, token: Option<&str>, path: &str) -> Result<Answer> {
        let url = format!("{}{path}", self.base);
        ask(&self.http, Method::GET, &url, token, None).await
    }

    async fn data(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value> {
        let mut answer = self.ask(method.clone(), path, body).await?;
        if !answer.is_success() {
            let message = answer.body["error"]["message"].as_str().unwrap_or_default();
            bail!(ApiRefusal {
                what: format!("{method} {path}"),
                status: answer.status,
                message: message.to_owned(),
            });
        }
        Ok(answer.body["data"].take())
    }
}

/// What the API says instead of doing what it is asked to.
#[derive(Debug, thiserror::Error)]
#[error("{what}: HTTP {status}: {message}")]
pub(crate) struct ApiRefusal {
    what: String,
    pub(crate) status: u16,
    pub(crate) message: String,
}

/// Asks again where the fault is not the caller's, as every client of the API should.
async fn ask(
    http: &Client,
    method: Method,
    url: &str,
    token: Option<&str>,
    body: Option<&Value>,
) -> Result<Answer> {
    let mut attempt = 1;
    loop {
        let answer = web::ask(http, method.clone(), url, token, body).await;
        let is_final = match &answer {
            Ok(answer) => answer.status < 500 && answer.status != 429,
            Err(_) => false,
        };
        if is_final || attempt == ATTEMPTS {
            return answer.with_context(|| format!("{method} {url}"));
        }
        sleep(Duration::from_millis(300) * attempt).await;
        attempt += 1;
    }
}
