//! The console, as far as it asks nobody.

use super::*;

#[tokio::test]
async fn whoever_brings_no_token_gets_the_same_page_everywhere() {
    let (status, headers, shell) = ask("GET", "/console/").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(headers[header::CONTENT_TYPE], "text/html; charset=utf-8");
    for path in [
        "/console/dispatches",
        "/console/webhooks/x?tab=secret",
        "/console/runs/y",
        // A token in an address is none.
        "/console/?token=secret",
    ] {
        assert_eq!(ask("GET", path).await.2, shell, "{path}");
    }
    assert!(shell.len() < 4000, "{} bytes", shell.len());
}

#[tokio::test]
async fn a_page_in_a_frame_has_the_theme_of_its_host_and_no_other_text() {
    let (.., shell) = ask("GET", "/console/actors/a?theme=dark").await;
    assert!(shell.contains("data-embedded") && shell.contains("data-theme=\"dark\""));
    let (.., shell) = ask("GET", "/console/actors/a?theme=%22%3E%3Cscript%3E").await;
    assert!(!shell.contains("data-theme"), "{shell}");
    assert_eq!(shell.matches("<script").count(), 1, "{shell}");
}

#[tokio::test]
async fn browsers_are_told_what_pages_may_do() {
    for path in ["/console/", "/console/embed.js", "/console/webhooks/x"] {
        let (_, headers, _) = ask("GET", path).await;
        let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(
            policy.starts_with("default-src 'none';"),
            "{path}: {policy}"
        );
        assert!(policy.ends_with("frame-ancestors 'self'"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(headers[header::REFERRER_POLICY], "no-referrer");
        assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    }
}

#[tokio::test]
async fn what_pages_load_is_packed_and_may_be_kept_for_ever() {
    let (.., shell) = ask("GET", "/console/").await;
    let links = shell
        .split('"')
        .filter(|text| text.starts_with("/console/assets/"));
    let links: Vec<_> = links.collect();
    assert_eq!(links.len(), 2, "{shell}");
    for link in links {
        let (status, headers, plain) = ask("GET", link).await;
        assert_eq!(status, StatusCode::OK);
        assert!(
            headers[header::CACHE_CONTROL]
                .to_str()
                .unwrap()
                .ends_with("immutable")
        );
        assert!(headers.get(header::CONTENT_ENCODING).is_none());
        let request = Request::builder()
            .uri(link)
            .header(header::ACCEPT_ENCODING, "gzip, br;q=1.0");
        let packed = api()
            .oneshot(request.body(Body::empty()).unwrap())
            .await
            .unwrap();
        assert_eq!(packed.headers()[header::CONTENT_ENCODING], "br");
        let packed = to_bytes(packed.into_body(), usize::MAX).await.unwrap();
        let mut unpacked = Vec::new();
        brotli::BrotliDecompress(&mut &packed[..], &mut unpacked).unwrap();
        assert_eq!(String::from_utf8(unpacked).unwrap(), plain);
        assert!(packed.len() < plain.len() / 2);
    }
    assert_eq!(
        ask("GET", "/console/assets/old.css").await.0,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn what_changes_something_asks_for_a_token() {
    for path in [
        "webhooks/new",
        "webhooks/x",
        "webhooks/x/delete",
        "dispatches/x/redeliver",
        "preview",
    ] {
        let (status, headers, page) = ask("POST", &format!("/console/{path}")).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(headers[header::CONTENT_TYPE], "text/html; charset=utf-8");
        assert!(page.contains("role=\"alert\""));
    }
}

#[tokio::test]
async fn a_delivery_changes_nothing_through_the_console_either() {
    let of_delivery = [("X-Apify-Webhook", "yo"), ("Authorization", "Bearer x")];
    let (status, ..) = ask_with("POST", "/console/webhooks/x/delete", &of_delivery).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
}
