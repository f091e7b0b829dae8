//! Which requests get a credential: of every spelling of a URL, those that go where it belongs.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::fields::Fields;
use crate::request_url::RequestUrl;

const ORIGIN: &str = "https://api.example.com";

fn api(origin: &str) -> PlatformApi {
    PlatformApi::parse(origin).unwrap().unwrap()
}

fn to(url: &str) -> Definition {
    let definition = serde_json::json!({"eventTypes": ["TEST"], "requestUrl": url});
    Definition::take(&mut Fields::new(definition.as_object().unwrap().clone())).unwrap()
}

fn event(chain_depth: u32) -> Event {
    let at = Timestamp::from_millis(0).unwrap();
    Event {
        chain_depth,
        ..Event::test(&UserId::parse("u").unwrap(), at).unwrap()
    }
}

/// Whether a request to this URL gets the credential of the origin.
fn gets_one(origin: &str, definition: &Definition, headers: &[(&str, &str)]) -> bool {
    let headers = headers.iter();
    let headers: Vec<_> = headers
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let depth = api(origin).depth(definition, &headers, &event(0));
    depth.unwrap().is_some()
}

#[test]
fn an_origin_is_written_in_its_usual_spelling() {
    assert_eq!(PlatformApi::parse(""), Ok(None));
    for good in [
        ORIGIN,
        "https://api.example.com:8443",
        "https://10.0.0.1",
        "http://127.0.0.1:4400",
        "http://localhost:4400",
        "http://[::1]:4400",
    ] {
        assert!(PlatformApi::parse(good).unwrap().is_some(), "{good}");
    }
    for bad in [
        "api.example.com",
        "https://",
        "https://api.example.com/",
        "https://api.example.com/v2",
        "https://api.example.com?a=b",
        "https://api.example.com#a",
        "https://api.example.com:443",
        "https://API.example.com",
        "https://me@api.example.com",
        "https://bücher.example",
        "http://api.example.com",
        "http://127.0.0.1.example.com",
        "http://127.0.0.1@example.com",
        "ftp://api.example.com",
        "null",
        " https://api.example.com",
    ] {
        assert!(PlatformApi::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn only_a_request_without_a_credential_of_its_own_gets_one() {
    let url = "https://api.example.com/v2/acts/a/runs";
    for (url, headers, expected) in [
        (url.to_owned(), &[][..], true),
        (url.to_owned(), &[("X-Authorization", "a")], true),
        (url.to_owned(), &[("Authorization", "Bearer a")], false),
        (url.to_owned(), &[("authorIZATION", "")], false),
        (format!("{url}?webhooks=abc"), &[], true),
        (format!("{url}?mytoken=abc&tokens=a&Token=a"), &[], true),
        (format!("{url}#token=abc"), &[], true),
        (format!("{url}?token=abc"), &[], false),
        (format!("{url}?token"), &[], false),
        (format!("{url}?a=b&token="), &[], false),
        (format!("{url}?%74oke%6E=abc"), &[], false),
        ("https://me:pw@api.example.com/".to_owned(), &[], false),
        ("https://me@api.example.com/".to_owned(), &[], false),
        ("https://:pw@api.example.com/".to_owned(), &[], false),
        ("https://@api.example.com/".to_owned(), &[], true),
    ] {
        assert_eq!(gets_one(ORIGIN, &to(&url), headers), expected, "{url}");
    }
    let to_anybody = Definition {
        ignore_ssl_errors: true,
        ..to(url)
    };
    assert!(!gets_one(ORIGIN, &to_anybody, &[]));
}

#[test]
fn a_chain_ends_with_its_tenth_run() {
    let api = api(ORIGIN);
    let (here, elsewhere) = (to("https://api.example.com/"), to("https://example.com/"));
    for depth in 0..LONGEST_CHAIN {
        let next = api.depth(&here, &[], &event(depth));
        assert_eq!(next, Ok(Some(depth + 1)));
    }
    for depth in [LONGEST_CHAIN, LONGEST_CHAIN + 1, u32::MAX] {
        assert_eq!(api.depth(&here, &[], &event(depth)), Err(ChainTooLong));
        assert_eq!(api.depth(&elsewhere, &[], &event(depth)), Ok(None));
    }
}

/// Texts that a parser reads as the host of the origin, and as others.
const SAME: [&str; 6] = [
    "api.example.com",
    "API.Example.COM",
    "ａｐｉ.example.com",
    "%61pi.example.com",
    "api。example．com",
    "ap\u{ad}i.example.com",
];
const OTHER: [&str; 17] = [
    "api.example.com.",
    "api.example.com.evil.test",
    "evilapi.example.com",
    "evil.api.example.com",
    "example.com",
    "api.example.co",
    "api-example.com",
    "apí.example.com",
    "аpi.example.com",
    "xn--pi-6kc.example.com",
    "evil.test\\@api.example.com",
    "evil.test/@api.example.com",
    "evil.test?@api.example.com",
    "evil.test#@api.example.com",
    "api.example.com@evil.test",
    "api.example.com:443@evil.test",
    "api.example.com%2eevil.test",
];

/// A way to write a URL, and whether it leads to the origin.
fn spelling() -> impl Strategy<Value = (String, bool)> {
    let scheme = prop_oneof![
        4 => select(&["https", "HTTPS", "hTTps"][..]).prop_map(|text| (text, true)),
        1 => select(&["http", "HTTP"][..]).prop_map(|text| (text, false)),
    ];
    let slashes = select(&["://", ":/\\", ":\\\\", ":", ":///"][..]);
    let user = prop_oneof![3 => Just(""), 1 => Just("@")];
    let host = prop_oneof![
        select(&SAME[..]).prop_map(|text| (text, true)),
        select(&OTHER[..]).prop_map(|text| (text, false)),
    ];
    let port = prop_oneof![
        4 => select(&["", ":", ":443", ":0443"][..]).prop_map(|text| (text, true)),
        1 => select(&[":80", ":8443", ":4430", ":1"][..]).prop_map(|text| (text, false)),
    ];
    let path = select(&["", "/", "/v2/acts/a/runs", "/?a=b", "\\v2", "/../..", "#a"][..]);
    (scheme, slashes, user, host, port, path).prop_map(
        |((scheme, right_scheme), slashes, user, (host, right_host), (port, right_port), path)| {
            let url = format!("{scheme}{slashes}{user}{host}{port}{path}");
            (url, right_scheme && right_host && right_port)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn however_a_url_is_spelled_the_credential_goes_to_the_origin_alone((url, leads_there) in spelling()) {
        if let Ok(parsed) = RequestUrl::parse(&url) {
            let definition = Definition { request_url: parsed, ..to(ORIGIN) };
            prop_assert_eq!(gets_one(ORIGIN, &definition, &[]), leads_there, "{}", url);
        } else {
            prop_assert!(!leads_there, "{} is refused", url);
        }
    }

    #[test]
    fn whoever_gets_one_is_connected_to_as_the_origin(text in "https?:[/\\\\]{0,3}[a-z@:%.\\\\]{0,3}api\\.example\\.com[a-z0-9:@%./?#\\\\]{0,12}") {
        if let Ok(url) = RequestUrl::parse(&text) {
            let definition = Definition { request_url: url.clone(), ..to(ORIGIN) };
            let called = url.redacted();
            prop_assert!(!gets_one(ORIGIN, &definition, &[]) || called == ORIGIN, "{} calls {}", text, called);
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in ".*") {
        let _ = PlatformApi::parse(&text);
    }
}
