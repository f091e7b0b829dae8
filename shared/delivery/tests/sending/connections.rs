//! Connections: those that cannot be made, those that are kept, and those that are never shared.

use std::time::Duration;

use delivery::Sender;
use domain::outcome::{Outcome, TlsFault, Trouble};
use domain::request_url::RequestUrl;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::receiver::{Receiver, Then};
use crate::{AMPLE, OK, SHORT, answered, callee, request, send, sender, targets};

const HTTP1: &[u8] = b"http/1.1";

#[tokio::test]
async fn a_refused_connection_is_no_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    assert_eq!(
        send(&RequestUrl::parse(&url).unwrap(), AMPLE).await,
        Outcome::Unanswered(Trouble::Connect)
    );
}

#[tokio::test]
async fn a_handshake_that_never_ends_is_no_secure_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    let impatient = Sender::new(Duration::from_millis(100), targets("127.0.0.0/8")).unwrap();
    let url = RequestUrl::parse(&url).unwrap();
    assert_eq!(
        impatient
            .send(callee(&url, false), request(), AMPLE)
            .await
            .outcome,
        Outcome::Unanswered(Trouble::Tls(TlsFault::TimedOut))
    );
}

#[tokio::test]
async fn a_budget_that_is_spent_on_a_connection_ends_before_anything_was_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    assert_eq!(
        send(&RequestUrl::parse(&url).unwrap(), SHORT).await,
        Outcome::Unanswered(Trouble::TimeoutBeforeSent(SHORT))
    );
}

#[tokio::test]
async fn a_name_without_an_address_is_told_apart() {
    // Longer than a label of a name can be, so no name server needs to be asked.
    let url = format!("http://{}.example/", "x".repeat(64));
    assert_eq!(
        send(&RequestUrl::parse(&url).unwrap(), AMPLE).await,
        Outcome::Unanswered(Trouble::Dns)
    );
}

#[tokio::test]
async fn a_receiver_without_tls_is_no_secure_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad\r\n\r\n").await.unwrap();
        stream.read_to_end(&mut Vec::new()).await.unwrap();
    });
    assert_eq!(
        send(&RequestUrl::parse(&url).unwrap(), AMPLE).await,
        Outcome::Unanswered(Trouble::Tls(TlsFault::NotTls))
    );
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused_unless_errors_are_ignored() {
    let mut receiver = Receiver::start_self_signed(OK, &[HTTP1]).await;
    let (sender, url) = (sender(), receiver.url());
    assert_eq!(
        sender
            .send(callee(&url, false), request(), AMPLE)
            .await
            .outcome,
        Outcome::Unanswered(Trouble::Tls(TlsFault::UnknownIssuer))
    );
    assert!(receiver.is_idle());
    assert_eq!(
        sender
            .send(callee(&url, true), request(), AMPLE)
            .await
            .outcome,
        answered(200, None)
    );
    assert!(
        receiver
            .request()
            .await
            .text
            .starts_with("POST / HTTP/1.1\r\n")
    );
}

#[tokio::test]
async fn a_strict_webhook_never_uses_a_connection_that_was_not_verified() {
    let mut receiver = Receiver::start_self_signed(OK, &[HTTP1]).await;
    let (sender, url) = (sender(), receiver.url());
    for ignore_ssl_errors in [true, false, true, false] {
        let expected = if ignore_ssl_errors {
            answered(200, None)
        } else {
            Outcome::Unanswered(Trouble::Tls(TlsFault::UnknownIssuer))
        };
        let outcome = sender
            .send(callee(&url, ignore_ssl_errors), request(), AMPLE)
            .await
            .outcome;
        assert_eq!(outcome, expected);
    }
    // The connection was there to be used: the second unverified request found it.
    assert_eq!(receiver.request().await.connection, 0);
    assert_eq!(receiver.request().await.connection, 0);
    assert!(receiver.is_idle());
}

/// It would choose HTTP/2 if it could.
#[tokio::test]
async fn only_http_1_1_is_offered() {
    let mut receiver = Receiver::start_self_signed(OK, &[b"h2", HTTP1]).await;
    let outcome = sender()
        .send(callee(&receiver.url(), true), request(), AMPLE)
        .await
        .outcome;
    assert_eq!(outcome, answered(200, None));
    let seen = receiver.request().await;
    assert!(seen.text.starts_with("POST / HTTP/1.1\r\n"));
}

#[tokio::test]
async fn a_receiver_that_speaks_http_2_alone_is_told_apart() {
    let mut receiver = Receiver::start_self_signed(OK, &[b"h2"]).await;
    let outcome = sender()
        .send(callee(&receiver.url(), true), request(), AMPLE)
        .await
        .outcome;
    let expected = Outcome::Unanswered(Trouble::Tls(TlsFault::NoHttp1));
    assert_eq!(outcome, expected);
    assert!(receiver.is_idle());
}

#[tokio::test]
async fn a_connection_is_kept_for_the_next_request() {
    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nbody";
    let mut receiver = Receiver::start(answer, Then::ReadOn).await;
    let (sender, url) = (sender(), receiver.url());
    for _ in 0..2 {
        sender.send(callee(&url, false), request(), AMPLE).await;
        assert_eq!(receiver.request().await.connection, 0);
    }
}

#[tokio::test]
async fn a_connection_with_a_body_too_long_to_read_is_dropped() {
    let body = "x".repeat(1_000_000);
    let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n{body}");
    let mut receiver = Receiver::start(answer, Then::ReadOn).await;
    let (sender, url) = (sender(), receiver.url());
    for connection in 0..2 {
        sender.send(callee(&url, false), request(), AMPLE).await;
        assert_eq!(receiver.request().await.connection, connection);
    }
}
