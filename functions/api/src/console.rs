//! The console: pages for the people who define webhooks. They ask the store as the endpoints of
//! the API do, in the name of the same token, which a script brings: neither a cookie nor an
//! address ever has it.
//!
//! A request without a token gets the page around all pages (`shell`), which is the same for
//! everybody. Its script (`assets`) asks again, with the token, and gets what comes into its middle
//! (`page`), rendered here. Whatever users or receivers wrote is text there: the template library
//! escapes it, and the policy in every answer lets nothing run but that script.

mod assets;
mod chart;
mod created;
mod dispatch_page;
mod dispatches;
mod door;
mod form;
mod job;
mod notices;
mod page;
mod request;
mod routes;
mod run_page;
mod secret_tab;
mod settings;
mod shell;
mod state;
mod text;
mod timeline;
mod webhook_page;
mod webhooks;

#[cfg(test)]
mod tests;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_SECURITY_POLICY, REFERRER_POLICY};
use axum::http::{HeaderValue, Method};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{Redirect, Response};
use axum::routing::get;

use crate::Api;
pub(crate) use routes::table;
#[cfg(test)]
pub(crate) use text::words_of;

/// What a browser lets the pages do, and who may have them in a frame.
#[derive(Clone, Debug)]
pub(crate) struct ContentPolicy(HeaderValue);

impl ContentPolicy {
    /// The policy that lets these origins have the console in a frame; nobody, if they are none
    /// that a header can name.
    pub(crate) fn of(origins: &str) -> Self {
        let policy = |ancestors: &str| {
            format!(
                "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; \
                 form-action 'none'; frame-ancestors {ancestors}"
            )
        };
        let is_safe = !origins.contains([';', ',']);
        let value = HeaderValue::try_from(policy(origins))
            .ok()
            .filter(|_| is_safe);
        Self(value.unwrap_or_else(|| {
            HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")
        }))
    }
}

/// The pages.
pub(crate) fn router(api: &Api) -> Router<Api> {
    let pages = table().into_iter();
    let pages = pages.fold(Router::new(), |router, (_, path, _, page)| {
        router.route(path, page)
    });
    pages
        .route(
            "/console",
            get(|| async { Redirect::permanent("/console/") }),
        )
        .route("/console/assets/{name}", get(assets::named))
        .route("/console/embed.js", get(assets::embed))
        .layer(from_fn_with_state(api.clone(), enclose))
}

/// Answers whoever brings no token with the page around all pages, and tells browsers what pages
/// may do.
async fn enclose(State(api): State<Api>, request: Request, next: Next) -> Response {
    let reads = [Method::GET, Method::HEAD].contains(request.method());
    let path = request.uri().path();
    let is_asset =
        path.starts_with("/console/assets/") || path == "/console/embed.js" || path == "/console";
    let mut response = if reads && !is_asset && !request.headers().contains_key(AUTHORIZATION) {
        shell::shell(request.uri())
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, api.console_policy.0.clone());
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
