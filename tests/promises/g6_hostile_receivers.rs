//! G6 against receivers that are up to no good: each delivery ends in its outcome, in its time and in little memory, and the neighbours in the
//! batch are not held up.

mod hostile;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::receiver::Answer;
use crate::run::{Run, ad_hoc};
use crate::stage::{Recorded, Stage};
use hostile::{Hostile, Log, Manner, Then};

const GOOD: usize = 10;

/// In megabytes. Gigabytes are offered.
const MEMORY: u64 = 200;

/// How a delivery ends.
#[derive(Clone, Debug, PartialEq, Eq)]
enum End {
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
const NO_CONNECTION: End =
    End::Unanswered(Cow::Borrowed("No connection to the endpoint could be made"));
const NO_TLS: End = End::Unanswered(Cow::Borrowed(
    "No secure connection to the endpoint could be made: check its certificate",
));

/// What receivers say and do, and how it ends.
fn manners(canary: &str) -> Vec<(Manner, End)> {
    let ok = "HTTP/1.1 200 OK\r\n";
    let http = |says: String, then: Then| Manner::new("http", says, then);
    let https = |says: &str, then: Then| Manner::new("https", says.to_owned(), then);
    let mut manners = vec![
        // Silence, in all places.
        (http(String::new(), Then::Hang), TIMEOUT),
        (http("HTTP/1.1 20".into(), Then::Hang), TIMEOUT),
        (http(format!("{ok}server: x"), Then::Hang), TIMEOUT),
        (http(format!("{ok}x: "), Then::Drip), TIMEOUT),
        (
            http(format!("{ok}content-length: 9\r\n\r\n"), Then::Hang),
            End::Delivered(200),
        ),
        (
            http(format!("{ok}content-length: 99999\r\n\r\n"), Then::Drip),
            End::Delivered(200),
        ),
        (
            http(
                "HTTP/1.1 500 No\r\ncontent-length: 9\r\n\r\nhalf".into(),
                Then::Hang,
            ),
            End::Refused(500),
        ),
        (https("", Then::Hang), NO_CONNECTION),
        // Sudden ends.
        (http(String::new(), Then::Close), BROKEN),
        (http(String::new(), Then::Reset), BROKEN),
        (http(String::new(), Then::CloseUnread), BROKEN),
        (http(format!("{ok}x: y\r\n"), Then::Close), BROKEN),
        (https("", Then::Close), NO_CONNECTION),
        // Bodies that are not as long as they say.
        (
            http(format!("{ok}content-length: 2\r\n\r\nmore"), Then::Close),
            End::Delivered(200),
        ),
        (
            http(format!("{ok}content-length: 99\r\n\r\nless"), Then::Close),
            End::Delivered(200),
        ),
        (
            http(format!("{ok}content-length: 99\r\n\r\n"), Then::Reset),
            End::Delivered(200),
        ),
        (
            http(
                format!("{ok}transfer-encoding: chunked\r\n\r\n5\r\nha"),
                Then::Close,
            ),
            End::Delivered(200),
        ),
        (
            http(
                format!("{ok}transfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n"),
                Then::Close,
            ),
            End::Delivered(200),
        ),
        // Lengths that are none.
        (
            http(format!("{ok}content-length: -1\r\n\r\n"), Then::Close),
            BROKEN,
        ),
        (
            http(
                format!("{ok}content-length: 1\r\ncontent-length: 2\r\n\r\nab"),
                Then::Close,
            ),
            BROKEN,
        ),
        // No end of it.
        (
            http(format!("{ok}\r\n"), Then::Flood(b"body")),
            End::Delivered(200),
        ),
        (
            http(
                "HTTP/1.1 503 No\r\ncontent-length: 8589934592\r\n\r\n".into(),
                Then::Flood(b"body"),
            ),
            End::Refused(503),
        ),
        (http(ok.into(), Then::Flood(b"a: b\r\n")), BROKEN),
        (http(format!("{ok}x: "), Then::Flood(b"endless")), BROKEN),
        (http("HTTP/1.1 200 ".into(), Then::Flood(b"OK")), BROKEN),
        (
            http(String::new(), Then::Flood(b"HTTP/1.1 102 Wait\r\n\r\n")),
            BROKEN,
        ),
        (
            http(
                format!("{ok}transfer-encoding: chunked\r\n\r\n"),
                Then::Flood(b"1;x=y\r\na\r\n"),
            ),
            End::Delivered(200),
        ),
        // Other languages.
        (http("SSH-2.0-OpenSSH_9.9\r\n".into(), Then::Close), BROKEN),
        (http("\0\u{1}\u{2}\u{3}".into(), Then::Flood(b"\0")), BROKEN),
        (
            http("\u{15}\u{3}\u{1}\0\u{2}\u{2}\u{28}".into(), Then::Close),
            BROKEN,
        ),
        (https("HTTP/1.1 400 Plain\r\n\r\n", Then::Close), NO_TLS),
    ];
    for status in [300, 301, 302, 303, 304, 305, 307, 308] {
        let says = format!(
            "HTTP/1.1 {status} There\r\nlocation: {canary}\r\nrefresh: 0; url={canary}\r\ncontent-length: 0\r\n\r\n"
        );
        manners.push((http(says, Then::Close), End::Refused(status)));
    }
    manners
}

#[tokio::test(flavor = "multi_thread")]
async fn g6_hostile_receivers_end_in_their_outcomes_and_their_neighbours_are_on_time() {
    let stage = Stage::with(&[
        ("DeliveriesEnabled", "false"),
        ("RequestTimeoutSeconds", "8"),
        ("ConnectTimeoutSeconds", "3"),
        ("RetryScheduleSeconds", "3600"),
    ])
    .await;
    let canary = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let canary_url = format!("http://{}/", canary.local_addr().expect("an address"));
    let log = Arc::new(Log::default());
    let mut events = Vec::new();
    let mut expected = HashMap::new();
    for (manner, end) in manners(&canary_url) {
        let run = format!("run{}", events.len());
        expected.insert(run.clone(), (format!("{manner:?}"), end));
        let receiver = Hostile::start(manner, Arc::clone(&log)).await;
        events.push(created(&run, &receiver.url));
    }
    for n in 0..GOOD {
        let (run, path) = (format!("good{n}"), format!("/good{n}"));
        stage.receiver.script(&path, &[Answer::Status(200)]);
        expected.insert(run.clone(), (path.clone(), End::Delivered(200)));
        // Among the others, not before them.
        events.insert(4 * n, created(&run, &stage.receiver.url(&path)));
    }
    assert!(stage.ingest(&events).await.is_empty());
    let messages = stage.delivery_messages(events.len()).await;

    let (failures, ()) = tokio::join!(stage.deliver(&messages), async {
        stage.receiver.wait_for(GOOD).await;
        assert_eq!(
            log.given_up(),
            0,
            "the good ones have waited for the others"
        );
    });
    assert!(
        failures.is_empty(),
        "what receivers do is no failure: {failures:?}"
    );
    assert!(log.given_up() > 0);

    let dispatches = by_run(&stage, &messages).await;
    let ends = expected.into_iter().map(|(run, (manner, expected))| {
        let end = end_of(&dispatches[&run]);
        (end != expected).then(|| format!("{manner}: {end:?}, not {expected:?}"))
    });
    let wrong: Vec<_> = ends.flatten().collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let called = tokio::time::timeout(Duration::ZERO, canary.accept()).await;
    assert!(called.is_err(), "a redirect was followed");
    assert_eq!(stage.receiver.received().len(), GOOD);

    let peak = stage.platform.peak_memory("deliver").expect("a function") / 1_000_000;
    println!(
        "peak memory of deliver: {peak} MB; it was sent {} MB at least",
        log.sent() / 1_000_000
    );
    assert!(0 < peak && peak < MEMORY, "{peak} MB");
    let starts = stage.platform.cold_starts("deliver").expect("a function");
    assert_eq!(starts.len(), 1, "one process has borne it all");
}

fn created(run: &str, url: &str) -> Value {
    Run::new(run).created_with(&json!([ad_hoc(&["CREATED"], url)]))
}

/// The dispatches that these messages were about, by run.
async fn by_run(stage: &Stage, messages: &[String]) -> HashMap<String, Recorded> {
    let dispatches = stage.dispatches().await;
    let found = messages.iter().map(|message| {
        let message: Value = serde_json::from_str(message).expect("JSON");
        let text = |name: &str| message[name].as_str().expect("a text").to_owned();
        let id = text("dispatch");
        let dispatch = dispatches.iter().find(|dispatch| dispatch.id == id);
        (text("run"), dispatch.expect("a dispatch").clone())
    });
    found.collect()
}

fn end_of(dispatch: &Recorded) -> End {
    let [call] = &dispatch.calls[..] else {
        panic!("one call: {dispatch:?}")
    };
    let status = call.get("status").map(|status| {
        let status = status.as_n().expect("a number");
        status.parse::<u16>().expect("a status")
    });
    let error = call.get("error").map(|error| error.as_s().expect("a text"));
    match (dispatch.status.as_str(), status, error) {
        ("SUCCEEDED", Some(status), None) => End::Delivered(status),
        ("ACTIVE", Some(status), Some(error)) => {
            let said = format!("Endpoint responded with HTTP status code {status}");
            assert_eq!(*error, said);
            End::Refused(status)
        }
        ("ACTIVE", None, Some(error)) => End::Unanswered(Cow::Owned(error.clone())),
        _ => panic!("{dispatch:?}"),
    }
}
