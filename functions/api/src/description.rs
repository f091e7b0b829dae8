//! The API's description of itself, in OpenAPI. Its tests hold it against the routes and the
//! answers.

use axum::response::Response;

use crate::answer;

#[cfg(test)]
pub(crate) mod tests;

const DESCRIPTION: &str = include_str!("../openapi.json");

/// `GET /v2/openapi.json`; for everybody, because nothing in it is anybody's.
pub(crate) async fn show() -> Response {
    answer::document(DESCRIPTION)
}
