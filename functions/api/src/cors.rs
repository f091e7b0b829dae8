//! What lets pages of any origin use the API with a token. Browsers never send one by themselves,
//! as they do with cookies, so no page can do anything in the name of whoever looks at it.
//!
//! The function answers for itself. Nothing in front of it may answer, too: a browser refuses an
//! answer with two of these headers.

use axum::extract::Request;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, VARY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// All that some endpoint has.
const METHODS: &str = "GET, HEAD, POST, PUT, DELETE";
/// What a page may read of an answer, beside its content and what every page may read.
const EXPOSED: &str = "Location, Retry-After, X-RateLimit-Limit";
/// For how long a browser need not ask again; the most that browsers agree on.
const TWO_HOURS: &str = "7200";

/// Answers what a browser asks before it sends a page's request, and lets the page read every other
/// answer. Must be outside of everything that refuses requests: a page reads why.
pub(crate) async fn allow(request: Request, next: Next) -> Response {
    if is_preflight(request.method(), request.headers()) {
        let mut answer = StatusCode::NO_CONTENT.into_response();
        permit(answer.headers_mut(), request.headers());
        return answer;
    }
    let mut answer = next.run(request).await;
    let headers = answer.headers_mut();
    set(headers, ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    set(headers, ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    answer
}

fn is_preflight(method: &Method, headers: &HeaderMap) -> bool {
    *method == Method::OPTIONS && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

fn permit(answer: &mut HeaderMap, asked: &HeaderMap) {
    set(answer, ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    set(answer, ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    set(answer, ACCESS_CONTROL_MAX_AGE, TWO_HOURS);
    // Clients have headers of their own. By name, because `*` would leave out `Authorization`.
    if let Some(headers) = asked.get(ACCESS_CONTROL_REQUEST_HEADERS) {
        answer.insert(ACCESS_CONTROL_ALLOW_HEADERS, headers.clone());
    }
    set(answer, VARY, ACCESS_CONTROL_REQUEST_HEADERS.as_str());
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}
