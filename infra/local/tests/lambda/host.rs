//! Sandboxes: started, used again, lost.

use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::fixture::{answer, failure, is_alive, nothing, start};

#[tokio::test]
async fn a_sandbox_is_used_again() {
    let platform = start().await;
    let first = answer(&platform, "plain", nothing()).await;
    assert_eq!(answer(&platform, "plain", nothing()).await, first);
    assert_eq!(platform.cold_starts("plain").unwrap().len(), 1);
}

#[tokio::test]
async fn invocations_at_the_same_time_get_a_sandbox_each() {
    let platform = start().await;
    let wait = json!({ "do": "wait", "ms": 300 });
    let at_once = (0..4).map(|_| answer(&platform, "plain", wait.clone()));
    let mut pids: Vec<_> = join_all(at_once)
        .await
        .iter()
        .map(Value::to_string)
        .collect();
    pids.sort();
    pids.dedup();
    assert_eq!(pids.len(), 4);
    let again = answer(&platform, "plain", nothing()).await;
    assert!(pids.contains(&again.to_string()), "an idle sandbox is used");
}

#[tokio::test]
async fn an_invocation_says_who_is_called_and_until_when() {
    let platform = start().await;
    let before = OffsetDateTime::now_utc();
    let context = answer(&platform, "plain", json!({ "do": "context" })).await;
    let deadline_ms = context["deadlineMs"].as_i64().unwrap();
    let left = deadline_ms - i64::try_from(before.unix_timestamp_nanos() / 1_000_000).unwrap();
    assert!((20_000..60_000).contains(&left), "{left} ms from now");
    assert_eq!(
        context["arn"],
        "arn:aws:lambda:us-east-1:000000000000:function:plain"
    );
    assert_eq!(context["requestId"].as_str().unwrap().len(), 36);
    assert!(context["traceId"].as_str().unwrap().starts_with("Root=1-"));
    let other = answer(&platform, "plain", json!({ "do": "context" })).await;
    assert_ne!(other["requestId"], context["requestId"]);
}

#[tokio::test]
async fn a_process_has_the_environment_of_the_template_and_nothing_of_this_machine_but_path() {
    let platform = start().await;
    let environment = answer(&platform, "plain", json!({ "do": "environment" })).await;
    let expected = [
        ("AWS_ACCESS_KEY_ID", "plain-1"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "200"),
        ("AWS_LAMBDA_FUNCTION_NAME", "plain"),
        ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
        ("AWS_LAMBDA_LOG_LEVEL", "WARN"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ENDPOINT_URL_SQS", platform.endpoints().sqs.as_str()),
        (
            "OUT_QUEUE_URL",
            platform.endpoints().queues["OutQueue"].as_str(),
        ),
        ("OWN", "1"),
        // What deliveries may reach on this machine, and nowhere else.
        ("ALLOWED_TARGETS", "127.0.0.0/8,::1/128"),
    ];
    for (name, value) in expected {
        assert_eq!(environment[name], value, "{name}");
    }
    let names = environment.as_object().unwrap().keys();
    let mut foreign = names.filter(|name| {
        let own = [
            "ALLOWED_TARGETS",
            "OUT_QUEUE_URL",
            "OWN",
            "PATH",
            "_HANDLER",
            "_X_AMZN_TRACE_ID",
        ];
        !own.contains(&name.as_str()) && !name.starts_with("AWS_")
    });
    assert_eq!(foreign.next(), None);
}

#[tokio::test]
async fn an_error_is_reported_and_the_sandbox_goes_on() {
    let platform = start().await;
    let pid = answer(&platform, "plain", nothing()).await;
    let error = failure(&platform, "plain", json!({ "do": "fail" })).await;
    assert_eq!(error["errorMessage"], "told to fail");
    assert!(error["errorType"].is_string());
    assert_eq!(answer(&platform, "plain", nothing()).await, pid);
}

#[tokio::test]
async fn a_panic_is_reported() {
    let platform = start().await;
    let error = failure(&platform, "plain", json!({ "do": "panic" })).await;
    assert!(
        error["errorMessage"]
            .as_str()
            .unwrap()
            .contains("told to panic"),
        "{error}"
    );
    answer(&platform, "plain", nothing()).await;
}

#[tokio::test]
async fn an_exit_in_the_middle_is_reported_and_the_next_invocation_gets_a_fresh_sandbox() {
    let platform = start().await;
    let pid = answer(&platform, "plain", nothing()).await;
    let error = failure(&platform, "plain", json!({ "do": "exit" })).await;
    assert_eq!(error["errorType"], "Runtime.ExitError");
    assert!(
        error["errorMessage"]
            .as_str()
            .unwrap()
            .ends_with("Runtime exited with error: exit status 7"),
        "{error}"
    );
    assert_ne!(answer(&platform, "plain", nothing()).await, pid);
}

#[tokio::test]
async fn a_function_whose_time_is_up_is_killed_and_the_next_invocation_gets_a_fresh_sandbox() {
    let platform = start().await;
    let pid = answer(&platform, "hasty", nothing()).await;
    let error = failure(&platform, "hasty", json!({ "do": "hang" })).await;
    assert_eq!(error["errorType"], "Sandbox.Timedout");
    assert!(
        error["errorMessage"]
            .as_str()
            .unwrap()
            .ends_with("Task timed out after 1.00 seconds"),
        "{error}"
    );
    assert!(!is_alive(&pid));
    assert_ne!(answer(&platform, "hasty", nothing()).await, pid);
}

#[tokio::test]
async fn a_function_that_exits_before_it_begins_is_reported() {
    let platform = start().await;
    let error = failure(&platform, "exiting", nothing()).await;
    assert_eq!(error["errorType"], "Runtime.ExitError");
}

#[tokio::test]
async fn a_function_that_says_why_it_cannot_begin_is_heard() {
    let platform = start().await;
    let error = failure(&platform, "reporting", nothing()).await;
    assert_eq!(
        error,
        json!({ "errorType": "Fixture.Init", "errorMessage": "told not to begin" })
    );
}

#[tokio::test]
async fn the_processor_time_of_dead_processes_is_counted() {
    let platform = start().await;
    // Enough work to be seen in hundredths of a second.
    for _ in 0..40 {
        answer(
            &platform,
            "plain",
            json!({ "do": "large", "bytes": 5 * 1024 * 1024 }),
        )
        .await;
    }
    let alive = platform.cpu("plain").unwrap();
    assert!(alive > Duration::ZERO);
    failure(&platform, "plain", json!({ "do": "exit" })).await;
    assert!(platform.cpu("plain").unwrap() >= alive);
}

#[tokio::test]
async fn no_process_is_left_after_a_stop() {
    let platform = start().await;
    let idle = answer(&platform, "plain", nothing()).await;
    platform.stop().await.unwrap();
    assert!(!is_alive(&idle));
}
