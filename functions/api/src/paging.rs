//! Which part of a list is asked for.

use axum::extract::FromRequestParts;
use axum::http::Uri;
use axum::http::request::Parts;
use domain::fields::FieldError;
use store::Page;

use crate::error::{ApiError, excerpt};
use crate::query::parameter;

/// The most that one page holds, and what it holds when nothing else is asked for.
const LONGEST: usize = 1000;

/// The largest number that there can be in a query: what JavaScript still tells apart from its
/// neighbours.
const LARGEST: usize = 9_007_199_254_740_991;

/// The parameters `offset`, `limit` and `desc`.
pub(crate) struct Paging(pub(crate) Page);

impl<S: Send + Sync> FromRequestParts<S> for Paging {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        page(&parts.uri).map(Self).map_err(ApiError::Parameter)
    }
}

fn page(uri: &Uri) -> Result<Page, FieldError> {
    let limit = match number(uri, "limit")? {
        // Apify's clients send 0 for "not given".
        None | Some(0) => LONGEST,
        Some(limit) => limit.min(LONGEST),
    };
    Ok(Page {
        offset: number(uri, "offset")?.unwrap_or(0),
        limit,
        newest_first: flag(uri, "desc")?,
    })
}

fn number(uri: &Uri, name: &str) -> Result<Option<usize>, FieldError> {
    // Forms send what was left out as an empty text.
    let Some(text) = parameter(uri, name).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    match text.parse() {
        Ok(number @ 0..=LARGEST) => Ok(Some(number)),
        Ok(_) => Err(wrong(name, "at most 9007199254740991", &text)),
        Err(_) => Err(wrong(name, "a whole number", &text)),
    }
}

/// Python writes `true` or `True` where JavaScript writes `1`.
fn flag(uri: &Uri, name: &str) -> Result<bool, FieldError> {
    let text = parameter(uri, name).unwrap_or_default();
    match text.to_ascii_lowercase().as_str() {
        "" | "0" | "false" => Ok(false),
        "1" | "true" => Ok(true),
        _ => Err(wrong(name, "1, 0, true or false", &text)),
    }
}

fn wrong(name: &str, expected: &str, found: &str) -> FieldError {
    let found = excerpt(found);
    FieldError::new(name, format_args!("expected {expected}, found {found:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(query: &str) -> Result<Page, String> {
        let uri = format!("/v2/webhooks?{query}").parse().unwrap();
        page(&uri).map_err(|error| error.to_string())
    }

    #[test]
    fn what_clients_send_is_understood() {
        let page = |offset, limit, newest_first| {
            Ok(Page {
                offset,
                limit,
                newest_first,
            })
        };
        for (query, expected) in [
            ("", page(0, 1000, false)),
            ("limit=0", page(0, 1000, false)),
            ("limit=1000", page(0, 1000, false)),
            ("limit=1001", page(0, 1000, false)),
            ("offset=5&limit=10&desc=true", page(5, 10, true)),
            ("offset=5&limit=10&desc=1", page(5, 10, true)),
            ("desc=false", page(0, 1000, false)),
            ("desc=0", page(0, 1000, false)),
            ("desc=True", page(0, 1000, true)),
            ("desc=FALSE", page(0, 1000, false)),
            ("desc=&limit=&offset=", page(0, 1000, false)),
            ("desc&limit&offset", page(0, 1000, false)),
            ("token=secret&other=1", page(0, 1000, false)),
        ] {
            assert_eq!(asked(query), expected, "{query:?}");
        }
    }

    #[test]
    fn a_bad_value_is_named_with_its_parameter() {
        for (query, message) in [
            ("limit=ten", "limit: expected a whole number, found \"ten\""),
            ("limit=-1", "limit: expected a whole number, found \"-1\""),
            ("limit=%20", "limit: expected a whole number, found \" \""),
            (
                "offset=1.5",
                "offset: expected a whole number, found \"1.5\"",
            ),
            (
                "offset=99999999999999999999",
                "offset: expected a whole number, found \"99999999999999999999\"",
            ),
            (
                "offset=9007199254740992",
                "offset: expected at most 9007199254740991, found \"9007199254740992\"",
            ),
            (
                "desc=yes",
                "desc: expected 1, 0, true or false, found \"yes\"",
            ),
        ] {
            assert_eq!(asked(query), Err(message.to_owned()));
        }
    }
}
