//! HTTP to a function and back.

use http::Request;
use serde_json::Value;

use crate::fixture::{http, start};

#[tokio::test]
async fn a_request_reaches_the_function_and_its_answer_the_client() {
    let platform = start().await;
    let url = format!("{}/v2/things?limit=5", platform.endpoints().api);
    let request = Request::put(url).header("content-type", "application/json");
    let response = http(request, r#"{"a":1}"#).await;
    assert_eq!(
        (
            response.status().as_u16(),
            &response.headers()["x-answered-by"]
        ),
        (201, &"fixture".parse().unwrap())
    );
    let cookies = response.headers().get_all("set-cookie").iter();
    assert_eq!(cookies.collect::<Vec<_>>(), ["a=1", "b=2"]);
    let event: Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(event["requestContext"]["http"]["method"], "PUT");
    assert_eq!(
        (&event["rawPath"], &event["rawQueryString"]),
        (&"/v2/things".into(), &"limit=5".into())
    );
    assert_eq!(
        (&event["body"], &event["isBase64Encoded"]),
        (&r#"{"a":1}"#.into(), &false.into())
    );
}
