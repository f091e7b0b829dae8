//! Each function's role in the template allows what the function calls, and nothing that it never calls.

use std::collections::BTreeSet;
use std::time::Duration;

use local::gateway::calls::{Call, Service};
use serde_json::json;
use serde_yaml_ng::Value;

use crate::receiver::Answer;
use crate::run::{Run, ad_hoc};
use crate::stage::Stage;

/// What Lambda itself needs of a role, to poll queues and write logs.
const OF_LAMBDA: [&str; 5] = [
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
];

#[tokio::test(flavor = "multi_thread")]
async fn the_roles_of_the_template_allow_exactly_what_the_functions_call() {
    let stage = Stage::with(&[("RetryScheduleSeconds", "1,2000")]).await;
    use_everything(&stage).await;
    let calls = stage.platform.calls();
    let template = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../infra/template.yaml"
    ));
    let template: Value = serde_yaml_ng::from_str(&template.expect("a template")).expect("YAML");
    for (function, role) in [
        ("ingest", "IngestRole"),
        ("deliver", "DeliverRole"),
        ("sweep", "SweepRole"),
        ("api", "ApiRole"),
    ] {
        let allowed = actions(&template["Resources"][role]);
        let needed: BTreeSet<String> = calls
            .keys()
            .filter(|call| call.caller == function)
            .flat_map(actions_of)
            .collect();
        let unused: Vec<_> = allowed
            .difference(&needed)
            .filter(|action| !OF_LAMBDA.contains(&action.as_str()))
            .collect();
        let missing: Vec<_> = needed.difference(&allowed).collect();
        assert!(
            missing.is_empty() && unused.is_empty(),
            "{role}: missing {missing:?}, never used {unused:?}"
        );
    }
}

/// Takes every function through everything that it does.
async fn use_everything(stage: &Stage) {
    stage.receiver.script(
        "/flaky",
        &[
            Answer::Status(500),
            Answer::Status(500),
            Answer::Status(200),
        ],
    );
    let id = stage
        .webhook(&["CREATED"], json!({"actorId": "actor1"}), "/standing")
        .await;
    let mut keyed = ad_hoc(&["CREATED"], &stage.receiver.url("/flaky"));
    keyed["idempotencyKey"] = json!("key1");
    let run = Run::new("run1");
    assert!(stage.sweep().await);
    stage.send(&run.created_with(&json!([keyed]))).await;
    stage.send_text("not an event").await;
    stage.receiver.wait_for(3).await;
    // The second retry waits longer than a queue can hold it.
    stage.attempted().await;
    stage.advance(Duration::from_secs(3000));
    assert!(stage.sweep().await);
    stage.receiver.wait_for(4).await;
    stage.settled().await;

    let mut late = ad_hoc(&["CREATED"], &stage.receiver.url("/late"));
    late["isAdHoc"] = json!(true);
    late["condition"] = json!({"actorRunId": run.id});
    let change = json!({"description": "changed"});
    let dispatch = stage.dispatches().await.remove(0).id;
    for (method, path, body) in [
        ("POST", "/v2/webhooks".to_owned(), Some(&late)),
        ("GET", "/v2/webhooks".to_owned(), None),
        ("GET", format!("/v2/webhooks/{id}"), None),
        ("PUT", format!("/v2/webhooks/{id}"), Some(&change)),
        ("POST", format!("/v2/webhooks/{id}/test"), None),
        ("GET", format!("/v2/webhooks/{id}/dispatches"), None),
        (
            "POST",
            format!("/v2/webhook-dispatches/{dispatch}/redeliver"),
            None,
        ),
        ("POST", format!("/v2/webhooks/{id}/redeliver-failed"), None),
        (
            "GET",
            "/v2/actor-runs/run1/webhook-matches".to_owned(),
            None,
        ),
        ("DELETE", format!("/v2/webhooks/{id}"), None),
    ] {
        let (status, answer) = stage.api(method, &path, body).await;
        assert!(status < 300, "{method} {path}: {answer}");
    }
    stage.settled().await;
    // A job that is left behind by its webhook.
    assert!(stage.sweep().await);
}

/// The actions that IAM checks for a call.
fn actions_of(call: &Call) -> Vec<String> {
    let actions = match (call.service, call.operation.as_str()) {
        (Service::Sqs, "SendMessageBatch") => vec!["sqs:SendMessage"],
        // A definition and its idempotency key, both new.
        (Service::DynamoDb, "TransactWriteItems") if call.caller == "ingest" => {
            vec!["dynamodb:PutItem"]
        }
        (Service::DynamoDb, "TransactWriteItems") => {
            vec![
                "dynamodb:PutItem",
                "dynamodb:UpdateItem",
                "dynamodb:DeleteItem",
            ]
        }
        (Service::Sqs, operation) => return vec![format!("sqs:{operation}")],
        (Service::DynamoDb, operation) => return vec![format!("dynamodb:{operation}")],
        (Service::SecretsManager, operation) => {
            return vec![format!("secretsmanager:{operation}")];
        }
    };
    actions.into_iter().map(str::to_owned).collect()
}

/// What the statements of a role allow.
fn actions(role: &Value) -> BTreeSet<String> {
    let policies = role["Properties"]["Policies"]
        .as_sequence()
        .expect("policies");
    let statements = policies.iter().flat_map(|policy| {
        policy["PolicyDocument"]["Statement"]
            .as_sequence()
            .expect("statements")
    });
    let listed = statements.flat_map(|statement| match &statement["Action"] {
        Value::Sequence(actions) => actions.clone(),
        action => vec![action.clone()],
    });
    listed
        .map(|action| action.as_str().expect("an action").to_owned())
        .collect()
}
