//! What goes over the wire, seen by receivers that speak raw bytes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::run::{Run, ad_hoc};
use crate::stage::{Recorded, Stage};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
/// Closes without an answer.
const CLOSES: &str = "";

/// Long enough for the slowest machine: a wait that ends so has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// A request, and the number of the connection it came on.
struct Received {
    connection: usize,
    head: String,
}

impl Received {
    fn id(&self) -> &str {
        let line = self
            .head
            .lines()
            .find(|line| line.starts_with("webhook-id: "));
        line.expect("an id")
    }
}

struct Raw {
    url: String,
    requests: UnboundedReceiver<Received>,
}

impl Raw {
    /// Says these to the requests, one after the other, and the last again and again.
    async fn start(answers: &'static [&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/", listener.local_addr().expect("an address"));
        let (sender, requests) = unbounded_channel();
        let next = Arc::new(AtomicUsize::new(0));
        tokio::spawn(async move {
            for connection in 0.. {
                let Ok((stream, _)) = listener.accept().await else {
                    return;
                };
                tokio::spawn(serve(
                    stream,
                    connection,
                    answers,
                    Arc::clone(&next),
                    sender.clone(),
                ));
            }
        });
        Self { url, requests }
    }

    async fn request(&mut self) -> Received {
        let request = tokio::time::timeout(PATIENCE, self.requests.recv()).await;
        request
            .expect("a request in time")
            .expect("the server runs")
    }
}

async fn serve(
    mut stream: TcpStream,
    connection: usize,
    answers: &[&str],
    next: Arc<AtomicUsize>,
    seen: UnboundedSender<Received>,
) {
    let mut bytes = Vec::new();
    while let Ok(1..) = stream.read_buf(&mut bytes).await {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        if body.len() < length.map_or(0, |length| length.parse().expect("a length")) {
            continue;
        }
        let head = head.to_owned();
        let _ = seen.send(Received { connection, head });
        bytes.clear();
        let nth = next.fetch_add(1, Ordering::SeqCst).min(answers.len() - 1);
        let _ = stream.write_all(answers[nth].as_bytes()).await;
        if answers[nth] == CLOSES {
            return;
        }
    }
}

/// Delivers what this webhook is to be told of one more run.
async fn deliver(stage: &Stage, run: &str, webhook: &Value) {
    let created = Run::new(run).created_with(&json!([webhook]));
    assert!(
        stage
            .ingest(std::slice::from_ref(&created))
            .await
            .is_empty()
    );
    let messages = stage.delivery_messages(1).await;
    assert!(stage.deliver(&messages).await.is_empty());
}

async fn manual() -> Stage {
    Stage::with(&[("DeliveriesEnabled", "false")]).await
}

fn assert_delivered_at_once(dispatches: &[Recorded], count: usize) {
    assert_eq!(dispatches.len(), count);
    for dispatch in dispatches {
        assert_eq!(
            (dispatch.status.as_str(), dispatch.attempts),
            ("SUCCEEDED", 1),
            "{dispatch:?}"
        );
    }
}

/// The receiver was about to close the connection when the second request came on it.
#[tokio::test(flavor = "multi_thread")]
async fn a_kept_connection_that_breaks_is_no_failed_call() {
    let stage = manual().await;
    let mut receiver = Raw::start(&[OK, CLOSES, OK]).await;
    for run in ["run1", "run2"] {
        deliver(&stage, run, &ad_hoc(&["CREATED"], &receiver.url)).await;
    }
    let first = receiver.request().await;
    let (lost, again) = (receiver.request().await, receiver.request().await);
    assert_eq!(
        [first.connection, lost.connection, again.connection],
        [0, 0, 1]
    );
    assert_eq!(lost.id(), again.id());
    assert_delivered_at_once(&stage.dispatches().await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_is_not_to_be_retried_has_a_connection_of_its_own() {
    let stage = manual().await;
    let mut receiver = Raw::start(&[OK]).await;
    let mut once = ad_hoc(&["CREATED"], &receiver.url);
    once["doNotRetry"] = json!(true);
    let often = ad_hoc(&["CREATED"], &receiver.url);
    let orders = [(&often, 0), (&often, 0), (&once, 1), (&once, 2)];
    for (run, (webhook, connection)) in orders.into_iter().enumerate() {
        deliver(&stage, &format!("run{run}"), webhook).await;
        assert_eq!(receiver.request().await.connection, connection, "{run}");
    }
    assert_delivered_at_once(&stage.dispatches().await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_of_a_headers_template_go_out_as_they_are_written() {
    let stage = manual().await;
    let mut receiver = Raw::start(&[OK]).await;
    let mut webhook = ad_hoc(&["CREATED"], &receiver.url);
    let template = r#"{"SOAPAction": "a", "X-API-key": "b", "user-AGENT": "c", "HOST": "d"}"#;
    webhook["headersTemplate"] = json!(template);
    deliver(&stage, "run1", &webhook).await;
    let head = receiver.request().await.head;
    for line in ["\r\nSOAPAction: a", "\r\nX-API-key: b", "\r\nuser-AGENT: c"] {
        assert!(head.contains(line), "no {line:?} in {head}");
    }
    assert!(!head.contains("HOST"), "{head}");
}

/// A success is on record as soon as it is known. Until the time for a request is over, nobody
/// would wait here.
#[tokio::test(flavor = "multi_thread")]
async fn a_success_is_on_record_although_the_rest_of_the_answer_never_comes() {
    for answers in [
        &["HTTP/1.1 200 OK\r\n"][..],
        &["HTTP/1.1 200 OK\r\nserver: x\r\n folded\r\nno colon\r\n"],
        &["HTTP/1.1 204 None\r\ncontent-length: 9\r\n\r\n"],
        &["HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"],
    ] {
        let stage = manual().await;
        let mut receiver = Raw::start(answers).await;
        let webhook = ad_hoc(&["CREATED"], &receiver.url);
        let delivered = deliver(&stage, "run1", &webhook);
        let delivered = tokio::time::timeout(PATIENCE, delivered).await;
        assert!(delivered.is_ok(), "{answers:?}: still waiting");
        receiver.request().await;
        assert_delivered_at_once(&stage.dispatches().await, 1);
    }
}
