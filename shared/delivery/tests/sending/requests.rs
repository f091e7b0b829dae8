//! The request, to the byte; and where it does not go.

use std::process::Stdio;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use delivery::Sender;
use domain::outcome::{Obstacle, Outcome};
use domain::payload::Content;
use domain::request_url::RequestUrl;
use tokio::process::Command;

use crate::name_server::NameServer;
use crate::receiver::{Receiver, Then};
use crate::{AMPLE, ID, OK, answered, callee, request, request_of, send, sender, signed, targets};

#[tokio::test]
async fn a_request_is_exactly_this() {
    let mut receiver = Receiver::start(OK, Then::ReadOn).await;
    let body = "{\"a\": \"é\",\n \"b\":1.0}";
    let request = request_of(body, &[]);
    let url = receiver.url_of("/hook/%7Bx%7D?token=a%20b&c#fragment");
    sender().send(callee(&url, false), request, AMPLE).await;

    let seen = receiver.request().await;
    let (first, headers, seen_body) = seen.parts();
    assert_eq!(first, "POST /hook/%7Bx%7D?token=a%20b&c HTTP/1.1");
    assert_eq!(
        headers,
        [
            "accept-encoding: identity",
            "accept: */*",
            &format!("content-length: {}", body.len()),
            "content-type: application/json",
            &format!("host: {}", receiver.address),
            &format!("user-agent: Runhooks/{}", env!("CARGO_PKG_VERSION")),
            &format!("webhook-id: {ID}"),
            &format!("webhook-signature: {}", signed::signature_of(body)),
            &format!("webhook-timestamp: {}", signed::SECONDS),
            "x-apify-request-origin: WEBHOOK",
            &format!("x-apify-webhook-dispatch-id: {ID}"),
            "x-apify-webhook: yo",
        ]
    );
    assert_eq!(seen_body, body);
}

#[tokio::test]
async fn the_owner_s_headers_go_along_and_never_replace_the_system_s() {
    let mut receiver = Receiver::start(OK, Then::ReadOn).await;
    let headers = [
        ("authorization", "Bearer é"),
        ("user-agent", "Owner/1"),
        ("x-apify-webhook", "mine"),
        ("webhook-id", "mine"),
        ("webhook-timestamp", "mine"),
        ("webhook-signature", "mine"),
        ("content-type", "text/plain"),
    ];
    sender()
        .send(
            callee(&receiver.url_of("/"), false),
            request_of("{}", &headers),
            AMPLE,
        )
        .await;

    let seen = receiver.request().await;
    let (_, headers, _) = seen.parts();
    for line in [
        "authorization: Bearer é",
        "user-agent: Owner/1",
        "content-type: application/json",
        "x-apify-webhook: yo",
    ] {
        assert!(headers.contains(&line), "no {line:?} in {headers:?}");
    }
    assert!(
        headers.iter().all(|header| !header.ends_with(": mine")),
        "{headers:?}"
    );
}

#[test]
fn a_header_that_would_break_the_request_is_refused() {
    for (name, value) in [
        ("x-a", "b\r\nx-c: d"),
        ("x-a", "\0"),
        ("x a", "b"),
        ("", "b"),
    ] {
        let content = Content {
            body: String::new(),
            headers: vec![(name.to_owned(), value.to_owned())],
        };
        assert!(signed::request(content).is_err(), "{name:?}: {value:?}");
    }
}

#[tokio::test]
async fn user_and_password_of_the_url_become_basic_authentication() {
    let mut receiver = Receiver::start(OK, Then::ReadOn).await;
    let url = format!("http://me:secret@{}/", receiver.address);
    send(&RequestUrl::parse(&url).unwrap(), AMPLE).await;
    let seen = receiver.request().await;
    let (first, headers, _) = seen.parts();
    assert_eq!(first, "POST / HTTP/1.1");
    assert!(headers.contains(&"authorization: Basic bWU6c2VjcmV0"));
    assert!(headers.contains(&format!("host: {}", receiver.address).as_str()));
}

#[tokio::test]
async fn credentials_are_sent_as_their_octets_and_only_if_the_owner_sends_no_others() {
    let mut receiver = Receiver::start(OK, Then::ReadOn).await;
    for (credentials, octets) in [
        ("me:secret", &b"me:secret"[..]),
        ("me", b"me:"),
        (":secret", b":secret"),
        ("caf%E9:%FF%00", b"caf\xe9:\xff\0"),
        ("a%3Ab:c%40d%2F", b"a:b:c@d/"),
        ("é:%", "é:%".as_bytes()),
    ] {
        let url = RequestUrl::parse(&format!("http://{credentials}@{}/", receiver.address));
        send(&url.unwrap(), AMPLE).await;
        let seen = receiver.request().await;
        let expected = format!("authorization: Basic {}", BASE64_STANDARD.encode(octets));
        let (_, headers, _) = seen.parts();
        assert!(
            headers.contains(&expected.as_str()),
            "{credentials}: {headers:?}"
        );
    }
    let url = RequestUrl::parse(&format!("http://me:secret@{}/", receiver.address)).unwrap();
    let owner_s = request_of("{}", &[("Authorization", "Bearer mine")]);
    sender().send(callee(&url, false), owner_s, AMPLE).await;
    let seen = receiver.request().await;
    assert!(seen.text.contains("\r\nAuthorization: Bearer mine\r\n"));
    assert!(!seen.text.contains("Basic"));
}

#[tokio::test]
async fn names_of_headers_go_out_as_their_owner_wrote_them() {
    let mut receiver = Receiver::start(OK, Then::ReadOn).await;
    let headers = [
        ("SOAPAction", "a"),
        ("X-API-key", "b"),
        ("x_Odd.Name", "c"),
        ("User-Agent", "Owner/1"),
        ("ACCEPT", "d"),
        ("Accept-Encoding", "gzip"),
        ("Content-TYPE", "mine"),
        ("HOST", "mine"),
        ("Content-Length", "mine"),
        ("Webhook-ID", "mine"),
    ];
    let request = request_of("{}", &headers);
    sender()
        .send(callee(&receiver.url(), false), request, AMPLE)
        .await;
    let seen = receiver.request().await;
    let (_, lines, _) = seen.parts();
    for (name, value) in headers {
        let line = format!("{name}: {value}");
        assert_eq!(lines.contains(&line.as_str()), value != "mine", "{line}");
        let named = lines.iter().filter(|line| {
            let written = line.split_once(':').unwrap().0;
            written.eq_ignore_ascii_case(name)
        });
        assert_eq!(named.count(), 1, "{name}");
    }
}

#[tokio::test]
async fn the_host_is_named_as_it_is_in_the_url() {
    let name_server = NameServer::start(&[&["127.0.0.1"]]).await;
    let mut receiver = Receiver::start(OK, Then::ReadOn).await;
    let port = receiver.address.port();
    let targets = targets("127.0.0.0/8");
    let sender = Sender::with_names(AMPLE, targets, name_server.names()).unwrap();
    for (host, named) in [
        ("example.com", "example.com"),
        ("EXAMPLE.com", "example.com"),
        ("me:secret@example.com", "example.com"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("example.com.", "example.com."),
        ("127.1", "127.0.0.1"),
    ] {
        let url = RequestUrl::parse(&format!("http://{host}:{port}?a=b#c")).unwrap();
        let outcome = sender
            .send(callee(&url, false), request(), AMPLE)
            .await
            .outcome;
        assert_eq!(outcome, answered(200, None), "{host}");
        let seen = receiver.request().await;
        let (first, headers, _) = seen.parts();
        assert_eq!(first, "POST /?a=b HTTP/1.1");
        assert!(headers.contains(&format!("host: {named}:{port}").as_str()));
    }
}

#[tokio::test]
async fn a_url_that_no_request_can_name_is_not_sent_to() {
    let url = RequestUrl::parse("http://a\"b/").unwrap();
    assert_eq!(
        send(&url, AMPLE).await,
        Outcome::NotSent(Obstacle::UnusableUrl)
    );
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let mut elsewhere = Receiver::start(OK, Then::ReadOn).await;
    for status in [301, 302, 303, 307, 308] {
        let answer = format!(
            "HTTP/1.1 {status} Moved\r\nlocation: http://{}/\r\ncontent-length: 0\r\n\r\n",
            elsewhere.address
        );
        let receiver = Receiver::start(answer, Then::ReadOn).await;
        assert_eq!(send(&receiver.url(), AMPLE).await, answered(status, None));
    }
    assert!(elsewhere.is_idle());
}

#[tokio::test]
async fn a_proxy_in_the_environment_is_ignored() {
    const RECEIVER: &str = "RECEIVER_OF_THE_CHILD";
    if let Some(url) = std::env::var_os(RECEIVER) {
        let url = RequestUrl::parse(url.to_str().unwrap()).unwrap();
        let outcome = sender()
            .send(callee(&url, false), request(), AMPLE)
            .await
            .outcome;
        assert_eq!(outcome, answered(200, None));
        return;
    }
    let mut receiver = Receiver::start(OK, Then::ReadOn).await;
    let refusal = "HTTP/1.1 502 Proxy\r\ncontent-length: 0\r\n\r\n";
    let mut proxy = Receiver::start(refusal, Then::ReadOn).await;
    let mut child = Command::new(std::env::current_exe().unwrap());
    child
        .args(["--exact", "requests::a_proxy_in_the_environment_is_ignored"])
        .env_clear()
        .env(RECEIVER, receiver.url().as_str())
        .stdout(Stdio::null());
    for variable in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        child.env(variable, proxy.url().as_str());
    }
    assert!(child.status().await.unwrap().success());
    receiver.request().await;
    assert!(proxy.is_idle());
}
