//! Which test shows which alarm, and how soon it goes on.

use std::collections::BTreeSet;

use local::binaries::checkout;
use serde_yaml_ng::Value;

/// An alarm of the template.
pub(super) struct Row {
    pub(super) alarm: &'static str,
    /// What turns it on.
    test: &'static str,
    /// How many minutes after the first failure it is on at the latest.
    pub(super) minutes: u32,
}

const fn row(alarm: &'static str, test: &'static str, minutes: u32) -> Row {
    Row {
        alarm,
        test,
        minutes,
    }
}

/// All of them, as in the template.
#[rustfmt::skip]
pub(super) const ALARMS: &[Row] = &[
    row("EventDeadLettersAlarm", "events_that_are_refused_again_and_again_are_parked", 75),
    row("RejectedEventsAlarm", "an_event_that_can_never_be_handled", 1),
    row("DeliveryDeadLettersAlarm", "deliveries_that_find_no_key_again_and_again_are_parked", 75),
    row("EventsFailedAlarm", "a_table_that_refuses_events", 3),
    row("DeliveriesFailedAlarm", "deliveries_without_a_key", 3),
    row("LatencyAlarm", "events_that_come_late", 3),
    row("EventAgeAlarm", "events_that_nobody_takes", 4),
    row("DeliveryAgeAlarm", "deliveries_that_nobody_makes", 28),
    row("SlowDeliveryAgeAlarm", "slow_deliveries_that_nobody_makes", 28),
    row("IngestErrorsAlarm", "an_ingest_that_dies", 1),
    row("DeliverErrorsAlarm", "a_deliver_that_dies", 1),
    row("SweepErrorsAlarm", "sweeps_that_fail", 2),
    row("SweepMissingAlarm", "no_sweep_at_all", 5),
    row("SweepBehindAlarm", "sweeps_that_do_not_keep_up", 5),
    row("NoticesFailedAlarm", "notices_that_cannot_be_sent", 3),
    row("NoticeDeadLettersAlarm", "notices_that_the_platform_cannot_handle", 45),
    row("NoticeAgeAlarm", "notices_that_nobody_takes", 5),
    row("ApiErrorsAlarm", "an_api_that_dies", 1),
    row("ApiServerErrorsAlarm", "an_api_that_answers_only_500", 1),
    row("IngestThrottlesAlarm", "an_ingest_that_is_not_let_run", 3),
    row("DeliverThrottlesAlarm", "a_deliver_that_is_not_let_run", 3),
    row("SweepThrottlesAlarm", "a_sweep_that_is_not_let_run", 3),
    row("ApiThrottlesAlarm", "an_api_that_is_not_let_run", 3),
    row("IngestRecursionAlarm", "an_event_that_goes_round_in_circles", 1),
    row("WebhooksReadThrottlesAlarm", "reads_of_webhooks_that_are_throttled", 3),
    row("WebhooksWriteThrottlesAlarm", "writes_of_webhooks_that_are_throttled", 3),
    row("DispatchesReadThrottlesAlarm", "reads_of_dispatches_that_are_throttled", 3),
    row("DispatchesWriteThrottlesAlarm", "writes_of_dispatches_that_are_throttled", 3),
];

/// The files beside this one that have tests of alarms.
const FILES: [&str; 6] = [
    "api",
    "deliveries",
    "events",
    "sweeps",
    "tables",
    "throttles",
];

#[test]
fn every_alarm_of_the_template_has_a_test() {
    let template: Value = serde_yaml_ng::from_str(&read("infra/template.yaml")).expect("YAML");
    let resources = template["Resources"].as_mapping().expect("a mapping");
    let alarms = resources.iter().filter(|(_, resource)| {
        let kind = resource["Type"].as_str();
        kind.is_some_and(|kind| kind.starts_with("AWS::CloudWatch::") && kind.ends_with("Alarm"))
    });
    let alarms: BTreeSet<_> = alarms.filter_map(|(id, _)| id.as_str()).collect();
    let shown: BTreeSet<_> = ALARMS.iter().map(|row| row.alarm).collect();
    assert_eq!(shown, alarms);
    assert_eq!(shown.len(), ALARMS.len(), "one is there twice");
    let tests = FILES.map(|file| read(&format!("tests/promises/alarms/{file}.rs")));
    let tests = tests.concat();
    for Row { alarm, test, .. } in ALARMS {
        let (_, after) = tests
            .split_once(&format!("async fn {test}()"))
            .unwrap_or_else(|| panic!("there is no test {test}"));
        let body = after.split("\n}\n").next().unwrap_or(after);
        let is_about = body.contains(&format!("\"{alarm}\""));
        assert!(is_about, "{test} is not about {alarm}");
    }
}

#[test]
fn the_runbook_says_how_soon_each_alarm_goes_on() {
    let runbook = read("infra/README.md");
    for Row {
        alarm,
        test,
        minutes,
    } in ALARMS
    {
        let line = format!("| `{alarm}` | `{test}` | {minutes} |");
        assert!(
            runbook.contains(&line),
            "infra/README.md has no line {line}"
        );
    }
}

/// A slow alarm is never the first to notice a function that fails completely: another was raised
/// long before.
#[test]
fn a_total_failure_of_any_function_is_noticed_within_five_minutes() {
    let slow = ALARMS.iter().filter(|row| row.minutes > 5);
    let slow: Vec<_> = slow.map(|row| row.alarm).collect();
    let not_the_first = [
        "EventDeadLettersAlarm",
        "DeliveryDeadLettersAlarm",
        "DeliveryAgeAlarm",
        "SlowDeliveryAgeAlarm",
        "NoticeDeadLettersAlarm",
    ];
    assert_eq!(slow, not_the_first);
}

fn read(file: &str) -> String {
    let file = checkout().join(file);
    std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}
