//! What is answered without asking anybody: no database is behind these.

mod browsers;
mod console;
mod scopes;

use std::time::Duration;

use super::*;
use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use serde_json::{Value, json};
use store::{Limits, Tables};
use tower::ServiceExt;

use crate::platform_tokens::PlatformTokens;
use crate::{Config, Rates};

/// An API that no database is behind.
fn api() -> Router {
    api_trusting(None)
}

/// The same, which takes tokens of this platform.
fn api_trusting(platform_tokens: Option<PlatformTokens>) -> Router {
    let aws = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .retry_config(RetryConfig::disabled())
        .build();
    let tables = Tables {
        webhooks: "secret-table".to_owned(),
        dispatches: "secret-table".to_owned(),
    };
    let limits = Limits {
        standing_per_user: 100,
        ad_hoc_per_run: 20,
    };
    let config = Config {
        tables,
        event_queue_url: "secret-queue".to_owned(),
        delivery_queue_url: "secret-queue".to_owned(),
        master_key_arn: "secret-key".to_owned(),
        limits,
        rates: Rates {
            tests: 1,
            redeliveries: 1,
            changes: 1,
            heavy_reads: 1,
        },
        record: Duration::ZERO,
        console_origins: "'self'".to_owned(),
        targets: domain::target::Targets::default(),
        platform_tokens,
        platform_api: None,
    };
    Api::new(&aws, config).router()
}

pub(crate) async fn ask(method: &str, path: &str) -> (StatusCode, HeaderMap, String) {
    ask_with(method, path, &[]).await
}

async fn ask_with(
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
) -> (StatusCode, HeaderMap, String) {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = api()
        .oneshot(request.body(Body::empty()).unwrap())
        .await
        .unwrap();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let body = String::from_utf8(body.into()).unwrap();
    (parts.status, parts.headers, body)
}

fn error(kind: &str, message: &str) -> Value {
    json!({"error": {"type": kind, "message": message}})
}

#[tokio::test]
async fn what_is_refused_without_asking_anybody_has_its_envelope() {
    let no_token = error(
        "user-or-token-not-found",
        "no API token was sent; send it in the header \"Authorization: Bearer <token>\"",
    );
    let page = |path: &str| error("page-not-found", &format!("there is no page {path:?}"));
    let methods = |list: &str| {
        let message = format!("the methods allowed here are {list}");
        error("method-not-allowed", &message)
    };
    for (method, path, status, expected) in [
        ("GET", "/v2/webhooks", 401, no_token.clone()),
        ("POST", "/v2/webhooks", 401, no_token.clone()),
        ("GET", "/v2/webhooks/x", 401, no_token.clone()),
        ("DELETE", "/v2/webhooks/x", 401, no_token.clone()),
        ("GET", "/v2/webhooks/%ff", 401, no_token.clone()),
        ("GET", "/v2/webhooks/x/dispatches", 401, no_token),
        ("GET", "/", 404, page("/")),
        ("GET", "/v2/webhooks/", 404, page("/v2/webhooks/")),
        ("POST", "/v2/nothing?token=x", 404, page("/v2/nothing")),
        ("PATCH", "/v2/webhooks", 405, methods("GET, HEAD, POST")),
        ("OPTIONS", "/v2/webhooks", 405, methods("GET, HEAD, POST")),
        (
            "POST",
            "/v2/webhooks/x",
            405,
            methods("GET, HEAD, PUT, DELETE"),
        ),
        (
            "TRACE",
            "/v2/webhooks/x/dispatches",
            405,
            methods("GET, HEAD"),
        ),
    ] {
        let (found, headers, body) = ask(method, path).await;
        assert_eq!(found.as_u16(), status, "{method} {path}");
        assert_eq!(
            headers[header::CONTENT_TYPE],
            "application/json; charset=utf-8"
        );
        assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(body, expected, "{method} {path}");
    }
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let (_, headers, _) = ask("POST", "/v2/webhooks/x").await;
    assert_eq!(headers[header::ALLOW], "GET,HEAD,PUT,DELETE");
}

#[tokio::test]
async fn head_has_the_headers_of_get_and_no_body() {
    let (status, headers, body) = ask("HEAD", "/v2/webhooks").await;
    assert_eq!((status.as_u16(), body.as_str()), (401, ""));
    assert_eq!(
        headers[header::CONTENT_TYPE],
        "application/json; charset=utf-8"
    );
}

#[tokio::test]
async fn what_goes_wrong_inside_stays_inside() {
    let (status, _, body) = ask("GET", "/v2/webhooks?token=x").await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    let expected = error(
        "internal-server-error",
        "an internal error has occurred; try again later",
    );
    assert_eq!(serde_json::from_str::<Value>(&body).unwrap(), expected);
}

#[tokio::test]
async fn the_query_can_ask_for_another_method() {
    for (method, path, status) in [
        ("GET", "/v2/webhooks/x?method=POST", 405),
        ("POST", "/v2/webhooks/x?method=delete", 401),
        ("POST", "/v2/webhooks/x?limit=5&method=Put", 401),
        ("PATCH", "/v2/webhooks/x?method=GET", 401),
        ("GET", "/v2/webhooks/x/test?method=POST", 401),
        ("GET", "/v2/nothing?method=POST", 404),
        ("OPTIONS", "/v2/webhooks?method=HEAD", 401),
    ] {
        assert_eq!(ask(method, path).await.0, status, "{method} {path}");
    }
    let (status, _, body) = ask("GET", "/v2/webhooks?method=PATCH").await;
    let expected = error(
        "invalid-parameter",
        "method: expected one of GET, HEAD, POST, PUT, DELETE, found \"PATCH\"",
    );
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(serde_json::from_str::<Value>(&body).unwrap(), expected);
    for method in ["", "TRACE", "CONNECT", "GET%20"] {
        let path = format!("/v2/nothing?method={method}");
        assert_eq!(ask("GET", &path).await.0, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn head_has_no_body_whether_it_is_sent_or_asked_for() {
    for (method, asked_for) in [("HEAD", "GET"), ("GET", "HEAD")] {
        let path = format!("/v2/openapi.json?method={asked_for}");
        let (status, _, body) = ask(method, &path).await;
        assert_eq!(status, StatusCode::OK);
        assert!(body.is_empty(), "{} bytes", body.len());
    }
}

#[tokio::test]
async fn a_delivery_changes_nothing_and_may_read() {
    let of_delivery = [("X-Apify-Webhook-Dispatch-Id", "S1")];
    let refused = error(
        "insufficient-permissions",
        "webhook deliveries may not change anything here; this request has the header X-Apify-Webhook-Dispatch-Id",
    );
    for (method, path, status) in [
        ("POST", "/v2/webhooks", 403),
        ("POST", "/v2/acts/a/webhooks", 403),
        ("PUT", "/v2/webhooks/x", 403),
        ("DELETE", "/v2/webhooks/x", 403),
        ("POST", "/v2/webhooks/x/test", 403),
        ("GET", "/v2/webhooks/x/test?method=POST", 403),
        ("GET", "/v2/webhooks?method=Post", 403),
        ("POST", "/v2/webhook-dispatches/x/redeliver", 403),
        ("POST", "/v2/webhooks/x/redeliver-failed", 403),
        ("POST", "/v2/webhooks/x/secret/rotate", 403),
        // Reads, which ask for a token as always.
        ("GET", "/v2/webhooks", 401),
        ("HEAD", "/v2/webhooks", 401),
        ("POST", "/v2/webhooks?method=GET", 401),
    ] {
        let (found, _, body) = ask_with(method, path, &of_delivery).await;
        assert_eq!(found.as_u16(), status, "{method} {path}");
        if status == 403 {
            assert_eq!(serde_json::from_str::<Value>(&body).unwrap(), refused);
        }
    }
}
