//! What is made of answers, whole and broken.

use std::net::Ipv4Addr;

use domain::outcome::{Outcome, Trouble, Verdict};

use crate::receiver::{Receiver, Then};
use crate::{AMPLE, SHORT, answered, callee, request, send, sender};

#[tokio::test]
async fn the_body_of_an_answer_is_kept() {
    for (answer, body) in [
        ("content-length: 5\r\n\r\nthank", Some("thank")),
        (
            "transfer-encoding: chunked\r\n\r\n3\r\ntha\r\n2\r\nnk\r\n0\r\n\r\n",
            Some("thank"),
        ),
        ("content-length: 0\r\n\r\n", None),
    ] {
        let receiver = Receiver::start(format!("HTTP/1.1 202 Ok\r\n{answer}"), Then::ReadOn).await;
        assert_eq!(send(&receiver.url(), AMPLE).await, answered(202, body));
    }
}

#[tokio::test]
async fn the_start_of_the_headers_and_the_address_are_kept() {
    let long = "é".repeat(2000);
    let head =
        format!("HTTP/1.1 200 OK\r\nServer: here\r\nodd\r\nX-Long: {long}\r\nX-Lost: 1\r\n\r\n");
    let receiver = Receiver::start(head, Then::Close).await;
    let url = receiver.url();
    let sent = sender().send(callee(&url, false), request(), AMPLE).await;
    assert_eq!(sent.remote, Some(Ipv4Addr::LOCALHOST.into()));
    let headers = sent.response_headers.unwrap_or_default();
    assert!(
        headers.starts_with("Server: here\nodd\nX-Long: é") && !headers.contains("X-Lost"),
        "{headers}"
    );
    assert!((1020..=1024).contains(&headers.len()), "{}", headers.len());
}

#[tokio::test]
async fn a_2xx_stands_when_its_body_is_cut_off() {
    let unfinished = [
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\npart",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\npart\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\npart\r\nnonsense\r\n",
    ];
    for answer in unfinished {
        let receiver = Receiver::start(answer, Then::Close).await;
        assert_eq!(
            send(&receiver.url(), AMPLE).await,
            answered(200, Some("part"))
        );
    }
}

#[tokio::test]
async fn a_2xx_stands_when_its_connection_is_reset() {
    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n";
    let receiver = Receiver::start(answer, Then::Reset).await;
    assert_eq!(send(&receiver.url(), AMPLE).await, answered(200, None));
}

#[tokio::test]
async fn a_2xx_stands_when_its_body_never_ends() {
    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\npart";
    let receiver = Receiver::start(answer, Then::ReadOn).await;
    assert_eq!(
        send(&receiver.url(), SHORT).await,
        answered(200, Some("part"))
    );
}

/// Until it is told, its worker may die, and another one would call once more. A refusal is called
/// again anyway, and its body says why.
#[tokio::test]
async fn a_2xx_is_told_long_before_its_body_has_dripped_for_as_long_as_a_refusals() {
    let mut dripped = Vec::new();
    for status in [200, 500] {
        let answer = format!("HTTP/1.1 {status} So\r\ncontent-length: 9999\r\n\r\n");
        let receiver = Receiver::start(answer, Then::Drip).await;
        match send(&receiver.url(), AMPLE).await {
            Outcome::Answered { body, .. } => dripped.push(body.unwrap_or_default().len()),
            outcome => panic!("{outcome:?}"),
        }
    }
    assert!(dripped[0] * 3 < dripped[1], "{dripped:?} bytes");
}

#[tokio::test]
async fn of_a_long_body_the_first_2_kib_are_kept() {
    let body = "x".repeat(1_000_000);
    let answer = format!("HTTP/1.1 500 No\r\ncontent-length: 1000000\r\n\r\n{body}");
    let receiver = Receiver::start(answer, Then::ReadOn).await;
    assert_eq!(
        send(&receiver.url(), AMPLE).await,
        answered(500, Some(&body[..2048]))
    );
}

#[tokio::test]
async fn a_body_is_never_cut_within_a_character() {
    let body = format!("x{}", "€".repeat(1000));
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let receiver = Receiver::start(answer, Then::ReadOn).await;
    let kept = format!("x{}", "€".repeat(682));
    assert_eq!(kept.len(), 2047);
    assert_eq!(
        send(&receiver.url(), AMPLE).await,
        answered(200, Some(&kept))
    );
}

#[tokio::test]
async fn a_body_is_read_in_its_own_charset() {
    let head = "HTTP/1.1 500 No\r\ncontent-type: text/plain; charset=iso-8859-1\r\n";
    let answer = [head.as_bytes(), b"content-length: 4\r\n\r\ncaf\xe9"].concat();
    let receiver = Receiver::start(answer, Then::ReadOn).await;
    assert_eq!(
        send(&receiver.url(), AMPLE).await,
        answered(500, Some("café"))
    );
}

#[tokio::test]
async fn packed_bodies_are_asked_not_to_be_sent_and_not_unpacked() {
    let answer = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 2\r\n\r\n\x1f\x8b";
    let mut receiver = Receiver::start(answer, Then::ReadOn).await;
    let outcome = send(&receiver.url(), AMPLE).await;
    assert_eq!(outcome, answered(200, Some("\u{1f}\u{fffd}")));
    let seen = receiver.request().await;
    assert!(seen.text.contains("\r\naccept-encoding: identity\r\n"));
}

#[tokio::test]
async fn odd_statuses_are_answers_but_no_successes() {
    for status in [101, 199, 300, 404, 600, 999] {
        let answer = format!("HTTP/1.1 {status} Odd\r\ncontent-length: 0\r\n\r\n");
        let receiver = Receiver::start(answer, Then::Close).await;
        let outcome = send(&receiver.url(), SHORT).await;
        assert_ne!(
            outcome.verdict(),
            Verdict::Accepted,
            "{status}: {outcome:?}"
        );
    }
}

#[tokio::test]
async fn a_status_before_the_status_is_skipped() {
    let hints = "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n";
    let receiver = Receiver::start(format!("{hints}{}", crate::OK), Then::ReadOn).await;
    assert_eq!(send(&receiver.url(), AMPLE).await, answered(200, None));
}

#[tokio::test]
async fn silence_ends_when_the_budget_is_spent() {
    for said in [
        "",
        "HTTP/1.1 20",
        "HTTP/1.1 200",
        "HTTP/1.1 102 Wait\r\n\r\n",
    ] {
        let receiver = Receiver::start(said, Then::ReadOn).await;
        assert_eq!(
            send(&receiver.url(), SHORT).await,
            Outcome::Unanswered(Trouble::TimeoutAfterSent(SHORT))
        );
    }
}

#[tokio::test]
async fn a_drip_ends_when_the_budget_is_spent() {
    let receiver = Receiver::start("HTTP/1.1 102 Wait\r\nx-a: ", Then::Drip).await;
    assert_eq!(
        send(&receiver.url(), SHORT).await,
        Outcome::Unanswered(Trouble::TimeoutAfterSent(SHORT))
    );
}

#[tokio::test]
async fn what_is_no_http_is_a_broken_answer() {
    let nonsense = [
        "",
        "HTTP/1.1 200",
        "<html>200 OK</html>",
        "nonsense\r\n\r\n",
        "HTTP/1.1 2000 Huge\r\n\r\n",
        "\0\0\0",
    ];
    for said in nonsense {
        let receiver = Receiver::start(said, Then::Close).await;
        assert_eq!(
            send(&receiver.url(), AMPLE).await,
            Outcome::Unanswered(Trouble::BrokenAnswer),
            "{said:?}"
        );
    }
}
