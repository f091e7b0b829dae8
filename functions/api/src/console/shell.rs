//! The page around every page: it has nothing of anybody's, so it asks for no token. Its script
//! brings the token and fetches the rest.

use axum::http::Uri;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, html};

use super::assets::{CONSOLE_CSS, CONSOLE_JS};
use crate::query::parameter;

/// The page around the page at this address.
pub(super) fn shell(uri: &Uri) -> Response {
    let path = uri.path();
    let is_embedded = ["/console/actors/", "/console/actor-tasks/"]
        .iter()
        .any(|start| path.starts_with(start));
    let theme = parameter(uri, "theme").filter(|theme| matches!(&**theme, "light" | "dark"));
    let asset = |name: &str| format!("/console/assets/{name}");
    let page = html! {
        (DOCTYPE)
        html lang="en" data-theme=[theme] data-embedded[is_embedded] {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "Webhooks" }
                link rel="icon" href="data:,";
                link rel="stylesheet" href=(asset(CONSOLE_CSS.name));
                script type="module" src=(asset(CONSOLE_JS.name)) {}
            }
            body {
                a.skip href="#main" { "Skip to content" }
                header.site {
                    a.brand href="/console/" { span.mark aria-hidden="true" {} "Runhooks" }
                    nav aria-label="Main" {
                        a href="/console/" data-nav="webhooks" { "Webhooks" }
                        a href="/console/dispatches" data-nav="dispatches" { "Dispatches" }
                        a href="/console/runs" data-nav="runs" { "Runs" }
                    }
                }
                div #notice role="status" aria-live="polite" {}
                main #main tabindex="-1" aria-busy="true" {
                    div.skeleton aria-hidden="true" { i {} i {} i {} i {} }
                    p.visually-hidden { "Loading…" }
                    noscript { p.empty { "This page needs JavaScript to bring your token." } }
                }
                template #sign-in {
                    form.panel.sign-in data-sign-in {
                        h1 { "Sign in" }
                        p { "Paste an API token. It stays in this tab, and is sent to this address only." }
                        label for="token" { "API token" }
                        input #token type="password" name="token" autocomplete="off" required;
                        button.primary type="submit" { "Continue" }
                    }
                }
            }
        }
    };
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CACHE_CONTROL, "no-cache"),
    ];
    (headers, page.into_string()).into_response()
}
