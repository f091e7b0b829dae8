//! CloudWatch Logs: JSON in, JSON out (`awsJson1.1`). A log group has Lambda's own lines, and not
//! those of the function, which are in the terminal.

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::ControlPlane;

/// The only pattern that is played, which all lines that there are match.
const REPORTS: &str = r#"{ $.type = "platform.report" }"#;

/// How many lines an answer has at most: so few that whoever wants all has to ask for more.
const PAGE: usize = 1000;

pub(super) fn answer(plane: &ControlPlane, operation: &str, body: &[u8]) -> Response {
    let Ok(request) = serde_json::from_slice::<Value>(body) else {
        return refuse("SerializationException", "The body is not JSON.");
    };
    match operation {
        "FilterLogEvents" => filter(plane, &request),
        _ => refuse(
            "UnknownOperationException",
            "The local platform plays FilterLogEvents.",
        ),
    }
}

fn filter(plane: &ControlPlane, request: &Value) -> Response {
    let group = request["logGroupName"].as_str().unwrap_or_default();
    let mut functions = plane.lambda.functions();
    let function = functions.find(|function| function.settings().log_group == group);
    let Some(function) = function else {
        let message = "The specified log group does not exist.";
        return refuse("ResourceNotFoundException", message);
    };
    if request["filterPattern"] != REPORTS {
        let message = format!("The local platform knows one filter pattern: {REPORTS}");
        return refuse("InvalidParameterException", &message);
    }
    let start = request["startTime"].as_i64().unwrap_or(0);
    let end = request["endTime"].as_i64().unwrap_or(i64::MAX);
    let first = match request["nextToken"].as_str().map(str::parse::<usize>) {
        None => 0,
        Some(Ok(first)) => first,
        Some(Err(_)) => return refuse("InvalidParameterException", "The token is not valid."),
    };
    let lines = function.reports();
    let mut within = lines.iter().enumerate().filter(|(_, line)| {
        let at = millis(line.at);
        start <= at && at < end
    });
    let page: Vec<_> = within.by_ref().skip(first).take(PAGE).collect();
    let events: Vec<_> = page
        .iter()
        .map(|(number, line)| {
            json!({
                "eventId": number.to_string(),
                "ingestionTime": millis(line.at),
                "logStreamName": function.settings().short_name,
                "message": line.message,
                "timestamp": millis(line.at),
            })
        })
        .collect();
    let mut answer = json!({ "events": events, "searchedLogStreams": [] });
    if within.next().is_some() {
        answer["nextToken"] = json!((first + PAGE).to_string());
    }
    respond(StatusCode::OK, &answer)
}

fn millis(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}

fn refuse(code: &str, message: &str) -> Response {
    let answer = json!({ "__type": code, "message": message });
    respond(StatusCode::BAD_REQUEST, &answer)
}

fn respond(status: StatusCode, answer: &Value) -> Response {
    let headers = [(CONTENT_TYPE, "application/x-amz-json-1.1")];
    (status, headers, answer.to_string()).into_response()
}
