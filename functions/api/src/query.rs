//! Parameters of a query.

use std::borrow::Cow;

use axum::http::Uri;
use url::form_urlencoded;

/// The first value of a parameter, decoded.
pub(crate) fn parameter<'a>(uri: &'a Uri, name: &str) -> Option<Cow<'a, str>> {
    let query = uri.query().unwrap_or_default();
    form_urlencoded::parse(query.as_bytes())
        .find(|(found, _)| found == name)
        .map(|(_, value)| value)
}
