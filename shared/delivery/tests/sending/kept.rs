//! Connections that are kept: who may use them, and what becomes of a request whose connection was
//! just being closed.

use domain::outcome::{Outcome, Trouble};

use crate::receiver::{Receiver, Then};
use crate::{AMPLE, OK, SHORT, answered, callee, request, sender, tls_server};

const GOOD: (&[u8], Then) = (OK.as_bytes(), Then::ReadOn);

#[tokio::test]
async fn a_webhook_that_is_not_to_be_retried_never_starts_on_a_kept_connection() {
    let mut receiver = Receiver::start(OK, Then::ReadOn).await;
    let (sender, url) = (sender(), receiver.url());
    for (do_not_retry, connection) in [(false, 0), (true, 1), (true, 2), (false, 2)] {
        let callee = delivery::Callee {
            do_not_retry,
            ..callee(&url, false)
        };
        let outcome = sender.send(callee, request(), AMPLE).await.outcome;
        assert_eq!(outcome, answered(200, None));
        assert_eq!(receiver.request().await.connection, connection);
    }
}

/// The receiver reads the second request on a connection that it is closing, and says nothing.
#[tokio::test]
async fn a_kept_connection_that_ends_without_a_byte_is_followed_by_a_new_one_at_once() {
    for then in [Then::Close, Then::Reset] {
        let mut receiver = Receiver::start_script(&[GOOD, (b"", then), GOOD]).await;
        let (sender, url) = (sender(), receiver.url());
        for _ in 0..2 {
            let outcome = sender
                .send(callee(&url, false), request(), AMPLE)
                .await
                .outcome;
            assert_eq!(outcome, answered(200, None), "{then:?}");
        }
        let first = receiver.request().await;
        let (lost, again) = (receiver.request().await, receiver.request().await);
        assert_eq!(
            [first.connection, lost.connection, again.connection],
            [0, 0, 1]
        );
        assert_eq!(lost.text, again.text);
        assert!(receiver.is_idle());
    }
}

#[tokio::test]
async fn the_same_holds_within_tls() {
    let answers = [GOOD, (b"", Then::Close), GOOD];
    let mut receiver = Receiver::start_tls(&answers, tls_server::self_signed()).await;
    let (sender, url) = (sender(), receiver.url());
    for _ in 0..2 {
        let outcome = sender
            .send(callee(&url, true), request(), AMPLE)
            .await
            .outcome;
        assert_eq!(outcome, answered(200, None));
    }
    for connection in [0, 0, 1] {
        assert_eq!(receiver.request().await.connection, connection);
    }
    assert!(receiver.is_idle());
}

#[tokio::test]
async fn a_408_on_a_kept_connection_is_not_about_the_request() {
    let late: (&[u8], _) = (
        b"HTTP/1.1 408 Too slow\r\nconnection: close\r\n\r\n",
        Then::Close,
    );
    let mut receiver = Receiver::start_script(&[GOOD, late, GOOD, late]).await;
    let (sender, url) = (sender(), receiver.url());
    for _ in 0..2 {
        let outcome = sender
            .send(callee(&url, false), request(), AMPLE)
            .await
            .outcome;
        assert_eq!(outcome, answered(200, None));
    }
    for connection in [0, 0, 1] {
        assert_eq!(receiver.request().await.connection, connection);
    }
    let outcome = crate::sender()
        .send(callee(&url, false), request(), AMPLE)
        .await
        .outcome;
    assert_eq!(outcome, answered(408, None));
}

#[tokio::test]
async fn a_request_goes_out_once_more_and_not_again() {
    let mut receiver = Receiver::start_script(&[GOOD, (b"", Then::Close)]).await;
    let (sender, url) = (sender(), receiver.url());
    let outcome = sender
        .send(callee(&url, false), request(), AMPLE)
        .await
        .outcome;
    assert_eq!(outcome, answered(200, None));
    let outcome = sender
        .send(callee(&url, false), request(), AMPLE)
        .await
        .outcome;
    assert_eq!(outcome, Outcome::Unanswered(Trouble::BrokenAnswer));
    for connection in [0, 0, 1] {
        assert_eq!(receiver.request().await.connection, connection);
    }
    assert!(receiver.is_idle());
}

#[tokio::test]
async fn a_connection_that_was_not_kept_is_followed_by_none() {
    let mut receiver = Receiver::start("", Then::Close).await;
    let outcome = sender()
        .send(callee(&receiver.url(), false), request(), AMPLE)
        .await
        .outcome;
    assert_eq!(outcome, Outcome::Unanswered(Trouble::BrokenAnswer));
    receiver.request().await;
    assert!(receiver.is_idle());
}

#[tokio::test]
async fn a_request_that_somebody_is_at_does_not_go_out_again() {
    for (says, then, trouble) in [
        (&b"H"[..], Then::Close, Trouble::BrokenAnswer),
        (
            b"HTTP/1.1 102 Wait\r\n\r\n",
            Then::Close,
            Trouble::BrokenAnswer,
        ),
        (b"nonsense", Then::Close, Trouble::BrokenAnswer),
        (b"", Then::ReadOn, Trouble::TimeoutAfterSent(SHORT)),
    ] {
        let mut receiver = Receiver::start_script(&[GOOD, (says, then), GOOD]).await;
        let (sender, url) = (sender(), receiver.url());
        let outcome = sender
            .send(callee(&url, false), request(), AMPLE)
            .await
            .outcome;
        assert_eq!(outcome, answered(200, None));
        let outcome = sender
            .send(callee(&url, false), request(), SHORT)
            .await
            .outcome;
        assert_eq!(outcome, Outcome::Unanswered(trouble), "{says:?}");
        for _ in 0..2 {
            assert_eq!(receiver.request().await.connection, 0);
        }
        assert!(receiver.is_idle());
    }
}

/// Which connection the second of two requests comes on, when the first is answered so.
async fn second_connection(head: &str) -> usize {
    let answer = format!("{head}\r\n\r\n");
    let mut receiver = Receiver::start(&answer, Then::ReadOn).await;
    let (sender, url) = (sender(), receiver.url());
    for _ in 0..2 {
        let outcome = sender
            .send(callee(&url, false), request(), AMPLE)
            .await
            .outcome;
        assert!(
            matches!(outcome, Outcome::Answered { .. }),
            "{head}: {outcome:?}"
        );
    }
    receiver.request().await;
    receiver.request().await.connection
}

#[tokio::test]
async fn a_receiver_that_says_how_long_it_keeps_a_connection_is_believed() {
    for (value, connection) in [
        ("timeout=0", 1),
        ("timeout=1", 1),
        ("max=100, timeout=1", 1),
        ("timeout=\"1\"", 1),
        ("Timeout = 1", 1),
        ("timeout=soon", 1),
        ("timeout=60", 0),
        ("timeout=60, max=100", 0),
        ("max=100", 0),
    ] {
        let head = format!("HTTP/1.1 200 OK\r\nkeep-alive: {value}\r\ncontent-length: 0");
        assert_eq!(second_connection(&head).await, connection, "{value}");
    }
}

#[tokio::test]
async fn a_connection_is_kept_only_after_an_answer_whose_end_is_beyond_doubt() {
    for (head, connection) in [
        ("HTTP/1.1 200 OK\r\ncontent-length: 0", 0),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 0\r\ncontent-length: 0",
            0,
        ),
        ("HTTP/1.1 204 None", 0),
        ("HTTP/1.1 100 Go on\r\n\r\nHTTP/1.1 204 None", 0),
        ("HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n0", 0),
        ("HTTP/1.0 200 OK\r\ncontent-length: 0", 1),
        (
            "HTTP/1.1 200 OK\r\nconnection: x, Close\r\ncontent-length: 0",
            1,
        ),
        ("HTTP/1.1 200 OK\r\nx: y\r\n z\r\ncontent-length: 0", 1),
        ("HTTP/1.1 200 OK\r\nno colon\r\ncontent-length: 0", 1),
        ("HTTP/1.1 200 OK\r\ncontent-length : 0", 1),
        ("HTTP/1.1 200 OK\r\ncontent-length: 0, 2", 1),
        ("HTTP/1.1 200 OK\r\ncontent-length: +0", 1),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0",
            1,
        ),
        ("HTTP/1.1 204 None\r\n\r\na body", 1),
        ("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\nmore", 1),
        ("HTTP/1.1 101 Switch\r\ncontent-length: 0", 1),
    ] {
        assert_eq!(second_connection(head).await, connection, "{head}");
    }
}
