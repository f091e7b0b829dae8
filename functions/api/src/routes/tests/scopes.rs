//! What each scope opens: every endpoint of the API and every page of the console.

use super::*;
use crate::console;
use crate::description::tests::{filled_in, name};
use crate::platform_tokens::tests::Signer;

/// Whether a route refuses a token with this scope because of it.
async fn is_refused(router: &Router, token: &str, method: &str, path: &str, needed: Scope) -> bool {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::AUTHORIZATION, format!("Bearer {token}"));
    let answer = router.clone().oneshot(request.body(Body::empty()).unwrap());
    let answer = answer.await.unwrap();
    let status = answer.status();
    let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    let body = String::from_utf8(body.into()).unwrap();
    assert_ne!(status, StatusCode::UNAUTHORIZED, "{method} {path}: {body}");
    let said = format!("it needs the scope {}", needed.name());
    status == StatusCode::FORBIDDEN && body.contains(&said)
}

#[tokio::test]
async fn every_endpoint_and_every_page_is_open_to_the_scope_that_it_needs_and_to_no_lesser_one() {
    let signer = Signer::new();
    let router = api_trusting(Some(signer.platform()));
    let until = runtime::clock::now().as_seconds() + 600;
    let token = |scope: &str| signer.token(json!({"scope": scope, "exp": until}));
    let mut refused = 0;
    for (method, path, scope, _) in table().into_iter().chain(console::table()) {
        let Some(needed) = scope else { continue };
        let (method, path) = (name(method).to_uppercase(), filled_in(path));
        for (words, given) in [
            ("", None),
            ("webhooks:read", Some(Read)),
            ("webhooks:write", Some(Write)),
        ] {
            let found = is_refused(&router, &token(words), &method, &path, needed).await;
            assert_eq!(found, given < Some(needed), "{words:?} {method} {path}");
            refused += usize::from(found);
        }
    }
    assert!(refused > 60, "{refused}");
}
