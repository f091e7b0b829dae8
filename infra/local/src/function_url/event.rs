//! The event of a function URL, payload version 2.0.

use std::collections::BTreeMap;

use axum::http::HeaderMap;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE, COOKIE, HOST, USER_AGENT};
use axum::http::request::Parts;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::macros::format_description;
use uuid::Uuid;

/// Only loopback is served.
const SOURCE: &str = "127.0.0.1";

/// The event for a request, as JSON.
pub fn of(head: &Parts, body: &[u8]) -> String {
    let query = head.uri.query().unwrap_or_default();
    let mut event = Map::from_iter([
        ("version".to_owned(), json!("2.0")),
        ("routeKey".to_owned(), json!("$default")),
        ("rawPath".to_owned(), json!(head.uri.path())),
        ("rawQueryString".to_owned(), json!(query)),
        ("headers".to_owned(), json!(headers_of(&head.headers))),
        ("requestContext".to_owned(), context_of(head)),
    ]);
    let cookies = cookies_of(&head.headers);
    if !cookies.is_empty() {
        event.insert("cookies".to_owned(), json!(cookies));
    }
    let parameters = parameters_of(query);
    if !parameters.is_empty() {
        event.insert("queryStringParameters".to_owned(), json!(parameters));
    }
    let (body, is_base64) = body_of(&head.headers, body);
    event.extend(body.map(|body| ("body".to_owned(), json!(body))));
    event.insert("isBase64Encoded".to_owned(), json!(is_base64));
    Value::Object(event).to_string()
}

fn context_of(head: &Parts) -> Value {
    let now = OffsetDateTime::now_utc();
    let format =
        format_description!("[day]/[month repr:short]/[year]:[hour]:[minute]:[second] +0000");
    let text = |header| {
        head.headers
            .get(header)
            .and_then(|value| value.to_str().ok())
    };
    json!({
        "accountId": "anonymous",
        "apiId": "local",
        "domainName": text(HOST).unwrap_or_default(),
        "domainPrefix": "local",
        "http": {
            "method": head.method.as_str(),
            "path": head.uri.path(),
            "protocol": "HTTP/1.1",
            "sourceIp": SOURCE,
            "userAgent": text(USER_AGENT).unwrap_or_default(),
        },
        "requestId": Uuid::new_v4().to_string(),
        "routeKey": "$default",
        "stage": "$default",
        "time": now.format(&format).unwrap_or_default(),
        "timeEpoch": u64::try_from(now.unix_timestamp_nanos() / 1_000_000).unwrap_or_default(),
    })
}

fn headers_of(headers: &HeaderMap) -> BTreeMap<&str, String> {
    let mut joined = BTreeMap::from([
        ("x-forwarded-for", SOURCE.to_owned()),
        ("x-forwarded-proto", "http".to_owned()),
    ]);
    for name in headers.keys().filter(|name| *name != COOKIE) {
        let values = headers.get_all(name).iter();
        let values: Vec<_> = values
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
            .collect();
        joined.insert(name.as_str(), values.join(","));
    }
    joined
}

fn cookies_of(headers: &HeaderMap) -> Vec<String> {
    let values = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    values
        .flat_map(|value| value.split(';'))
        .map(|cookie| cookie.trim().to_owned())
        .collect()
}

fn parameters_of(query: &str) -> BTreeMap<String, String> {
    let mut parameters: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        parameters
            .entry(name.into_owned())
            .and_modify(|values| {
                values.push(',');
                values.push_str(&value);
            })
            .or_insert_with(|| value.clone().into_owned());
    }
    parameters
}

/// The body as text where it is text, in base64 otherwise; `None` where there is none.
fn body_of(headers: &HeaderMap, body: &[u8]) -> (Option<String>, bool) {
    if body.is_empty() {
        return (None, false);
    }
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    let kind = kind
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let is_text = kind.starts_with("text/")
        || matches!(
            kind.as_str(),
            "application/json" | "application/javascript" | "application/xml"
        );
    match std::str::from_utf8(body) {
        Ok(text) if is_text && !headers.contains_key(CONTENT_ENCODING) => {
            (Some(text.to_owned()), false)
        }
        _ => (Some(BASE64_STANDARD.encode(body)), true),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn event(request: axum::http::request::Builder, body: &[u8]) -> Value {
        let (head, ()) = request.body(()).unwrap().into_parts();
        serde_json::from_str(&of(&head, body)).unwrap()
    }

    #[test]
    fn a_request_becomes_an_event() {
        let request = Request::post("http://x/v2/a%20b?limit=1&tag=a&tag=b%2Cc")
            .header("Content-Type", "application/json; charset=utf-8")
            .header("X-Many", "1")
            .header("X-Many", "2")
            .header("Cookie", "a=1; b=2");
        let event = event(request, br#"{"a":1}"#);
        assert_eq!(event["rawPath"], "/v2/a%20b");
        assert_eq!(event["rawQueryString"], "limit=1&tag=a&tag=b%2Cc");
        assert_eq!(
            event["queryStringParameters"],
            json!({ "limit": "1", "tag": "a,b,c" })
        );
        assert_eq!(event["headers"]["x-many"], "1,2");
        assert_eq!(event["headers"].get("cookie"), None);
        assert_eq!(event["cookies"], json!(["a=1", "b=2"]));
        assert_eq!(event["requestContext"]["http"]["method"], "POST");
        assert_eq!(
            (&event["body"], &event["isBase64Encoded"]),
            (&json!(r#"{"a":1}"#), &json!(false))
        );
    }

    #[test]
    fn a_body_that_is_not_text_is_in_base64() {
        let compressed = Request::post("http://x/")
            .header("content-type", "application/json")
            .header("content-encoding", "gzip");
        let event = event(compressed, b"{}");
        assert_eq!(
            (&event["body"], &event["isBase64Encoded"]),
            (&json!("e30="), &json!(true))
        );
    }

    #[test]
    fn a_request_without_body_has_none() {
        let event = event(Request::get("http://x/"), b"");
        assert_eq!(
            (event.get("body"), &event["isBase64Encoded"]),
            (None, &json!(false))
        );
    }
}
