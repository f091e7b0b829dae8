//! Who is calling: the user whose API token the request brings.

use std::borrow::Cow;

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri};
use domain::api_token::TokenId;
use domain::id::UserId;

use crate::Api;
use crate::error::ApiError;
use crate::query::parameter;

/// The user in whose name everything is asked.
pub(crate) struct Caller(pub(crate) UserId);

impl FromRequestParts<Api> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, ApiError> {
        let token = token(&parts.headers, &parts.uri).ok_or(ApiError::TokenNotProvided)?;
        let user = api.store.user_of_token(&TokenId::of(&token)).await?;
        user.map(Self).ok_or(ApiError::InvalidToken)
    }
}

/// The token in the `Authorization` header, else the one in the query.
fn token<'a>(headers: &'a HeaderMap, uri: &'a Uri) -> Option<Cow<'a, str>> {
    let in_header = headers.get(AUTHORIZATION).and_then(|value| {
        let (scheme, token) = value.to_str().ok()?.trim().split_once(' ')?;
        let token = token.trim_start();
        scheme
            .eq_ignore_ascii_case("bearer")
            .then_some(Cow::Borrowed(token))
    });
    in_header
        .or_else(|| parameter(uri, "token"))
        .filter(|token| !token.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use proptest::prelude::*;

    fn found(header: Option<&str>, uri: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        if let Some(value) = header {
            headers.insert(AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        }
        token(&headers, &uri.parse().unwrap()).map(Cow::into_owned)
    }

    #[test]
    fn a_token_comes_in_the_header_or_in_the_query_and_the_header_wins() {
        for (header, uri, expected) in [
            (Some("Bearer one"), "/", Some("one")),
            (Some("bearer one"), "/", Some("one")),
            (Some("BEARER  one "), "/", Some("one")),
            (Some("Bearer one"), "/?token=two", Some("one")),
            (None, "/?limit=5&token=two", Some("two")),
            (None, "/?token=t%2Bw%20o", Some("t+w o")),
            (Some("Basic b25l"), "/?token=two", Some("two")),
            (Some("Bearer"), "/?token=two", Some("two")),
            (Some("Basic b25l"), "/", None),
            (Some("Bearer "), "/", None),
            (None, "/?token=", None),
            (None, "/", None),
        ] {
            assert_eq!(
                found(header, uri).as_deref(),
                expected,
                "{header:?} {uri:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_header_makes_it_panic(bytes: Vec<u8>) {
            if let Ok(value) = HeaderValue::from_bytes(&bytes) {
                let headers = HeaderMap::from_iter([(AUTHORIZATION, value)]);
                let _ = token(&headers, &Uri::from_static("/"));
            }
        }
    }
}
