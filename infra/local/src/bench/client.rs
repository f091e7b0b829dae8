//! What is asked of a platform from outside: a webhook, and how large its tables have become.

use anyhow::{Context, Result, ensure};
use axum::body::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

use crate::endpoints::Endpoints;

/// The database wants to be shown a signature, and looks no further.
const UNCHECKED_SIGNATURE: &str = "AWS4-HMAC-SHA256 Credential=bench/20261101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=00";

/// Defines a webhook through the API, as a user does.
pub(super) async fn define_webhook(endpoints: &Endpoints, definition: &Value) -> Result<()> {
    let authorization = format!("Bearer {}", endpoints.token);
    let headers = [
        ("authorization", authorization.as_str()),
        ("content-type", "application/json"),
    ];
    let url = format!("{}/v2/webhooks", endpoints.api);
    post(&url, &headers, definition).await?;
    Ok(())
}

/// The bytes in a table, and the items.
pub(super) async fn size_of_table(endpoints: &Endpoints, id: &str) -> Result<(f64, f64)> {
    let name = endpoints.tables.get(id);
    let name = name.with_context(|| format!("there is no table {id}"))?;
    let headers = [
        ("x-amz-target", "DynamoDB_20120810.DescribeTable"),
        ("content-type", "application/x-amz-json-1.0"),
        ("authorization", UNCHECKED_SIGNATURE),
        ("x-amz-date", "20261101T000000Z"),
    ];
    let answer = post(&endpoints.dynamodb, &headers, &json!({ "TableName": name })).await?;
    let number = |what: &str| {
        let number = answer["Table"][what].as_f64();
        number.with_context(|| format!("the description of table {name} has no {what}"))
    };
    Ok((number("TableSizeBytes")?, number("ItemCount")?))
}

async fn post(url: &str, headers: &[(&str, &str)], body: &Value) -> Result<Value> {
    let mut request = Request::builder().method("POST").uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::new(Bytes::from(body.to_string())))?;
    let http = Client::builder(TokioExecutor::new()).build_http();
    let answer = http.request(request).await?;
    let status = answer.status();
    let body = answer.into_body().collect().await?.to_bytes();
    ensure!(
        status.is_success(),
        "{url} answered {status}: {}",
        String::from_utf8_lossy(&body)
    );
    Ok(serde_json::from_slice(&body)?)
}
