//! What browsers ask before they send a page's request, and what they let the page see of the
//! answer.

use super::*;

const ORIGIN: (&str, &str) = ("origin", "https://page.example");

fn text(headers: &HeaderMap, name: &str) -> String {
    let values = headers
        .get_all(name)
        .iter()
        .map(|value| value.to_str().unwrap());
    values.collect::<Vec<_>>().join("; ")
}

#[tokio::test]
async fn a_page_of_any_origin_is_allowed_what_its_browser_asks_for() {
    for (method, headers) in [
        ("POST", "authorization,content-type"),
        ("PUT", "authorization, content-type, x-apify-workflow-key"),
        ("DELETE", "Authorization"),
        ("GET", "content-encoding"),
    ] {
        for path in ["/v2/webhooks", "/v2/webhooks/x?method=PUT", "/v2/nothing"] {
            let asked = [
                ORIGIN,
                ("access-control-request-method", method),
                ("access-control-request-headers", headers),
            ];
            let (status, answer, body) = ask_with("OPTIONS", path, &asked).await;
            assert_eq!((status.as_u16(), body.as_str()), (204, ""), "{path}");
            assert_eq!(text(&answer, "access-control-allow-origin"), "*");
            let methods = text(&answer, "access-control-allow-methods");
            assert!(methods.split(", ").any(|allowed| allowed == method));
            assert_eq!(text(&answer, "access-control-allow-headers"), headers);
            assert_eq!(text(&answer, "access-control-max-age"), "7200");
            // No cookies.
            assert_eq!(text(&answer, "access-control-allow-credentials"), "");
        }
    }
}

#[tokio::test]
async fn a_page_reads_every_answer_also_a_refusal() {
    for (method, path, headers, status) in [
        ("GET", "/v2/openapi.json", &[ORIGIN][..], 200),
        ("GET", "/v2/openapi.json", &[], 200),
        ("GET", "/v2/webhooks", &[ORIGIN], 401),
        ("GET", "/v2/nothing", &[ORIGIN], 404),
        ("PATCH", "/v2/webhooks", &[ORIGIN], 405),
        ("GET", "/v2/webhooks?method=NO", &[ORIGIN], 400),
        ("POST", "/v2/webhooks", &[ORIGIN, ("webhook-id", "x")], 403),
        ("GET", "/v2/webhooks?token=x", &[ORIGIN], 500),
        // It asks for nothing in advance.
        ("OPTIONS", "/v2/webhooks", &[ORIGIN], 405),
    ] {
        let (found, answer, _) = ask_with(method, path, headers).await;
        assert_eq!(found.as_u16(), status, "{method} {path}");
        assert_eq!(text(&answer, "access-control-allow-origin"), "*");
        assert_eq!(
            text(&answer, "access-control-expose-headers"),
            "Location, Retry-After, X-RateLimit-Limit"
        );
    }
}
