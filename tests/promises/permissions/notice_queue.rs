//! Notices are taken by the platform and sent by `sweep`, and with `PlatformPrincipalArn` set by
//! nobody else who may use queues: users act on what they are told.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::ProvideErrorMetadata;
use serde_json::json;

use crate::receiver::Answer;
use crate::run::{Run, ad_hoc};
use crate::stage::{Stage, config_of};

const PLATFORM: &str = "arn:aws:iam::111122223333:role/platform";
const OPERATOR: &str = "arn:aws:iam::000000000000:role/operators";
const OTHERS: [&str; 2] = [
    "arn:aws:iam::111122223333:role/other",
    "arn:aws:iam::111122223333:role/platform2",
];

fn client(stage: &Stage, caller: &str) -> Client {
    Client::new(&config_of(caller, &stage.platform.endpoints().sqs))
}

#[tokio::test(flavor = "multi_thread")]
async fn notices_are_taken_by_the_platform_and_sent_by_nobody_but_sweep_and_the_operator() {
    let stage = Stage::with(&[
        ("PlatformPrincipalArn", PLATFORM),
        ("OperatorPrincipalArn", OPERATOR),
    ])
    .await;
    stage.receiver.script("/gone", &[Answer::Status(410)]);
    let hook = ad_hoc(&["CREATED"], &stage.receiver.url("/gone"));
    let event = Run::new("run1").created_with(&json!([hook]));
    assert!(stage.ingest(&[event]).await.is_empty());
    stage.receiver.wait_for(1).await;
    stage.settled().await;
    assert!(stage.sweep().await);
    let url = &stage.platform.endpoints().queues["NoticeQueue"];
    for other in OTHERS {
        let receive = client(&stage, other).receive_message().queue_url(url);
        let refused = receive.send().await.expect_err("it is refused");
        assert_eq!(refused.code(), Some("AccessDeniedException"), "{other}");
    }
    let platform = client(&stage, PLATFORM);
    let receive = platform.receive_message().queue_url(url);
    let received = receive.send().await.expect("it is allowed").messages;
    let [message] = &received.unwrap_or_default()[..] else {
        panic!("one notice")
    };
    let delete = platform.delete_message().queue_url(url);
    let delete = delete.receipt_handle(message.receipt_handle().expect("a handle"));
    delete.send().await.expect("it is allowed");

    for (caller, may_send) in [
        (OPERATOR, true),
        (PLATFORM, false),
        ("test", false),
        (OTHERS[0], false),
    ] {
        let send = client(&stage, caller).send_message().queue_url(url);
        let sent = send.message_body("{}").send().await;
        assert_eq!(sent.is_ok(), may_send, "{caller}");
    }
}
