//! What pages load: packed when this was built, and named after its content.

use axum::extract::Path;
use axum::http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

/// A style sheet or a script.
pub(super) struct Asset {
    pub(super) name: &'static str,
    kind: &'static str,
    text: &'static [u8],
    /// The same in brotli.
    packed: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// What other pages load by a name that stays.
const FOR_A_WHILE: &str = "public, max-age=300";

/// `GET /console/assets/{name}`.
pub(super) async fn named(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let known = [&CONSOLE_CSS, &CONSOLE_JS];
    match known.into_iter().find(|asset| asset.name == name) {
        Some(asset) => sent(asset, &headers, FOR_EVER),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// `GET /console/embed.js`: what puts the console into another page.
pub(super) async fn embed(headers: HeaderMap) -> Response {
    sent(&EMBED_JS, &headers, FOR_A_WHILE)
}

fn sent(asset: &Asset, asked: &HeaderMap, cache: &'static str) -> Response {
    let takes = asked
        .get(ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok());
    let takes_brotli = takes.is_some_and(|takes| {
        takes
            .split(',')
            .any(|coding| coding.trim().split(';').next() == Some("br"))
    });
    let always = [
        (CONTENT_TYPE, asset.kind),
        (CACHE_CONTROL, cache),
        (VARY, "accept-encoding"),
    ];
    if takes_brotli {
        (always, [(CONTENT_ENCODING, "br")], asset.packed).into_response()
    } else {
        (always, asset.text).into_response()
    }
}
