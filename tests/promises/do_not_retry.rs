//! A webhook that is not to be retried is called once, whatever happens.

use std::time::Duration;

use local::gateway::kill::Moment;
use serde_json::json;
use tokio::net::TcpListener;

use crate::receiver::Answer;
use crate::run::{Run, ad_hoc};
use crate::stage::Stage;

const KNOWN: &str = "Retries are turned off for this webhook";
const UNKNOWN: &str = "The request may have been sent, and the receiver may have acted on it; retries are turned off for this webhook";

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_is_not_to_be_retried_is_called_once() {
    let stage = Stage::new().await;
    stage.receiver.script("/once", &[Answer::Status(500)]);
    start(&stage).await;
    stage.receiver.wait_for(1).await;
    stage.settled().await;
    let [dispatch] = &stage.dispatches().await[..] else {
        panic!("one dispatch")
    };
    assert_eq!((dispatch.status.as_str(), dispatch.attempts), ("FAILED", 1));
    assert_eq!(dispatch.reason.as_deref(), Some(KNOWN));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_that_was_not_answered_says_whether_its_outcome_is_known() {
    let stage = Stage::with(&[("RequestTimeoutSeconds", "2")]).await;
    stage.receiver.script("/hang", &[Answer::Hang]);
    let (silent, closed) = (listener().await, listener().await);
    let [no_handshake, refused] = [&silent, &closed].map(|at| at.local_addr().expect("an address"));
    drop(closed);
    let timeout = "timeout of 2000ms exceeded";
    for (url, error, reason) in [
        (stage.receiver.url("/hang"), timeout.to_owned(), UNKNOWN),
        (
            format!("https://{no_handshake}/"),
            format!("{timeout} before the request was sent"),
            KNOWN,
        ),
        (
            format!("http://{refused}/"),
            "No connection to the endpoint could be made".to_owned(),
            KNOWN,
        ),
    ] {
        start_with(&stage, &url).await;
        stage.settled().await;
        let dispatches = stage.dispatches().await;
        let ended = dispatches
            .iter()
            .find(|one| one.calls[0]["error"].as_s() == Ok(&error));
        let ended = ended.unwrap_or_else(|| panic!("{url}: {dispatches:?}"));
        assert_eq!((ended.status.as_str(), ended.attempts), ("FAILED", 1));
        assert_eq!(ended.reason.as_deref(), Some(reason), "{url}");
    }
    stage.receiver.release();
}

/// `deliver` is killed at each call that it makes, one dispatch after the other. When it dies after
/// the POST, nobody knows how that ended.
#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_whose_outcome_nobody_knows_is_not_made_again() {
    let mut unknown = 0;
    for (nth, moment) in
        (1..=4).flat_map(|nth| [(nth, Moment::BeforeCall), (nth, Moment::AfterCall)])
    {
        let stage = Stage::new().await;
        let kill = stage.kill_at("deliver", nth, moment);
        start(&stage).await;
        kill.fired().await;
        // The message comes again while the dead worker's lease is in force, and once more when
        // that has expired.
        stage.give_back("DeliveryQueue");
        stage.attempted().await;
        stage.advance(Duration::from_secs(200));
        stage.settled().await;

        let [dispatch] = &stage.dispatches().await[..] else {
            panic!("one dispatch")
        };
        let posts = stage.receiver.received().len();
        assert!(posts <= 1, "{posts} POSTs, killed at call {nth} {moment:?}");
        match dispatch.status.as_str() {
            "SUCCEEDED" => assert_eq!(posts, 1),
            _ => {
                unknown += 1;
                let error = dispatch.calls[0]["error"].as_s().expect("an error");
                assert_eq!(
                    error,
                    "The request may have been sent; its outcome is not known"
                );
                assert_eq!(dispatch.reason.as_deref(), Some(UNKNOWN));
            }
        }
    }
    assert!(unknown > 0, "no outcome was ever unknown");
}

async fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.expect("a free port")
}

async fn start(stage: &Stage) {
    start_with(stage, &stage.receiver.url("/once")).await;
}

/// A run starts, with an ad hoc webhook that is not to be retried.
async fn start_with(stage: &Stage, url: &str) {
    let mut webhook = ad_hoc(&["CREATED"], url);
    webhook["doNotRetry"] = json!(true);
    let created = Run::new("run1").created_with(&json!([webhook]));
    assert!(stage.ingest(&[created]).await.is_empty());
}
