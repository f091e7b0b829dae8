//! Who is calling: the user whose token the request brings, and what it allows.

use std::borrow::Cow;

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri};
use domain::api_token::TokenId;
use domain::condition::Condition;
use domain::grant::{Grant, Scope};
use domain::id::UserId;
use domain::webhook::Webhook;

use crate::Api;
use crate::error::ApiError;
use crate::platform_tokens::is_signed;
use crate::query::parameter;

/// The user in whose name everything is asked, with a token that is limited to no detail page.
pub(crate) struct Caller(pub(crate) UserId);

/// The same with any token, for an endpoint that keeps within what is granted.
pub(crate) struct LimitedCaller(pub(crate) UserId, pub(crate) Grant);

impl FromRequestParts<Api> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, ApiError> {
        let LimitedCaller(user, grant) = LimitedCaller::from_request_parts(parts, api).await?;
        refuse_limited(&grant)?;
        Ok(Self(user))
    }
}

impl FromRequestParts<Api> for LimitedCaller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, ApiError> {
        let token = token(&parts.headers, &parts.uri).ok_or(ApiError::TokenNotProvided)?;
        let (user, grant) = identify(api, &token).await?;
        // A route that names no scope requires full access.
        let needed = parts.extensions.get().copied().unwrap_or(Scope::Write);
        match grant.allows(needed) {
            true => Ok(Self(user, grant)),
            false => Err(ApiError::MissingScope(needed)),
        }
    }
}

/// The webhook, if the token covers it. To the bearer of another token, there is none.
pub(crate) fn within(grant: &Grant, webhook: Webhook) -> Result<Webhook, ApiError> {
    match grant.covers(&webhook.condition) {
        true => Ok(webhook),
        false => Err(ApiError::not_found("webhook", webhook.id.as_str())),
    }
}

/// Refuses what no token for one detail page allows.
pub(crate) fn refuse_limited(grant: &Grant) -> Result<(), ApiError> {
    match grant.page() {
        None => Ok(()),
        Some(page) => Err(ApiError::OtherPage(page.clone())),
    }
}

/// Refuses what would lead beyond what the token covers.
pub(crate) fn refuse_beyond(grant: &Grant, condition: &Condition) -> Result<(), ApiError> {
    match grant.page().filter(|page| *page != condition) {
        None => Ok(()),
        Some(page) => Err(ApiError::OtherPage(page.clone())),
    }
}

/// Whose token it is, and what it allows now.
async fn identify(api: &Api, token: &str) -> Result<(UserId, Grant), ApiError> {
    let now = runtime::clock::now();
    if let Some(platform) = &api.platform_tokens
        && is_signed(token)
    {
        return platform.read(token, now).ok_or(ApiError::InvalidToken);
    }
    let holder = api.store.holder_of_token(&TokenId::of(token)).await?;
    let holder = holder.ok_or(ApiError::InvalidToken)?;
    let grant = holder.terms.grant(now).ok_or(ApiError::InvalidToken)?;
    Ok((holder.user, grant))
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
