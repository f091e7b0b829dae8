//! One invocation: what the function is handed, and what comes of it, in the words of Lambda.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;

use axum::body::Bytes;
use serde_json::json;
use time::OffsetDateTime;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::concurrency::Limit;
use super::trace::Trace;

/// The largest event of an invocation that is waited for: 6 MB.
pub const EVENT_LIMIT: usize = 6 * 1024 * 1024;

/// The largest event of an asynchronous invocation: 1 MB.
pub const ASYNCHRONOUS_EVENT_LIMIT: usize = 1024 * 1024;

/// The largest answer: 6 MB and a little.
pub const ANSWER_LIMIT: usize = EVENT_LIMIT + 100;

/// What a sandbox is given to do.
#[derive(Debug)]
pub(crate) struct Invocation {
    pub(crate) request_id: String,
    pub(crate) trace_id: String,
    pub(crate) payload: Bytes,
    pub(crate) deadline_ms: i128,
}

/// An invocation, and where to say how it ended.
pub(crate) type Assignment = (Invocation, oneshot::Sender<Outcome>);

/// How an invocation ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// With the function's answer.
    Answered(Bytes),
    /// With an error, whoever noticed it; the payload is what the caller is told.
    Failed(Bytes),
    /// Not begun, because as much runs as this limit allows.
    Throttled(Limit),
}

impl Invocation {
    pub(crate) fn new(trace: &Trace, payload: Bytes, timeout: Duration) -> Self {
        let now = OffsetDateTime::now_utc();
        Invocation {
            request_id: Uuid::new_v4().to_string(),
            trace_id: trace.header(),
            payload,
            deadline_ms: (now + timeout).unix_timestamp_nanos() / 1_000_000,
        }
    }
}

impl Outcome {
    /// The process ended in the middle.
    pub(crate) fn exited(request_id: &str, status: Option<ExitStatus>) -> Self {
        let how = match status {
            Some(status) if !status.success() => format!("with error: {}", in_words(status)),
            _ => "without providing a reason".to_owned(),
        };
        let message = format!("RequestId: {request_id} Error: Runtime exited {how}");
        Outcome::failed("Runtime.ExitError", &message)
    }

    /// The function exceeded its time limit.
    pub(crate) fn timed_out(request_id: &str, timeout: Duration) -> Self {
        let seconds = timeout.as_secs_f64();
        let message =
            format!("RequestId: {request_id} Error: Task timed out after {seconds:.2} seconds");
        Outcome::failed("Sandbox.Timedout", &message)
    }

    /// The answer is larger than an answer may be.
    pub(crate) fn too_large() -> Self {
        let message = format!(
            "Response payload size exceeded maximum allowed payload size ({ANSWER_LIMIT} bytes)."
        );
        Outcome::failed("Function.ResponseSizeTooLarge", &message)
    }

    /// Its chain of requests has come by the function too often.
    pub(crate) fn recursive(function: &str) -> Self {
        let message = format!(
            "Lambda has detected your function being invoked in a recursive loop with other AWS resources and stopped the invocation of \
             {function}."
        );
        Outcome::failed("RecursiveInvocationException", &message)
    }

    /// The process could not be started at all.
    pub(crate) fn not_started(error: &std::io::Error) -> Self {
        Outcome::failed("Runtime.InvalidEntrypoint", &error.to_string())
    }

    fn failed(error_type: &str, message: &str) -> Self {
        let payload = json!({ "errorType": error_type, "errorMessage": message });
        Outcome::Failed(payload.to_string().into())
    }
}

/// What Lambda says of an event that is larger than `limit`.
pub(crate) fn too_large(limit: usize) -> String {
    format!("Request must be smaller than {limit} bytes for the InvokeFunction operation")
}

/// As Go, and so Lambda, puts it.
fn in_words(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit status {code}"),
        (None, Some(6)) => "signal: aborted".to_owned(),
        (None, Some(9)) => "signal: killed".to_owned(),
        (None, Some(11)) => "signal: segmentation fault".to_owned(),
        (None, signal) => format!("signal {}", signal.unwrap_or_default()),
    }
}
