//! Alarms, and what they watch. Time passes at once.

use std::time::Duration;

use http::Request;
use local::cloudwatch::{AlarmState, Metric, State, Statistic};
use local::platform::Platform;
use local::sqs::NewMessage;
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::fixture::{answer, failure, http, nothing, send, start};

const MINUTE: Duration = Duration::from_secs(60);

fn alarm(platform: &Platform, id: &str) -> AlarmState {
    platform.cloudwatch().alarm(id).unwrap()
}

fn state(platform: &Platform, id: &str) -> State {
    alarm(platform, id).state
}

/// What was measured in the last few minutes.
fn sum(platform: &Platform, function: &str, name: &str) -> Option<f64> {
    let metric = Metric::new("AWS/Lambda", name, [("FunctionName", function)]);
    platform.cloudwatch().statistic(&metric, Statistic::Sum, 5)
}

/// Lets minutes pass until an alarm is in that state, and says how many it took.
fn minutes_until(platform: &Platform, id: &str, wanted: State) -> u32 {
    for minutes in 0..60 {
        if state(platform, id) == wanted {
            return minutes;
        }
        platform.advance(MINUTE).unwrap();
    }
    panic!("{:?}", alarm(platform, id));
}

#[tokio::test]
async fn an_alarm_is_on_from_the_minute_in_which_its_condition_came_about_until_it_is_seen_no_more()
{
    let platform = start().await;
    assert_eq!(state(&platform, "ErrorsAlarm"), State::InsufficientData);
    answer(&platform, "plain", nothing()).await;
    assert_eq!(minutes_until(&platform, "ErrorsAlarm", State::Ok), 1);
    let failed = platform.cloudwatch().now();
    failure(&platform, "plain", json!({ "do": "fail" })).await;
    assert_eq!(minutes_until(&platform, "ErrorsAlarm", State::Alarm), 1);
    let on = alarm(&platform, "ErrorsAlarm");
    assert!(on.since > failed && on.since - failed <= MINUTE, "{on:?}");
    assert_eq!(on.since.unix_timestamp() % 60, 0);
    assert_eq!(on.description, "The function fails.");
    assert!(on.reason.contains("[1] were greater than 0"), "{on:?}");
    // Two more periods are looked at, in which nothing was measured.
    assert_eq!(minutes_until(&platform, "ErrorsAlarm", State::Ok), 3);
    // A good invocation is a newer datapoint.
    failure(&platform, "plain", json!({ "do": "exit" })).await;
    minutes_until(&platform, "ErrorsAlarm", State::Alarm);
    answer(&platform, "plain", nothing()).await;
    assert_eq!(minutes_until(&platform, "ErrorsAlarm", State::Ok), 1);
}

#[tokio::test]
async fn crashes_timeouts_and_starts_that_fail_are_errors_and_partial_failures_are_none() {
    let platform = start().await;
    for (function, order) in [
        ("plain", "exit"),
        ("plain", "panic"),
        ("plain", "fail"),
        ("hasty", "hang"),
        ("exiting", ""),
        ("reporting", ""),
    ] {
        failure(&platform, function, json!({ "do": order })).await;
    }
    answer(&platform, "plain", nothing()).await;
    for (function, invocations, errors) in [
        ("plain", 4.0, 3.0),
        ("hasty", 1.0, 1.0),
        ("exiting", 1.0, 1.0),
        ("reporting", 1.0, 1.0),
    ] {
        assert_eq!(sum(&platform, function, "Invocations"), Some(invocations));
        assert_eq!(
            sum(&platform, function, "Errors"),
            Some(errors),
            "{function}"
        );
    }
    send(&platform, "BatchQueue", &json!({ "do": "refuse" }));
    let metric = Metric::new("AWS/Lambda", "Errors", [("FunctionName", "batch")]);
    let measured = platform.cloudwatch().measured(&metric, Statistic::Sum, 5);
    assert_eq!(measured.await, 0.0);
    assert!(sum(&platform, "hasty", "Duration").unwrap() >= 1000.0);
}

#[tokio::test]
async fn throttles_are_counted_and_the_most_that_run_at_once_are_known() {
    let platform = start().await;
    let metric = Metric::new(
        "AWS/Lambda",
        "ConcurrentExecutions",
        [("FunctionName", "lone")],
    );
    let lone = platform.function("lone").unwrap().clone();
    let hanging = json!({ "do": "hang" }).to_string();
    tokio::spawn(async move { lone.invoke(hanging.into()).await });
    let most = platform
        .cloudwatch()
        .measured(&metric, Statistic::Maximum, 5);
    assert_eq!(most.await, 1.0);
    for _ in 0..3 {
        platform.invoke("lone", "{}").await.unwrap();
        platform.advance(2 * MINUTE).unwrap();
    }
    assert_eq!(minutes_until(&platform, "ThrottlesAlarm", State::Alarm), 0);
    assert_eq!(sum(&platform, "lone", "Invocations"), None);
}

#[tokio::test]
async fn silence_is_noticed_and_one_invocation_ends_it() {
    let platform = start().await;
    answer(&platform, "plain", nothing()).await;
    minutes_until(&platform, "SilenceAlarm", State::Ok);
    // As long as it is looked at, the invocation is a datapoint: five periods, three of which
    // decide.
    assert_eq!(minutes_until(&platform, "SilenceAlarm", State::Alarm), 25);
    answer(&platform, "plain", nothing()).await;
    assert_eq!(minutes_until(&platform, "SilenceAlarm", State::Ok), 1);
}

#[tokio::test]
async fn skipped_time_is_accounted_for_minute_by_minute() {
    let platform = start().await;
    let queue = platform.queue("OutQueue").unwrap();
    let sent = platform.cloudwatch().now();
    let message = NewMessage {
        body: "old".to_owned(),
        ..NewMessage::default()
    };
    queue.send(message).unwrap();
    platform.advance(60 * MINUTE).unwrap();
    let on = alarm(&platform, "AgeAlarm");
    let waited = on.since - sent;
    // Five minutes of age, in three of three datapoints.
    assert!((420..=480).contains(&waited.whole_seconds()), "{on:?}");
    queue.purge().unwrap();
    assert_eq!(minutes_until(&platform, "AgeAlarm", State::Ok), 3);
    let history: Vec<_> = alarm(&platform, "AgeAlarm").history.into();
    let states: Vec<_> = history.iter().map(|change| change.to).collect();
    assert_eq!(states, [State::Ok, State::Alarm, State::Ok]);
}

/// A line of metrics, as a function writes it.
fn line(at: OffsetDateTime, troubles: u32, level: Option<&str>) -> Value {
    let mut line = json!({
        "Stack": "runhooks", "Troubles": troubles,
        "_aws": {
            "Timestamp": at.unix_timestamp_nanos() / 1_000_000,
            "CloudWatchMetrics": [{ "Namespace": "Own", "Dimensions": [["Stack"]], "Metrics": [{ "Name": "Troubles" }] }],
        },
    });
    if let Some(level) = level {
        line["level"] = level.into();
    }
    line
}

#[tokio::test]
async fn metrics_that_a_function_writes_are_read_unless_lambda_drops_the_line() {
    let platform = start().await;
    let now = platform.cloudwatch().now();
    // The function's log takes WARN and above, and a line that names no level is INFO.
    for (troubles, level) in [
        (9, None),
        (8, Some("INFO")),
        (2, Some("WARN")),
        (1, Some("error")),
    ] {
        let print = json!({ "do": "print", "line": line(now, troubles, level) });
        answer(&platform, "plain", print).await;
    }
    let metric = Metric::new("Own", "Troubles", [("Stack", "runhooks")]);
    let sum = platform.cloudwatch().statistic(&metric, Statistic::Sum, 5);
    assert_eq!(sum, Some(3.0));
    assert_eq!(minutes_until(&platform, "OwnAlarm", State::Alarm), 1);
}

#[tokio::test]
async fn a_function_that_sends_itself_messages_is_stopped_after_sixteen_passes() {
    let platform = start().await;
    let message = NewMessage {
        body: "again".to_owned(),
        ..NewMessage::default()
    };
    platform.queue("LoopQueue").unwrap().send(message).unwrap();
    let dropped = Metric::new(
        "AWS/Lambda",
        "RecursiveInvocationsDropped",
        [("FunctionName", "loop")],
    );
    platform
        .cloudwatch()
        .measured(&dropped, Statistic::Sum, 5)
        .await;
    platform.at_rest().await;
    assert_eq!(sum(&platform, "loop", "Invocations"), Some(16.0));
    assert_eq!(sum(&platform, "loop", "Errors"), Some(0.0));
    assert_eq!(minutes_until(&platform, "LoopAlarm", State::Alarm), 1);
    // The message is parked when its visibility is over.
    platform.advance(10 * MINUTE).unwrap();
    let parked = platform.queue("DeadLetterQueue").unwrap();
    let parked = parked
        .receive(1, Duration::from_secs(20), None)
        .await
        .unwrap();
    assert_eq!(parked[0].message.body, "again");
}

#[tokio::test]
async fn the_alarms_are_shown_over_http() {
    let platform = start().await;
    failure(&platform, "plain", json!({ "do": "fail" })).await;
    minutes_until(&platform, "ErrorsAlarm", State::Alarm);
    let shown = http(Request::get(&platform.endpoints().alarms), "").await;
    let shown: Value = serde_json::from_slice(shown.body()).unwrap();
    let shown = shown.as_array().unwrap();
    let alarm = shown
        .iter()
        .find(|alarm| alarm["id"] == "ErrorsAlarm")
        .unwrap();
    let metric = json!({ "namespace": "AWS/Lambda", "name": "Errors", "dimensions": { "FunctionName": "plain" } });
    assert_eq!(alarm["metric"], metric);
    assert_eq!(
        (&alarm["state"], &alarm["name"]),
        (&json!("ALARM"), &json!("runhooks-ErrorsAlarm"))
    );
    assert!(
        alarm["since"].as_str().unwrap().ends_with(":00Z"),
        "{alarm}"
    );
    assert_eq!(alarm["history"][0]["to"], "ALARM");
}

#[tokio::test]
async fn requests_to_a_url_are_counted_by_their_answers() {
    let platform = start().await;
    let api = platform.endpoints().api.as_str();
    assert_eq!(http(Request::get(api), "").await.status(), 201);
    let large = "x".repeat(7 * 1024 * 1024);
    assert_eq!(http(Request::post(api), large).await.status(), 413);
    for (name, expected) in [
        ("UrlRequestCount", 2.0),
        ("Url4xxCount", 1.0),
        ("Url5xxCount", 0.0),
    ] {
        assert_eq!(sum(&platform, "plain", name), Some(expected), "{name}");
    }
    assert!(sum(&platform, "plain", "UrlRequestLatency").unwrap() > 0.0);
}
