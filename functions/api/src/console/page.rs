//! What comes into the middle of the page around it.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::grant::Grant;
use maud::{Markup, html};

/// Where the script goes on; a redirection would be followed without its knowing.
const GO_TO: HeaderName = HeaderName::from_static("console-location");

/// A page, or a part of one.
pub(super) struct Page {
    title: String,
    nav: &'static str,
    crumbs: Vec<(String, String)>,
    status: StatusCode,
    /// The address that is shown for it, if it is not the one that was asked for.
    address: Option<String>,
    is_limited: bool,
    body: Markup,
}

impl Page {
    pub(super) fn new(title: impl Into<String>, body: Markup) -> Self {
        Self {
            title: title.into(),
            nav: "webhooks",
            crumbs: Vec::new(),
            status: StatusCode::OK,
            address: None,
            is_limited: false,
            body,
        }
    }

    /// Which entry of the navigation it belongs to.
    pub(super) fn under(self, nav: &'static str) -> Self {
        Self { nav, ..self }
    }

    /// A page that it is part of.
    pub(super) fn below(mut self, name: impl Into<String>, href: impl Into<String>) -> Self {
        self.crumbs.push((name.into(), href.into()));
        self
    }

    pub(super) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// Whoever may see only a part is not led to the rest.
    pub(super) fn for_token(self, grant: &Grant) -> Self {
        Self {
            is_limited: grant.page().is_some(),
            ..self
        }
    }

    pub(super) fn at(self, address: String) -> Self {
        Self {
            address: Some(address),
            ..self
        }
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let markup = html! {
            article data-title=(self.title) data-nav=(self.nav) data-address=[self.address] data-limited[self.is_limited] {
                @if !self.crumbs.is_empty() {
                    nav.crumbs aria-label="Breadcrumb" {
                        @for (name, href) in &self.crumbs {
                            a href=(href) { (name) } span aria-hidden="true" { "/" }
                        }
                    }
                }
                (self.body)
            }
        };
        part(self.status, &markup)
    }
}

/// A part of a page, which takes the place of an older one.
pub(super) fn part(status: StatusCode, markup: &Markup) -> Response {
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
    ];
    (status, headers, markup.0.clone()).into_response()
}

/// Goes on to another page, after a change.
pub(super) fn go_to(path: &str) -> Response {
    (StatusCode::OK, [(GO_TO, path)]).into_response()
}
