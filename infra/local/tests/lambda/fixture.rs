//! A platform of the small template beside this file, whose functions are all the example program
//! `fixture`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use axum::body::Bytes;
use http::Response;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use local::binaries::{self, Target};
use local::lambda::invocation::Outcome;
use local::options::Options;
use local::platform::Platform;
use local::sqs::NewMessage;
use serde_json::{Value, json};

const FUNCTIONS: [&str; 12] = [
    "batch",
    "exiting",
    "greedy",
    "hasty",
    "lone",
    "loop",
    "plain",
    "reporting",
    "stuck",
    "timed",
    "whole",
    "window",
];

/// How the tests start a platform.
pub(crate) async fn options() -> Options {
    let target = Target::Example("fixture".into());
    let built = binaries::build(BTreeSet::from([target.clone()]), false)
        .await
        .unwrap();
    let executables = FUNCTIONS.map(|name| (name.to_owned(), built[&target].clone()));
    Options {
        template: Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lambda/template.yaml"),
        executables: BTreeMap::from(executables),
        quiet: true,
        ..Options::default()
    }
}

pub(crate) async fn start() -> Platform {
    Platform::start(options().await).await.unwrap()
}

/// A platform whose account may run so many invocations at once, none of which is reserved.
pub(crate) async fn start_account_of(concurrency: u32) -> Platform {
    let unreserved = ("LoneConcurrency".to_owned(), "0".to_owned());
    let options = Options {
        account_concurrency: concurrency,
        parameters: [unreserved].into(),
        ..options().await
    };
    Platform::start(options).await.unwrap()
}

/// The answer of an invocation that succeeds.
pub(crate) async fn answer(platform: &Platform, function: &str, order: Value) -> Value {
    match platform.invoke(function, order.to_string()).await.unwrap() {
        Outcome::Answered(answer) => serde_json::from_slice(&answer).unwrap(),
        other => panic!("{other:?}"),
    }
}

/// The error of an invocation that fails.
pub(crate) async fn failure(platform: &Platform, function: &str, order: Value) -> Value {
    match platform.invoke(function, order.to_string()).await.unwrap() {
        Outcome::Failed(error) => serde_json::from_slice(&error).unwrap(),
        other => panic!("{other:?}"),
    }
}

pub(crate) fn send(platform: &Platform, queue: &str, order: &Value) {
    let body = order.to_string();
    let message = NewMessage {
        body,
        ..NewMessage::default()
    };
    platform.queue(queue).unwrap().send(message).unwrap();
}

/// What a function told next through the queue for that.
pub(crate) async fn told(platform: &Platform) -> Value {
    next_in(platform, "OutQueue").await
}

/// The next message of a queue that feeds nobody.
pub(crate) async fn next_in(platform: &Platform, queue: &str) -> Value {
    let queue = platform.queue(queue).unwrap();
    let received = queue
        .receive(1, Duration::from_secs(20), None)
        .await
        .unwrap();
    let received = received.first().expect("no message came");
    queue.delete(&received.receipt_handle).unwrap();
    serde_json::from_str(&received.message.body).unwrap()
}

/// The orders in the batch that a function told of.
pub(crate) fn orders(batch: &Value) -> Vec<Value> {
    let records = batch.as_array().unwrap().iter();
    records
        .map(|record| serde_json::from_str(record["body"].as_str().unwrap()).unwrap())
        .collect()
}

/// Sends a request over HTTP and reads the whole answer.
pub(crate) async fn http(
    request: http::request::Builder,
    body: impl Into<Bytes>,
) -> Response<Bytes> {
    let client = Client::builder(TokioExecutor::new()).build_http();
    let request = request.body(Full::new(body.into())).unwrap();
    let (head, body) = client.request(request).await.unwrap().into_parts();
    Response::from_parts(head, body.collect().await.unwrap().to_bytes())
}

/// Whether a process exists.
pub(crate) fn is_alive(pid: &Value) -> bool {
    Path::new(&format!("/proc/{pid}")).exists()
}

pub(crate) fn nothing() -> Value {
    json!({})
}
