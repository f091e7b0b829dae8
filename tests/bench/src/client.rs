//! What is asked of a platform from outside: webhooks, tokens, and how large its tables have
//! become.

use anyhow::{Context, Result, ensure};
use axum::body::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use local::endpoints::Endpoints;
use serde_json::{Value, json};

/// The database wants to be shown a signature, and looks no further.
const UNCHECKED_SIGNATURE: &str = "AWS4-HMAC-SHA256 Credential=bench/20261101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=00";

/// A webhook that is called when a run of the actor succeeds.
pub(super) fn definition(actor: &str, url: &str) -> Value {
    json!({
        "eventTypes": ["ACTOR.RUN.SUCCEEDED"],
        "condition": { "actorId": actor },
        "requestUrl": url,
    })
}

/// Defines a webhook of the token's user through the API, as a user does, and says its id.
pub(super) async fn define_webhook(
    endpoints: &Endpoints,
    token: &str,
    definition: &Value,
) -> Result<String> {
    let url = format!("{}/v2/webhooks", endpoints.api);
    let answer = post_as(token, &url, definition).await?;
    let answer = answer.json(&url)?;
    let id = answer["data"]["id"].as_str();
    Ok(id.context("a new webhook has no id")?.to_owned())
}

/// Asks for a test delivery of a webhook. Tells whether that was taken: so many are answered with
/// "too many requests".
pub(super) async fn try_out(api: &str, token: &str, webhook: &str) -> Result<bool> {
    let url = format!("{api}/v2/webhooks/{webhook}/test");
    let answer = post_as(token, &url, &json!({})).await?;
    if answer.status == StatusCode::TOO_MANY_REQUESTS {
        return Ok(false);
    }
    answer.json(&url)?;
    Ok(true)
}

/// The bytes in a table, and the items.
pub(super) async fn size_of_table(endpoints: &Endpoints, id: &str) -> Result<(f64, f64)> {
    let name = table(endpoints, id)?;
    let answer = call_database(endpoints, "DescribeTable", &json!({ "TableName": name })).await?;
    let number = |what: &str| {
        let number = answer["Table"][what].as_f64();
        number.with_context(|| format!("the description of table {name} has no {what}"))
    };
    Ok((number("TableSizeBytes")?, number("ItemCount")?))
}

pub(super) fn table<'a>(endpoints: &'a Endpoints, id: &str) -> Result<&'a String> {
    let name = endpoints.tables.get(id);
    name.with_context(|| format!("there is no table {id}"))
}

/// Calls the database past everything that meters it.
pub(super) async fn call_database(
    endpoints: &Endpoints,
    operation: &str,
    request: &Value,
) -> Result<Value> {
    let target = format!("DynamoDB_20120810.{operation}");
    let headers = [
        ("x-amz-target", target.as_str()),
        ("content-type", "application/x-amz-json-1.0"),
        ("authorization", UNCHECKED_SIGNATURE),
        ("x-amz-date", "20261101T000000Z"),
    ];
    let url = &endpoints.dynamodb;
    post(url, &headers, request).await?.json(url)
}

/// What was answered.
struct Answer {
    status: StatusCode,
    body: Bytes,
}

impl Answer {
    /// What it says, if it is good.
    fn json(&self, url: &str) -> Result<Value> {
        let Self { status, body } = self;
        ensure!(
            status.is_success(),
            "{url} answered {status}: {}",
            String::from_utf8_lossy(body)
        );
        Ok(serde_json::from_slice(body)?)
    }
}

async fn post_as(token: &str, url: &str, body: &Value) -> Result<Answer> {
    let authorization = format!("Bearer {token}");
    let headers = [
        ("authorization", authorization.as_str()),
        ("content-type", "application/json"),
    ];
    post(url, &headers, body).await
}

async fn post(url: &str, headers: &[(&str, &str)], body: &Value) -> Result<Answer> {
    let mut request = Request::builder().method("POST").uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::new(Bytes::from(body.to_string())))?;
    let http = Client::builder(TokioExecutor::new()).build_http();
    let answer = http.request(request).await?;
    Ok(Answer {
        status: answer.status(),
        body: answer.into_body().collect().await?.to_bytes(),
    })
}
