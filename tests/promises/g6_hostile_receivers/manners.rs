//! What hostile receivers say and do, and how it ends.

use std::borrow::Cow;

use super::hostile::{Manner, Then};

const OK: &str = "HTTP/1.1 200 OK\r\n";

/// How a delivery ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// This status is on record, and it is delivered.
    Delivered(u16),
    /// This status is on record, and it is tried again.
    Refused(u16),
    /// No status is on record, and it is tried again.
    Unanswered(Cow<'static, str>),
}

const TIMEOUT: End = End::Unanswered(Cow::Borrowed("timeout of 8000ms exceeded"));
const BROKEN: End = End::Unanswered(Cow::Borrowed(
    "The endpoint closed the connection or sent an invalid HTTP response",
));
const NO_HANDSHAKE: End = End::Unanswered(Cow::Borrowed(
    "No secure connection to the endpoint could be made: the handshake took too long",
));
const CLOSED_HANDSHAKE: End = End::Unanswered(Cow::Borrowed(
    "No secure connection to the endpoint could be made: it closed the connection",
));
const NO_TLS: End = End::Unanswered(Cow::Borrowed(
    "No secure connection to the endpoint could be made: what it says is not TLS",
));

/// All of them. Redirects lead to the canary.
pub(super) fn all(canary: &str) -> Vec<(Manner, End)> {
    [
        silence(),
        sudden_ends(),
        wrong_lengths(),
        no_lengths(),
        floods(),
        other_languages(),
        redirects(canary),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Silence, in all places.
fn silence() -> Vec<(Manner, End)> {
    vec![
        (http(String::new(), Then::Hang), TIMEOUT),
        (http("HTTP/1.1 20".into(), Then::Hang), TIMEOUT),
        (http("HTTP/1.1 102 Wait\r\nx: ".into(), Then::Drip), TIMEOUT),
        (
            http(format!("{OK}server: x"), Then::Hang),
            End::Delivered(200),
        ),
        (http(format!("{OK}x: "), Then::Drip), End::Delivered(200)),
        (
            http(format!("{OK}content-length: 9\r\n\r\n"), Then::Hang),
            End::Delivered(200),
        ),
        (
            http(format!("{OK}content-length: 99999\r\n\r\n"), Then::Drip),
            End::Delivered(200),
        ),
        (
            http(
                "HTTP/1.1 500 No\r\ncontent-length: 9\r\n\r\nhalf".into(),
                Then::Hang,
            ),
            End::Refused(500),
        ),
        (https("", Then::Hang), NO_HANDSHAKE),
    ]
}

/// Sudden ends.
fn sudden_ends() -> Vec<(Manner, End)> {
    vec![
        (http(String::new(), Then::Close), BROKEN),
        (http(String::new(), Then::Reset), BROKEN),
        (http(String::new(), Then::CloseUnread), BROKEN),
        (http("HTTP/1.1 200".into(), Then::Close), BROKEN),
        (
            http(format!("{OK}x: y\r\n"), Then::Close),
            End::Delivered(200),
        ),
        (https("", Then::Close), CLOSED_HANDSHAKE),
    ]
}

/// Bodies that are not as long as they say.
fn wrong_lengths() -> Vec<(Manner, End)> {
    vec![
        (
            http(format!("{OK}content-length: 2\r\n\r\nmore"), Then::Close),
            End::Delivered(200),
        ),
        (
            http(format!("{OK}content-length: 99\r\n\r\nless"), Then::Close),
            End::Delivered(200),
        ),
        (
            http(format!("{OK}content-length: 99\r\n\r\n"), Then::Reset),
            End::Delivered(200),
        ),
        (
            http(
                format!("{OK}transfer-encoding: chunked\r\n\r\n5\r\nha"),
                Then::Close,
            ),
            End::Delivered(200),
        ),
        (
            http(
                format!("{OK}transfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n"),
                Then::Close,
            ),
            End::Delivered(200),
        ),
    ]
}

/// Lengths that are none.
fn no_lengths() -> Vec<(Manner, End)> {
    vec![
        (
            http(format!("{OK}content-length: -1\r\n\r\n"), Then::Close),
            End::Delivered(200),
        ),
        (
            http(
                format!("{OK}content-length: 1\r\ncontent-length: 2\r\n\r\nab"),
                Then::Close,
            ),
            End::Delivered(200),
        ),
    ]
}

/// No end of it.
fn floods() -> Vec<(Manner, End)> {
    vec![
        (
            http(format!("{OK}\r\n"), Then::Flood(b"body")),
            End::Delivered(200),
        ),
        (
            http(
                "HTTP/1.1 503 No\r\ncontent-length: 8589934592\r\n\r\n".into(),
                Then::Flood(b"body"),
            ),
            End::Refused(503),
        ),
        (
            http(OK.to_owned(), Then::Flood(b"a: b\r\n")),
            End::Delivered(200),
        ),
        (
            http(format!("{OK}x: "), Then::Flood(b"endless")),
            End::Delivered(200),
        ),
        (
            http("HTTP/1.1 200 ".into(), Then::Flood(b"OK")),
            End::Delivered(200),
        ),
        (http("HTTP/1.1 ".into(), Then::Flood(b" ")), BROKEN),
        (
            http(String::new(), Then::Flood(b"HTTP/1.1 102 Wait\r\n\r\n")),
            BROKEN,
        ),
        (
            http(
                format!("{OK}transfer-encoding: chunked\r\n\r\n"),
                Then::Flood(b"1;x=y\r\na\r\n"),
            ),
            End::Delivered(200),
        ),
    ]
}

/// Other languages.
fn other_languages() -> Vec<(Manner, End)> {
    vec![
        (http("SSH-2.0-OpenSSH_9.9\r\n".into(), Then::Close), BROKEN),
        (http("\0\u{1}\u{2}\u{3}".into(), Then::Flood(b"\0")), BROKEN),
        (
            http("\u{15}\u{3}\u{1}\0\u{2}\u{2}\u{28}".into(), Then::Close),
            BROKEN,
        ),
        (https("HTTP/1.1 400 Plain\r\n\r\n", Then::Close), NO_TLS),
    ]
}

fn redirects(canary: &str) -> Vec<(Manner, End)> {
    let statuses = [300, 301, 302, 303, 304, 305, 307, 308];
    let redirect = |status| {
        let says = format!(
            "HTTP/1.1 {status} There\r\nlocation: {canary}\r\nrefresh: 0; url={canary}\r\ncontent-length: 0\r\n\r\n"
        );
        (http(says, Then::Close), End::Refused(status))
    };
    statuses.map(redirect).into()
}

fn http(says: String, then: Then) -> Manner {
    Manner::new("http", says, then)
}

fn https(says: &str, then: Then) -> Manner {
    Manner::new("https", says.to_owned(), then)
}
