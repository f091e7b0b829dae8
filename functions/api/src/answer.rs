//! Answers to what could be done, and what all answers have in common.

use axum::extract::Request;
use axum::http::header::{ALLOW, CONTENT_TYPE, LOCATION, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::envelope::{JSON, json};
use crate::error::ApiError;

/// 200 with what was asked for.
pub(crate) fn data(data: &impl Serialize) -> Result<Response, ApiError> {
    #[derive(Serialize)]
    struct Envelope<'a, T> {
        data: &'a T,
    }
    json(StatusCode::OK, &Envelope { data }).map_err(ApiError::internal)
}

/// 201 with what was made, and where it is from now on.
pub(crate) fn created(location: String, made: &impl Serialize) -> Result<Response, ApiError> {
    let response = data(made)?;
    Ok((StatusCode::CREATED, [(LOCATION, location)], response).into_response())
}

/// 202 with what goes on in the background, and where it can be watched.
pub(crate) fn accepted(location: String, begun: &impl Serialize) -> Result<Response, ApiError> {
    let response = data(begun)?;
    Ok((StatusCode::ACCEPTED, [(LOCATION, location)], response).into_response())
}

/// 200 with a JSON text that is complete as it is, without an envelope.
pub(crate) fn document(text: &'static str) -> Response {
    ([(CONTENT_TYPE, JSON)], text).into_response()
}

/// 200 with what is written as others prescribe, without an envelope.
pub(crate) fn bare(shown: &impl Serialize) -> Result<Response, ApiError> {
    json(StatusCode::OK, shown).map_err(ApiError::internal)
}

/// What all answers have in common; axum's own answer to a wrong method gets its envelope here, and
/// a place its origin.
pub(crate) async fn complete(request: Request, next: Next) -> Response {
    let origin = origin_of(request.uri());
    let response = next.run(request).await;
    let mut response = match response.headers().get(ALLOW) {
        Some(allowed) if response.status() == StatusCode::METHOD_NOT_ALLOWED => {
            ApiError::MethodNotAllowed(allowed.clone()).into_response()
        }
        _ => response,
    };
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let location = headers.get(LOCATION).and_then(|path| path.to_str().ok());
    let absolute = location.zip(origin);
    if let Some((path, origin)) = absolute
        && let Ok(location) = HeaderValue::try_from(format!("{origin}{path}"))
    {
        headers.insert(LOCATION, location);
    }
    response
}

/// Where this API is, in its caller's words.
fn origin_of(uri: &Uri) -> Option<String> {
    let (scheme, authority) = (uri.scheme_str()?, uri.authority()?);
    Some(format!("{scheme}://{authority}"))
}
