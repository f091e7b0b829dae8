//! The program behind `cargo local`, as a human runs it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Output, Stdio};

use http::Request;
use local::binaries::{self, Target};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};

use crate::fixture::http;

async fn program() -> PathBuf {
    let target = Target::Example("local".into());
    let built = binaries::build(BTreeSet::from([target.clone()]), false)
        .await
        .unwrap();
    built[&target].clone()
}

async fn output_of(arguments: &[&str]) -> Output {
    Command::new(program().await)
        .args(arguments)
        .output()
        .await
        .unwrap()
}

/// Runs the program until it says that it is ready.
async fn start(env: &Path, more: &[&str]) -> Child {
    let mut child = Command::new(program().await)
        .args(["--port-base", "0", "--env-dir", env.to_str().unwrap()])
        .args(more)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        if line.starts_with("ready in ") {
            return child;
        }
    }
    panic!("it ended before it was ready");
}

async fn interrupt(child: &mut Child) -> ExitStatus {
    let pid = child.id().unwrap().to_string();
    Command::new("kill")
        .args(["-INT", &pid])
        .status()
        .await
        .unwrap();
    child.wait().await.unwrap()
}

fn children_of(parent: u32) -> Vec<PathBuf> {
    let is_child = |process: &PathBuf| {
        let stat = std::fs::read_to_string(process.join("stat")).unwrap_or_default();
        let parent_field = stat
            .rsplit_once(')')
            .and_then(|(_, rest)| rest.split_whitespace().nth(1));
        parent_field == Some(parent.to_string().as_str())
    };
    let processes = std::fs::read_dir("/proc").unwrap();
    processes
        .map(|process| process.unwrap().path())
        .filter(is_child)
        .collect()
}

#[tokio::test]
async fn ctrl_c_leaves_no_process_behind() {
    let env = TempDir::new().unwrap();
    let mut child = start(env.path(), &[]).await;
    let endpoints: Value =
        serde_json::from_slice(&std::fs::read(env.path().join("env.json")).unwrap()).unwrap();
    http(Request::get(endpoints["api"].as_str().unwrap()), "").await;
    let sandboxes = children_of(child.id().unwrap());
    assert!(!sandboxes.is_empty(), "the API function runs");
    assert!(interrupt(&mut child).await.success());
    assert!(
        sandboxes.iter().all(|process| !process.exists()),
        "{sandboxes:?}"
    );
}

#[tokio::test]
async fn what_it_is_told_to_keep_is_there_again() {
    let (env, data) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let data = data.path().to_str().unwrap();
    for expected in ["0", "1"] {
        let mut child = start(env.path(), &["--data", data]).await;
        let endpoints: Value =
            serde_json::from_slice(&std::fs::read(env.path().join("env.json")).unwrap()).unwrap();
        let sqs = |operation: &str, body: Value| {
            let request = Request::post(endpoints["sqs"].as_str().unwrap())
                .header("authorization", "AWS4-HMAC-SHA256 Credential=test/20261101/us-east-1/sqs/aws4_request, Signature=00")
                .header("content-type", "application/x-amz-json-1.0")
                .header("x-amz-target", format!("AmazonSQS.{operation}"));
            http(request, body.to_string())
        };
        let queue = &endpoints["queues"]["RejectedQueue"];
        let depth = sqs(
            "GetQueueAttributes",
            serde_json::json!({ "QueueUrl": queue, "AttributeNames": ["All"] }),
        )
        .await;
        let depth: Value = serde_json::from_slice(depth.body()).unwrap();
        assert_eq!(depth["Attributes"]["ApproximateNumberOfMessages"], expected);
        sqs(
            "SendMessage",
            serde_json::json!({ "QueueUrl": queue, "MessageBody": "kept" }),
        )
        .await;
        assert!(interrupt(&mut child).await.success());
    }
}

#[tokio::test]
async fn a_fault_is_one_line_and_exit_code_1() {
    let taken = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let cases = [
        (["--port-base", port.as_str()], port.as_str()),
        (["--parameter", "Nope=1"], "unknown parameter Nope"),
        (["--parameter", "RecordDays=many"], "parameter RecordDays"),
        (
            ["--parameter", "ApiReservedConcurrency=901"],
            "below its minimum value of [100]",
        ),
    ];
    for (arguments, expected) in cases {
        let output = output_of(&arguments).await;
        let complaint = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{complaint}");
        assert!(
            complaint.contains(expected) && complaint.lines().count() == 1,
            "{complaint}"
        );
    }
}

#[tokio::test]
async fn bad_usage_is_exit_code_2() {
    for arguments in [
        ["--parameter", "Nope"],
        ["--tick", "often"],
        ["--account-concurrency", "0"],
        ["--nonsense", ""],
    ] {
        assert_eq!(
            output_of(&arguments).await.status.code(),
            Some(2),
            "{arguments:?}"
        );
    }
}
