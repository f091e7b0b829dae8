//! What Lambda measures of a function.

use std::time::Duration;

use axum::http::StatusCode;
use time::OffsetDateTime;

use super::CloudWatch;
use super::metric::Metric;

/// The metrics of one function, under its name in Lambda.
pub(crate) struct FunctionMetrics {
    cloudwatch: CloudWatch,
    function: String,
}

impl FunctionMetrics {
    pub(crate) fn new(cloudwatch: CloudWatch, function: String) -> Self {
        FunctionMetrics {
            cloudwatch,
            function,
        }
    }

    /// The platform's time. Measurements of an invocation count for the minute in which it began,
    /// however late they are known.
    pub(crate) fn now(&self) -> OffsetDateTime {
        self.cloudwatch.now()
    }

    /// So many invocations run, counting one that begins.
    pub(crate) fn concurrent(&self, begun: OffsetDateTime, running: u32) {
        self.record("ConcurrentExecutions", begun, f64::from(running));
    }

    /// An invocation has ended.
    pub(crate) fn invoked(&self, begun: OffsetDateTime, has_failed: bool) {
        self.record("Invocations", begun, 1.0);
        self.record("Errors", begun, f64::from(u8::from(has_failed)));
        self.record("Throttles", begun, 0.0);
    }

    /// For how long the function's code has run.
    pub(crate) fn took(&self, begun: OffsetDateTime, duration: Duration) {
        self.record("Duration", begun, milliseconds(duration));
    }

    /// An invocation did not begin, because too many ran.
    pub(crate) fn throttled(&self) {
        self.record("Throttles", self.now(), 1.0);
    }

    /// An invocation did not begin, because its chain of requests goes round in circles.
    pub(crate) fn recursion_dropped(&self) {
        self.record("RecursiveInvocationsDropped", self.now(), 1.0);
    }

    /// A request to the function's URL was answered.
    pub(crate) fn answered(&self, begun: OffsetDateTime, status: StatusCode, latency: Duration) {
        self.record("UrlRequestCount", begun, 1.0);
        let count = |counts: bool| f64::from(u8::from(counts));
        self.record("Url4xxCount", begun, count(status.is_client_error()));
        self.record("Url5xxCount", begun, count(status.is_server_error()));
        self.record("UrlRequestLatency", begun, milliseconds(latency));
    }

    fn record(&self, name: &str, at: OffsetDateTime, value: f64) {
        let metric = Metric::new("AWS/Lambda", name, [("FunctionName", &self.function)]);
        self.cloudwatch.record(metric, at, value);
    }
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
