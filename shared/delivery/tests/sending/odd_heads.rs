//! Answers that strict parsers refuse. Whoever has said 2xx has accepted.

use std::time::Duration;

use domain::outcome::{Outcome, Verdict};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use crate::receiver::{Receiver, Then};
use crate::{AMPLE, answered, callee, request, request_of, send, sender};

/// Heads, and bodies, of which the bodies are read.
fn readable() -> Vec<String> {
    let cookies: String = (0..150)
        .map(|n| format!("Set-Cookie: c{n}=x\r\n"))
        .collect();
    let large = "x".repeat(100_000);
    let mut heads: Vec<String> = [
        "HTTP/1.1 200 OK\r\nx: folded\r\n line\r\n\tand more\r\ncontent-length: 4\r\n\r\nbody",
        "HTTP/1.1 200 OK\r\n folded at once\r\ncontent-length: 4\r\n\r\nbody",
        "HTTP/1.1 200 OK\r\nContent-Length : 4\r\n\r\nbody",
        "HTTP/1.1 200 OK\r\nContent-Length\t:4\r\n\r\nbody",
        "HTTP/1.1 200 OK\r\nin valid: x\r\ncontent-length: 4\r\n\r\nbody",
        "HTTP/1.1 200 OK\r\n: no name\r\ncontent-length: 4\r\n\r\nbody",
        "HTTP/1.1 200 OK\r\nno colon\r\ncontent-length: 4\r\n\r\nbody",
        "HTTP/1.1 200 OK\r\nx: \0\u{1}\u{7f}\r\ncontent-length: 4\r\n\r\nbody",
        "HTTP/1.1 200 OK\r\nx: a\rb\r\ncontent-length: 4\r\n\r\nbody",
        "HTTP/1.1 200 OK\ncontent-length: 4\n\nbody",
        "HTTP/1.1 200\r\ncontent-length: 4\r\n\r\nbody",
        "HTTP/1.1 200 \r\ncontent-length: 4\r\n\r\nbody",
        "HTTP/1.1  200  OK\r\ncontent-length: 4\r\n\r\nbody",
        "http/1.1 200 ok\r\ncontent-length: 4\r\n\r\nbody",
        "HTTP/2 200\r\ncontent-length: 4\r\n\r\nbody",
        "\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nbody",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nbody",
        "HTTP/1.1 100\r\n\r\nHTTP/1.1 103 Hints\r\nlink: x\r\n\r\nHTTP/1.1 200\r\ncontent-length: 4\r\n\r\nbody",
        "HTTP/1.0 200 OK\r\n\r\nbody",
        "HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, Chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4;a=b\r\nbody\r\n0\r\nx: y\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n04 \nbody\n0\n\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 9\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: identity\r\n\r\nbody",
        "HTTP/1.1 200 OK\r\ncontent-length: 4, 4\r\n\r\nbody",
        "HTTP/1.1 200 OK\r\ncontent-length: 4\r\ncontent-length: 4\r\n\r\nbody",
        "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\nbody",
        "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nbody",
        "HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999\r\n\r\nbody",
        "HTTP/1.1 200 OK\r\ncontent-length:\r\n\r\nbody",
        "HTTP/1.1 200 OK\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\nbody",
    ]
    .map(str::to_owned)
    .into();
    heads.push(format!(
        "HTTP/1.1 200 OK\r\n{cookies}content-length: 4\r\n\r\nbody"
    ));
    heads.push(format!(
        "HTTP/1.1 200 OK\r\nx: {large}\r\ncontent-length: 4\r\n\r\nbody"
    ));
    heads.push(format!(
        "HTTP/1.1 200 {large}\r\ncontent-length: 4\r\n\r\nbody"
    ));
    heads
}

#[tokio::test]
async fn a_2xx_status_line_is_a_success_however_odd_its_head_is_and_the_body_is_read() {
    for answer in readable() {
        let receiver = Receiver::start(&answer, Then::Close).await;
        let outcome = send(&receiver.url(), AMPLE).await;
        let shown: String = answer.chars().take(200).collect();
        assert_eq!(outcome, answered(200, Some("body")), "{shown:?}");
    }
}

#[tokio::test]
async fn a_2xx_status_line_is_a_success_whatever_becomes_of_the_rest() {
    let endless: String = (0..100_000).map(|n| format!("h{n}: x\r\n")).collect();
    let status = "HTTP/1.1 200 OK\r\n";
    for (says, then) in [
        ("HTTP/1.1 200 ".to_owned(), Then::Close),
        ("HTTP/1.1 200 ".to_owned(), Then::Drip),
        (status.to_owned(), Then::Close),
        (status.to_owned(), Then::Reset),
        (status.to_owned(), Then::ReadOn),
        (format!("{status}x: y\r\n"), Then::Close),
        (format!("{status}x: "), Then::Drip),
        (format!("{status}{endless}"), Then::ReadOn),
        (format!("{status}{endless}"), Then::Reset),
        (format!("{status}\r\n"), Then::ReadOn),
        (format!("{status}content-length: 9\r\n\r\n"), Then::ReadOn),
        (
            format!("{status}transfer-encoding: chunked\r\n\r\nx\r\n"),
            Then::Close,
        ),
        (
            format!("{status}transfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n"),
            Then::Close,
        ),
        (
            format!("{status}transfer-encoding: chunked\r\n\r\n{endless}"),
            Then::ReadOn,
        ),
        (
            "HTTP/1.1 204 None\r\n\r\nthis is no body".to_owned(),
            Then::Close,
        ),
        (
            "HTTP/1.1 204 None\r\ncontent-length: 4\r\n\r\nbody".to_owned(),
            Then::Close,
        ),
    ] {
        let shown: String = says.chars().take(80).collect();
        let receiver = Receiver::start(says, then).await;
        let outcome = send(&receiver.url(), AMPLE).await;
        assert_eq!(
            outcome.verdict(),
            Verdict::Accepted,
            "{shown:?} {then:?}: {outcome:?}"
        );
        if !matches!(then, Then::Drip) {
            assert!(
                matches!(outcome, Outcome::Answered { body: None, .. }),
                "{outcome:?}"
            );
        }
    }
}

#[tokio::test]
async fn what_a_failure_says_in_an_odd_head_is_heard_too() {
    for head in [
        "retry-after: 7\r\nx: y\r\n z",
        "x y\r\nRetry-After : 7",
        "retry-after:\r\n 7",
        "x: \0\r\nretry-after: 7\r\nretry-after: 9",
    ] {
        let answer = format!("HTTP/1.1 503 No\r\n{head}\r\n\r\nlater");
        let receiver = Receiver::start(answer, Then::Close).await;
        let expected = Outcome::Answered {
            status: 503,
            body: Some("later".to_owned()),
            retry_after: Some("7".to_owned()),
        };
        assert_eq!(send(&receiver.url(), AMPLE).await, expected, "{head:?}");
    }
}

/// The request is larger than what fits between the two, and the receiver reads nothing of it.
#[tokio::test]
async fn an_answer_that_does_not_wait_for_the_request_counts() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let url = domain::request_url::RequestUrl::parse(&url).unwrap();
    let receiver = tokio::spawn(async move {
        let mut held = Vec::new();
        for status in ["202 Ok", "413 No"] {
            let (mut stream, _) = listener.accept().await.unwrap();
            let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
            stream.write_all(answer.as_bytes()).await.unwrap();
            held.push(stream);
        }
        held
    });
    let sender = sender();
    for status in [202, 413] {
        let large = request_of(&"x".repeat(32_000_000), &[]);
        let outcome = sender.send(callee(&url, false), large, AMPLE).await.outcome;
        assert_eq!(outcome, answered(status, None));
    }
    receiver.await.unwrap();
}

/// Nobody waits for the end of the budget when the status is known.
#[tokio::test]
async fn a_success_is_known_when_its_status_line_came() {
    let ages = Duration::from_secs(1_000_000);
    for head in ["", "content-length: 1000000\r\n\r\n", "\r\n", "x: "] {
        let says = format!("HTTP/1.1 200 OK\r\n{head}");
        let receiver = Receiver::start(says, Then::Drip).await;
        let outcome = sender()
            .send(callee(&receiver.url(), false), request(), ages)
            .await
            .outcome;
        assert_eq!(
            outcome.verdict(),
            Verdict::Accepted,
            "{head:?}: {outcome:?}"
        );
    }
}
