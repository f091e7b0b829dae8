//! Roles and policies. The platform enforces them at every call, so each test shows that no
//! permission is missing. Here is what else they promise.

mod event_queue;
mod notice_queue;
mod refusals;
mod tokens;

use std::time::Duration;

use local::access::Used;
use local::options::Options;
use local::sqs::NewMessage;
use serde_json::{Value, json};

use crate::receiver::{Answer, Receiver};
use crate::run::{Run, ad_hoc};
use crate::stage::Stage;

/// What Lambda itself needs of a role, to poll queues and write logs. The platform checks for it
/// when it starts.
const OF_LAMBDA: [&str; 5] = [
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
];

/// `tests/permissions/run` takes each permission out of the template in turn, and expects this to
/// fail.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_allowed_that_no_function_uses() {
    let stage = stage().await;
    let everything = async {
        use_everything(&stage).await;
        Ok(())
    };
    let denied = stage.platform.unless_denied(everything).await;
    denied.expect("no function is denied anything");
    let used = stage.platform.used_permissions();
    let mut unused = Vec::new();
    for function in stage.platform.functions() {
        let name = &function.settings().short_name;
        let role = stage.platform.role(name).expect("a role");
        let own = role.allowances().filter(|(action, resource)| {
            !OF_LAMBDA.contains(action) && !is_used(&used, name, action, resource)
        });
        unused.extend(own.map(|(action, resource)| format!("{name}: {action} on {resource}")));
    }
    assert!(unused.is_empty(), "never used: {unused:#?}");
}

fn is_used<'a>(
    used: impl IntoIterator<Item = &'a Used>,
    function: &str,
    action: &str,
    resource: &str,
) -> bool {
    used.into_iter()
        .any(|used| used.function == function && used.action == action && used.resource == resource)
}

async fn stage() -> Stage {
    let parameter = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    Stage::on(Options {
        parameters: [("RetryScheduleSeconds", "1,2000")].map(parameter).into(),
        clock_moves: true,
        quiet: true,
        ..Options::default()
    })
    .await
}

/// Takes every function through everything that it does.
async fn use_everything(stage: &Stage) {
    let answers = [500, 500, 200].map(Answer::Status);
    stage.receiver.script("/flaky", &answers);
    stage.receiver.script("/gone", &[Answer::Status(410)]);
    let id = stage
        .webhook(&["CREATED"], json!({"actorId": "actor1"}), "/standing")
        .await;
    let mut keyed = ad_hoc(&["CREATED"], &stage.receiver.url("/flaky"));
    keyed["idempotencyKey"] = json!("key1");
    let run = Run::new("run1");
    assert!(stage.sweep().await);
    let bad = json!({"eventTypes": []});
    stage.send(&run.created_with(&json!([keyed, bad]))).await;
    stage.send_text("not an event").await;
    stage.receiver.wait_for(3).await;
    // The second retry waits longer than a queue can hold it.
    stage.attempted().await;
    stage.advance(Duration::from_secs(3000));
    assert!(stage.sweep().await);
    stage.receiver.wait_for(4).await;
    stage.settled().await;
    ad_hoc_webhooks_come_after_an_event_in_pieces(stage).await;
    a_webhook_is_switched_off(stage).await;
    an_endpoint_hangs(stage).await;
    use_the_api(stage, &run, &id).await;
    stage.settled().await;
    // A job that is left behind by its webhook.
    assert!(stage.sweep().await);
    something_cannot_be_handled(stage).await;
}

/// No event, and too long to be parked with the reason; and messages that ask for no delivery.
async fn something_cannot_be_handled(stage: &Stage) {
    stage.send_text(&"x".repeat(1024 * 1024)).await;
    for queue in ["DeliveryQueue", "SlowDeliveryQueue"] {
        let message = NewMessage {
            body: "no delivery".to_owned(),
            ..NewMessage::default()
        };
        let sent = stage.platform.send(queue, message).await;
        sent.expect("the queue takes it");
    }
    stage.platform.at_rest().await;
}

async fn ad_hoc_webhooks_come_after_an_event_in_pieces(stage: &Stage) {
    let run = Run::new("run2");
    let mut large = run.event("SUCCEEDED", 60);
    large["resource"]["output"] = json!(noise(900 * 1024));
    stage.send(&large).await;
    stage.settled().await;
    let late = ad_hoc(&["SUCCEEDED"], &stage.receiver.url("/pieces"));
    stage.send(&run.created_with(&json!([late]))).await;
    stage.settled().await;
    assert_eq!(stage.receiver.received_at("/pieces").len(), 1);
}

/// Text that does not become small when it is compressed.
fn noise(length: usize) -> String {
    let mut state: u64 = 1;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        char::from(b'!' + u8::try_from(state >> 58).unwrap_or_default())
    };
    let text = (0..length).map(|_| next());
    text.filter(|c| !matches!(c, '"' | '\\')).collect()
}

async fn a_webhook_is_switched_off(stage: &Stage) {
    stage
        .webhook(&["FAILED"], json!({"actorId": "actor1"}), "/gone")
        .await;
    stage.send(&Run::new("run3").event("FAILED", 0)).await;
    stage.settled().await;
}

/// Another delivery to it goes by way of the slow lane.
async fn an_endpoint_hangs(stage: &Stage) {
    let hanging = Receiver::start().await;
    hanging.script("/hang", &[Answer::Hang]);
    // A host of its own: that of the others is known to answer.
    let url = hanging.url("/hang").replace("127.0.0.1", "localhost");
    for (arrived, run) in [(1, "run4"), (2, "run5")] {
        let hook = ad_hoc(&["CREATED"], &url);
        let created = Run::new(run).created_with(&json!([hook]));
        stage.send(&created).await;
        hanging.wait_for(arrived).await;
    }
    hanging.release();
    stage.settled().await;
}

async fn use_the_api(stage: &Stage, run: &Run, webhook: &str) {
    let mut late = ad_hoc(&["CREATED"], &stage.receiver.url("/late"));
    late["isAdHoc"] = json!(true);
    late["condition"] = json!({"actorRunId": run.id});
    let change = json!({"description": "changed"});
    let shows_run = json!({"resourceId": run.id});
    let keyed = keyed_webhook(stage).await;
    let of_webhook = |rest: &str| format!("/v2/webhooks/{webhook}{rest}");
    let (_, listed) = stage.api("GET", &of_webhook("/dispatches"), None).await;
    let dispatch = listed["data"]["items"][0]["id"].as_str().expect("an id");
    let redeliver = format!("/v2/webhook-dispatches/{dispatch}/redeliver");
    let matches = "/v2/actor-runs/run1/webhook-matches".to_owned();
    let requests: [(&str, String, Option<&Value>); 15] = [
        ("POST", "/v2/webhooks".to_owned(), Some(&late)),
        ("GET", "/v2/webhooks".to_owned(), None),
        ("GET", of_webhook(""), None),
        ("GET", of_webhook("/secret"), None),
        ("PUT", of_webhook(""), Some(&change)),
        ("POST", of_webhook("/test"), None),
        ("POST", of_webhook("/test"), Some(&shows_run)),
        (
            "GET",
            format!("/v2/webhook-dispatches/{dispatch}/request"),
            None,
        ),
        ("GET", of_webhook("/dispatches"), None),
        ("GET", of_webhook("/notices"), None),
        ("POST", redeliver, None),
        ("POST", of_webhook("/redeliver-failed"), None),
        ("GET", matches, None),
        ("DELETE", of_webhook(""), None),
        ("DELETE", format!("/v2/webhooks/{keyed}"), None),
    ];
    for (method, path, body) in requests {
        let (status, answer) = stage.api(method, &path, body).await;
        assert!(status < 300, "{method} {path}: {answer}");
    }
}

/// The id of a webhook whose idempotency key goes when it is deleted.
async fn keyed_webhook(stage: &Stage) -> String {
    let definition = json!({
        "eventTypes": ["ACTOR.RUN.CREATED"], "condition": {"actorId": "actor2"},
        "requestUrl": stage.receiver.url("/keyed"), "idempotencyKey": "key2",
    });
    let (status, answer) = stage.api("POST", "/v2/webhooks", Some(&definition)).await;
    assert_eq!(status, 201, "{answer}");
    answer["data"]["id"].as_str().expect("an id").to_owned()
}
