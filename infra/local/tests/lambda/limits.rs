//! What a sandbox may take: memory, time, open files, and sizes of what comes in and goes out.

use http::Request;
use local::sqs::Depth;
use serde_json::{Value, json};

use crate::fixture::{answer, failure, http, is_alive, nothing, orders, send, start, told};

/// What Lambda says of a process that it has killed.
const KILLED: &str = "Runtime exited with error: signal: killed";

fn message(error: &Value) -> &str {
    error["errorMessage"].as_str().unwrap()
}

#[tokio::test]
async fn a_function_that_takes_more_than_its_memory_is_killed_and_the_next_invocation_gets_a_fresh_sandbox()
 {
    let platform = start().await;
    let pid = answer(&platform, "plain", nothing()).await;
    let eat = json!({ "do": "eat", "megabytes": 300 });
    let error = failure(&platform, "plain", eat).await;
    assert_eq!(error["errorType"], "Runtime.ExitError");
    assert!(message(&error).ends_with(KILLED), "{error}");
    assert!(!is_alive(&pid));
    assert_ne!(answer(&platform, "plain", nothing()).await, pid);
}

#[tokio::test]
async fn memory_that_a_function_had_for_a_moment_counts() {
    let platform = start().await;
    let pid = answer(&platform, "plain", nothing()).await;
    let taste = |megabytes: u64| json!({ "do": "taste", "megabytes": megabytes });
    assert_eq!(answer(&platform, "plain", taste(100)).await, pid);
    let error = failure(&platform, "plain", taste(300)).await;
    assert!(message(&error).ends_with(KILLED), "{error}");
    assert_ne!(answer(&platform, "plain", nothing()).await, pid);
}

#[tokio::test]
async fn a_function_that_takes_too_much_memory_before_it_begins_is_killed() {
    let platform = start().await;
    let error = failure(&platform, "greedy", nothing()).await;
    assert_eq!(error["errorType"], "Runtime.ExitError");
    assert!(message(&error).ends_with(KILLED), "{error}");
}

#[tokio::test]
async fn the_neighbours_of_a_message_that_takes_too_much_memory_come_back() {
    let platform = start().await;
    let queue = platform.queue("WindowQueue").unwrap();
    let greedy = json!({ "do": "eat", "megabytes": 300 });
    send(&platform, "WindowQueue", &greedy);
    send(&platform, "WindowQueue", &json!({ "number": 1 }));
    send(&platform, "WindowQueue", &json!({ "number": 2 }));
    assert_eq!(orders(&told(&platform).await).len(), 3);
    platform.idle().await;
    let all_hidden = Depth {
        in_flight: 3,
        ..Depth::default()
    };
    assert_eq!(queue.depth(), all_hidden);
    queue.expire_visibility();
    let again = told(&platform).await;
    assert_eq!(orders(&again).len(), 3);
    let receives = &again[0]["attributes"]["ApproximateReceiveCount"];
    assert_eq!(receives, "2");
}

/// The limit is ten seconds, which this test takes.
#[tokio::test]
async fn a_function_that_never_begins_is_killed() {
    let platform = start().await;
    let error = failure(&platform, "stuck", nothing()).await;
    assert_eq!(error["errorType"], "Sandbox.Timedout");
    assert!(
        message(&error).ends_with("Task timed out after 10.00 seconds"),
        "{error}"
    );
}

#[tokio::test]
async fn a_sandbox_has_1024_files_open_at_most() {
    /// "Too many open files", to Linux.
    const EMFILE: i64 = 24;
    let platform = start().await;
    let outcome = answer(&platform, "plain", json!({ "do": "open files" })).await;
    let opened = outcome["opened"].as_u64().unwrap();
    assert!((900..1024).contains(&opened), "{opened}");
    assert_eq!(outcome["error"], EMFILE);
    answer(&platform, "plain", nothing()).await;
}

#[tokio::test]
async fn an_answer_over_6_mb_is_refused_however_large_and_one_below_passes() {
    let platform = start().await;
    let megabytes = |count: u64| json!({ "do": "large", "bytes": count * 1024 * 1024 });
    assert!(answer(&platform, "plain", megabytes(5)).await.is_string());
    for count in [7, 20] {
        let error = failure(&platform, "plain", megabytes(count)).await;
        assert_eq!(error["errorType"], "Function.ResponseSizeTooLarge");
    }
}

#[tokio::test]
async fn an_answer_over_6_mb_is_a_bad_gateway_to_a_client_of_a_function_url() {
    let platform = start().await;
    let url = format!("{}/large", platform.endpoints().api);
    assert_eq!(http(Request::get(url), "").await.status(), 502);
}

#[tokio::test]
async fn a_request_over_6_mb_is_refused_by_a_function_url_also_if_only_its_event_is_larger() {
    let platform = start().await;
    let post = async |kind: &str, bytes: usize| {
        let request = Request::post(&platform.endpoints().api).header("content-type", kind);
        http(request, "x".repeat(bytes)).await.status().as_u16()
    };
    assert_eq!(post("text/plain", 2 * 1024 * 1024).await, 201);
    assert_eq!(post("text/plain", 6 * 1024 * 1024).await, 413);
    assert_eq!(post("text/plain", 20 * 1024 * 1024).await, 413);
    // In base64 it is a third larger.
    assert_eq!(post("application/octet-stream", 5 * 1024 * 1024).await, 413);
}
