//! Requests that are deliveries of webhooks. They change nothing: a webhook that is sent to its own
//! trial, or that defines another one, would go on for ever.

use axum::extract::Request;
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::error::ApiError;

/// What every delivery carries, and no client does. What begins a delivery's headers is no secret,
/// and this is no protection from whoever leaves them out: it breaks circles.
const HEADERS: [&str; 3] = [
    "X-Apify-Webhook",
    "X-Apify-Webhook-Dispatch-Id",
    "webhook-id",
];
/// Others may say where a request comes from, too; deliveries say this.
const ORIGIN: &str = "X-Apify-Request-Origin";
const WEBHOOK: &str = "WEBHOOK";

/// Passes a request on, unless it is a delivery that asks for more than to read. Must see the
/// method that the query asks for.
pub(crate) async fn refuse(request: Request, next: Next) -> Response {
    let reads = [Method::GET, Method::HEAD, Method::OPTIONS].contains(request.method());
    match header_of_delivery(request.headers()) {
        Some(header) if !reads => ApiError::FromDelivery(header).into_response(),
        _ => next.run(request).await,
    }
}

fn header_of_delivery(headers: &HeaderMap) -> Option<&'static str> {
    let found = HEADERS.into_iter().find(|name| headers.contains_key(*name));
    let from_webhook = || {
        let mut origins = headers.get_all(ORIGIN).iter();
        let is_webhook = |value: &[u8]| value.trim_ascii().eq_ignore_ascii_case(WEBHOOK.as_bytes());
        origins
            .any(|origin| {
                origin
                    .as_bytes()
                    .split(|byte| *byte == b',')
                    .any(is_webhook)
            })
            .then_some(ORIGIN)
    };
    found.or_else(from_webhook)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_header_of_a_delivery_gives_it_away() {
        let found = |name: &'static str, value: &'static str| {
            let headers = [(name.parse().unwrap(), value.parse().unwrap())];
            header_of_delivery(&HeaderMap::from_iter(headers))
        };
        for (name, value, expected) in [
            ("x-apify-webhook", "yo", Some("X-Apify-Webhook")),
            ("x-apify-webhook", "", Some("X-Apify-Webhook")),
            (
                "x-apify-webhook-dispatch-id",
                "S1",
                Some("X-Apify-Webhook-Dispatch-Id"),
            ),
            ("webhook-id", "S1", Some("webhook-id")),
            ("x-apify-request-origin", "WEBHOOK", Some(ORIGIN)),
            ("x-apify-request-origin", " webhook", Some(ORIGIN)),
            ("x-apify-request-origin", "API,WEBHOOK", Some(ORIGIN)),
            ("x-apify-request-origin", "API", None),
            ("x-apify-workflow-key", "WEBHOOK", None),
            ("user-agent", "ApifyClient", None),
        ] {
            assert_eq!(found(name, value), expected, "{name}: {value}");
        }
    }
}
