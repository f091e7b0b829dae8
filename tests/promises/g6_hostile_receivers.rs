//! G6 against hostile receivers: each delivery ends in its outcome, in time and with little memory,
//! and the neighbours in the batch are not held up.

mod hostile;
mod manners;

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::receiver::Answer;
use crate::run::{Run, ad_hoc};
use crate::stage::{Recorded, Stage};
use hostile::{Hostile, Log};
use manners::End;

const GOOD: usize = 10;

/// In megabytes. Gigabytes are offered.
const MEMORY: u64 = 200;

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
    for (manner, end) in manners::all(&canary_url) {
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
    // Past the harness, which swallows what a test that passes prints.
    let _ = writeln!(
        std::io::stderr(),
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
