//! With `PlatformPrincipalArn` set, the event queue takes events from the platform, and from nobody
//! else who may send to queues.

use aws_sdk_sqs::error::ProvideErrorMetadata;
use serde_json::json;

use crate::run::{Run, ad_hoc};
use crate::stage::{Stage, config_of};

const PLATFORM: &str = "arn:aws:iam::111122223333:role/platform";
const OPERATOR: &str = "arn:aws:iam::000000000000:role/operators";

async fn stage() -> Stage {
    Stage::with(&[
        ("PlatformPrincipalArn", PLATFORM),
        ("OperatorPrincipalArn", OPERATOR),
    ])
    .await
}

/// Sends an event as this caller. The code of the refusal, if it is refused.
async fn send_as(stage: &Stage, caller: &str, run: &str) -> Option<String> {
    let endpoints = stage.platform.endpoints();
    let sqs = aws_sdk_sqs::Client::new(&config_of(caller, &endpoints.sqs));
    let send = sqs
        .send_message()
        .queue_url(endpoints.event_queue_url.as_deref().expect("a queue"))
        .message_body(Run::new(run).event("SUCCEEDED", 60).to_string());
    let refusal = send.send().await.err()?;
    Some(refusal.code().unwrap_or("no code").to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_taken_of_the_platform_and_of_nobody_else() {
    let stage = stage().await;
    let refused = Some("AccessDeniedException".to_owned());
    for (caller, expected) in [
        (PLATFORM, &None),
        (OPERATOR, &None),
        ("test", &refused),
        ("arn:aws:iam::000000000000:role/other", &refused),
        ("arn:aws:iam::111122223333:role/other", &refused),
        ("arn:aws:iam::111122223333:role/platform2", &refused),
    ] {
        assert_eq!(&send_as(&stage, caller, "run1").await, expected, "{caller}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_platform_principal_only_this_account_sends() {
    let stage = Stage::new().await;
    assert_eq!(send_as(&stage, "test", "run1").await, None);
    assert_eq!(
        send_as(&stage, PLATFORM, "run1").await.as_deref(),
        Some("AccessDeniedException")
    );
}

/// Its events go back on the queue, from `api`.
#[tokio::test(flavor = "multi_thread")]
async fn a_late_ad_hoc_webhook_fires_although_only_the_platform_may_send() {
    let stage = stage().await;
    assert_eq!(send_as(&stage, PLATFORM, "run1").await, None);
    stage.settled().await;
    let mut late = ad_hoc(&["SUCCEEDED"], &stage.receiver.url("/late"));
    late["isAdHoc"] = json!(true);
    late["condition"] = json!({"actorRunId": "run1"});
    let (status, answer) = stage.api("POST", "/v2/webhooks", Some(&late)).await;
    assert_eq!(status, 201, "{answer}");
    stage.settled().await;
    assert_eq!(stage.receiver.received_at("/late").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_events_are_redriven_by_the_operator_and_by_nobody_else() {
    let stage = stage().await;
    let queue = stage
        .platform
        .queue("EventDeadLetterQueue")
        .expect("a queue");
    for (caller, may) in [
        ("arn:aws:iam::000000000000:role/other", false),
        (OPERATOR, true),
    ] {
        let sqs = aws_sdk_sqs::Client::new(&config_of(caller, &stage.platform.endpoints().sqs));
        let redrive = sqs.start_message_move_task().source_arn(queue.arn());
        let refusal = redrive.send().await.err();
        let code = refusal.as_ref().and_then(ProvideErrorMetadata::code);
        assert_eq!(code == Some("AccessDeniedException"), !may, "{caller}");
    }
}
