//! Lambda's own HTTP API: `POST /2015-03-31/functions/{name}/invocations`.

use axum::body::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};

use crate::fixture::{http, nothing, start, told};

async fn post(url: &str, kind: &str, body: String) -> Response<Bytes> {
    http(
        Request::post(url).header("x-amz-invocation-type", kind),
        body,
    )
    .await
}

#[tokio::test]
async fn an_answer_and_an_error_are_told_apart_by_a_header() {
    let platform = start().await;
    let url = &platform.endpoints().functions["plain"];
    let good = post(url, "RequestResponse", nothing().to_string()).await;
    assert_eq!(
        (
            good.status().as_u16(),
            good.headers().get("x-amz-function-error")
        ),
        (200, None)
    );
    let bad = post(url, "RequestResponse", json!({ "do": "fail" }).to_string()).await;
    assert_eq!(
        (
            bad.status().as_u16(),
            &bad.headers()["x-amz-function-error"]
        ),
        (200, &"Unhandled".parse().unwrap())
    );
    let error: Value = serde_json::from_slice(bad.body()).unwrap();
    assert_eq!(error["errorMessage"], "told to fail");
}

#[tokio::test]
async fn an_event_is_accepted_at_once_and_carried_out_later() {
    let platform = start().await;
    let order = json!({ "do": "send", "texts": ["later"] });
    let response = post(
        &platform.endpoints().functions["plain"],
        "Event",
        order.to_string(),
    )
    .await;
    assert_eq!(response.status(), 202);
    assert_eq!(told(&platform).await, "later");
}

#[tokio::test]
async fn bad_requests_are_refused_as_lambda_does() {
    let platform = start().await;
    let url = &platform.endpoints().functions["plain"];
    let unknown = url.replace("/plain/", "/nobody/");
    let [large, huge, over_1_mb] =
        [7, 20, 2].map(|megabytes| format!("\"{}\"", "x".repeat(megabytes * 1024 * 1024)));
    let cases = [
        (
            unknown.as_str(),
            "RequestResponse",
            "{}",
            404,
            "ResourceNotFoundException",
        ),
        (
            url,
            "RequestResponse",
            large.as_str(),
            413,
            "RequestTooLargeException",
        ),
        (
            url,
            "RequestResponse",
            huge.as_str(),
            413,
            "RequestTooLargeException",
        ),
        (
            url,
            "Event",
            over_1_mb.as_str(),
            413,
            "RequestTooLargeException",
        ),
        (
            url,
            "RequestResponse",
            "{",
            400,
            "InvalidRequestContentException",
        ),
        (url, "Whatever", "{}", 400, "InvalidParameterValueException"),
    ];
    for (url, kind, body, status, error) in cases {
        let response = post(url, kind, body.to_owned()).await;
        assert_eq!(
            (
                response.status().as_u16(),
                &response.headers()["x-amzn-errortype"]
            ),
            (status, &error.parse().unwrap())
        );
    }
}
