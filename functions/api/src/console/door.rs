//! What every page asks of a request, and what it shows when that fails.

use axum::extract::FromRequestParts;
use axum::http::header::RETRY_AFTER;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use domain::fields::FieldError;
use maud::html;
use store::StoreError;

use super::page::Page;
use crate::Api;
use crate::error::ApiError;

/// What endpoints ask of a request, too; refused with a page.
pub(super) struct Door<E>(pub(super) E);

/// A page that cannot be shown.
pub(super) struct Failed(pub(super) ApiError);

impl<E: FromRequestParts<Api, Rejection = ApiError>> FromRequestParts<Api> for Door<E> {
    type Rejection = Failed;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Failed> {
        let asked = E::from_request_parts(parts, api).await;
        asked.map(Self).map_err(Failed)
    }
}

impl From<ApiError> for Failed {
    fn from(error: ApiError) -> Self {
        Self(error)
    }
}

impl From<FieldError> for Failed {
    fn from(error: FieldError) -> Self {
        Self(error.into())
    }
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        let message = sentence(&self.0.to_string());
        // As the API answers it, for its status, and for the log.
        let answer = self.0.into_response();
        let title = match answer.status().as_u16() {
            401 => "Your token is not valid",
            404 => "Not found",
            409 => "That is not possible now",
            429 => "Too many requests",
            500.. => "Something went wrong",
            _ => "That cannot be done",
        };
        let body = html! {
            div.panel.failed role="alert" {
                h1 tabindex="-1" { (title) }
                p { (message) }
                p { a.button href="/console/" { "All webhooks" } " " button type="button" data-reload { "Try again" } }
            }
        };
        let page = Page::new(title, body).with_status(answer.status());
        let mut response = page.into_response();
        if let Some(wait) = answer.headers().get(RETRY_AFTER) {
            response.headers_mut().insert(RETRY_AFTER, wait.clone());
        }
        response
    }
}

/// A message of the API as a page says it.
fn sentence(message: &str) -> String {
    let mut rest = message.chars();
    let first = rest.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(rest).collect()
}
