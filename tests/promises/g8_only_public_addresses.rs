//! G8: no request goes to an address that is not public, whatever the URL, DNS or a redirect says.
//!
//! This is about whole functions, and URLs. DNS and redirects are tested where requests are sent,
//! in `shared/delivery/tests/sending`; the addresses themselves in
//! `shared/domain/src/endpoints/target/tests.rs`.

use std::io::ErrorKind;
use std::net::TcpListener;

use local::binaries::checkout;
use local::options::Options;
use serde_json::json;

use crate::run::{Run, ad_hoc};
use crate::stage::{Recorded, Stage};

/// The same for every target, so that nobody can draw a map of the network from it.
const REFUSAL: &str = "The request URL does not lead to a public address";

const LOOPBACK: [&str; 24] = [
    "127.0.0.1",
    "127.1",
    "127.0.0.1.",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "%31%32%37.0.0.1",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
    "me:secret@127.0.0.1",
    "0.0.0.0",
    "0",
    "localhost",
    "LOCALHOST.",
    "a.localhost",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[2600::5efe:127.0.0.1]",
];

/// Addresses that this machine need not have: what counts is that nobody tries.
const ELSEWHERE: [&str; 6] = [
    "169.254.169.254",
    "[fd00:ec2::254]",
    "10.0.0.1",
    "[fe80::1]",
    "metadata.google.internal",
    "intranet",
];

/// The platform with the guard as it is in AWS.
async fn strict() -> Stage {
    let parameters = [("AdHocWebhooksPerRun", "100")];
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    Stage::on(Options {
        parameters: parameters.map(owned).into(),
        allowed_targets: Vec::new(),
        quiet: true,
        ..Options::default()
    })
    .await
}

fn assert_refused(dispatch: &Recorded) {
    assert_eq!(dispatch.status, "FAILED", "{dispatch:?}");
    assert_eq!(dispatch.reason.as_deref(), Some(REFUSAL));
    assert_eq!(dispatch.attempts, 1, "another attempt would end the same");
}

#[tokio::test(flavor = "multi_thread")]
async fn g8_no_spelling_of_an_address_that_is_not_public_is_connected_to() {
    let stage = strict().await;
    let canary = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = canary.local_addr().expect("an address").port();
    let hosts = LOOPBACK.iter().chain(&ELSEWHERE);
    let webhooks: Vec<_> = hosts
        .map(|host| ad_hoc(&["CREATED"], &format!("http://{host}:{port}/hook")))
        .collect();
    stage
        .send(&Run::new("run1").created_with(&json!(webhooks)))
        .await;
    stage.settled().await;

    let dispatches = stage.dispatches().await;
    assert_eq!(dispatches.len(), webhooks.len(), "none rejects the event");
    dispatches.iter().for_each(assert_refused);
    canary.set_nonblocking(true).expect("a listener");
    let connection = canary.accept().expect_err("nobody has connected");
    assert_eq!(connection.kind(), ErrorKind::WouldBlock);
}

/// Whoever reaches the Runtime API could answer in the function's name. On this machine it is at an
/// address that receivers may have.
#[tokio::test(flavor = "multi_thread")]
async fn g8_a_function_s_own_runtime_api_is_refused_even_where_loopback_is_allowed() {
    let stage = Stage::new().await;
    let deliver_to = async |run: &str, url: &str| {
        let webhook = ad_hoc(&["CREATED"], url);
        stage
            .send(&Run::new(run).created_with(&json!([webhook])))
            .await;
        stage.settled().await;
    };
    deliver_to("first", &stage.receiver.url("/hook")).await;
    assert_eq!(stage.receiver.received().len(), 1, "loopback is allowed");

    let deliver = stage.platform.function("deliver").expect("a function");
    let port = deliver.sandbox(1).expect("a sandbox").runtime_api().port();
    let hosts = ["127.0.0.1", "0x7f.1", "[::ffff:127.0.0.1]", "localhost"];
    for (run, host) in hosts.iter().enumerate() {
        let url = format!("http://{host}:{port}/2018-06-01/runtime/init/error");
        deliver_to(&format!("run{run}"), &url).await;
    }
    assert!(
        deliver.sandbox(2).is_none(),
        "one process has made all deliveries"
    );
    let mut dispatches = stage.dispatches().await;
    dispatches.retain(|dispatch| dispatch.status != "SUCCEEDED");
    assert_eq!(dispatches.len(), hosts.len());
    dispatches.iter().for_each(assert_refused);
}

#[tokio::test(flavor = "multi_thread")]
async fn g8_nothing_that_is_deployed_lets_requests_reach_what_is_not_public() {
    const VARIABLE: &str = "ALLOWED_TARGETS";
    let is_set = |stage: &Stage| {
        let mut functions = stage.platform.functions();
        functions.any(|function| function.environment().contains_key(VARIABLE))
    };
    assert!(is_set(&Stage::new().await), "the variable has another name");
    assert!(!is_set(&strict().await));
    for file in ["template.yaml", "samconfig.toml"] {
        let path = checkout().join("infra").join(file);
        let text = std::fs::read_to_string(path).expect("a file");
        assert!(!text.contains(VARIABLE), "{file}");
        // Nor does anything that is deployed have another time than its machine.
        assert!(!text.contains("RUNHOOKS_CLOCK"), "{file}");
    }
}
