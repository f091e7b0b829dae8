//! What becomes of a function that lacks a permission.

use std::path::PathBuf;

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use local::options::Options;
use local::platform::Platform;

use crate::stage::config_of;

/// The template with something written otherwise.
fn template_with(name: &str, old: &str, new: &str) -> PathBuf {
    let original = concat!(env!("CARGO_MANIFEST_DIR"), "/../infra/template.yaml");
    let text = std::fs::read_to_string(original).expect("the template");
    assert!(text.contains(old), "{old}");
    let path = std::env::temp_dir().join(format!("{name}-{}.yaml", std::process::id()));
    std::fs::write(&path, text.replace(old, new)).expect("a file");
    path
}

async fn refusal(name: &str, old: &str, new: &str) -> String {
    let template = template_with(name, old, new);
    let options = Options {
        template: template.clone(),
        ..Options::default()
    };
    let started = Platform::start(options).await;
    std::fs::remove_file(template).expect("a file");
    format!("{:#}", started.err().expect("it does not start"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_does_not_feed_a_function_that_may_not_read_it() {
    let said = refusal(
        "feeding",
        "Action: [sqs:ReceiveMessage, sqs:DeleteMessage, sqs:GetQueueAttributes]\n                Resource: !GetAtt EventQueue.Arn",
        "Action: [sqs:ReceiveMessage, sqs:GetQueueAttributes]\n                Resource: !GetAtt EventQueue.Arn",
    )
    .await;
    let expected =
        "The provided execution role does not have permissions to call DeleteMessage on SQS";
    assert!(said.contains(expected), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_of_iam_is_not_played_is_refused() {
    let said = refusal(
        "operators",
        "ForAnyValue:StringLike",
        "ForAnyValue:NumericEquals",
    )
    .await;
    assert!(said.contains("does not play this operator"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denial_says_who_was_denied_what() {
    let platform = Platform::start(Options::without_functions()).await;
    let platform = platform.expect("a platform");
    let endpoints = platform.endpoints();
    let sweep = config_of("sweep-1", &endpoints.secrets_manager);
    let secret = endpoints.secrets["MasterKey"].clone();
    let asked = aws_sdk_secretsmanager::Client::new(&sweep)
        .get_secret_value()
        .secret_id(&secret)
        .send()
        .await;
    let refusal = asked.expect_err("sweep has nothing to sign");
    assert_eq!(refusal.code(), Some("AccessDeniedException"));
    let message = refusal.message().expect("a message");
    assert_eq!(
        message,
        format!(
            "User: arn:aws:sts::000000000000:assumed-role/runhooks-SweepRole/sweep is not authorized to perform: \
             secretsmanager:GetSecretValue on resource: {secret} because no identity-based policy allows the \
             secretsmanager:GetSecretValue action"
        )
    );
    let sqs = aws_sdk_sqs::Client::new(&config_of("sweep-1", &endpoints.sqs));
    let sent = sqs
        .send_message()
        .queue_url(&endpoints.queues["RejectedQueue"])
        .message_body("x");
    let refusal = sent.send().await.expect_err("sweep rejects nothing");
    assert_eq!(refusal.code(), Some("AccessDeniedException"));
    let denied = platform.denied().borrow().clone();
    let denied: Vec<_> = denied
        .iter()
        .map(|denied| (denied.function.as_str(), denied.ask.action.as_str()))
        .collect();
    assert_eq!(
        denied,
        [
            ("sweep", "secretsmanager:GetSecretValue"),
            ("sweep", "sqs:SendMessage")
        ]
    );
}
