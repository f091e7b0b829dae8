//! The tables of CloudWatch's documentation, "Configuring how CloudWatch alarms treat missing
//! data": `0` is a datapoint within the threshold, `X` one that breaches it, `-` one that is
//! missing; the latest is on the right.

use super::*;
use crate::cloudwatch::{Comparison, Metric, Statistic};

const TREATMENTS: [MissingData; 4] = [
    MissingData::Missing,
    MissingData::Ignore,
    MissingData::Breaching,
    MissingData::NotBreaching,
];

const ALARM: Option<State> = Some(State::Alarm);
const OK: Option<State> = Some(State::Ok);
const UNKNOWN: Option<State> = Some(State::InsufficientData);

fn alarm(to_alarm: u32, of: u32, missing_data: MissingData) -> Alarm {
    Alarm {
        id: "Alarm".into(),
        name: "stack-Alarm".into(),
        description: String::new(),
        metric: Metric::new("AWS/Lambda", "Errors", [("FunctionName", "f")]),
        statistic: Statistic::Sum,
        period_minutes: 1,
        evaluation_periods: of,
        datapoints_to_alarm: to_alarm,
        threshold: 0.0,
        comparison: Comparison::GreaterThanThreshold,
        missing_data,
    }
}

fn assert_table(to_alarm: u32, of: u32, rows: &[(&str, [Option<State>; 4])]) {
    for (row, expected) in rows {
        let datapoints: Vec<_> = row
            .split(' ')
            .rev()
            .map(|cell| match cell {
                "-" => None,
                "0" => Some(0.0),
                _ => Some(1.0),
            })
            .collect();
        let decided = TREATMENTS.map(|missing| decide(&alarm(to_alarm, of, missing), &datapoints));
        assert_eq!(decided, *expected, "{to_alarm} of {of}: {row}");
    }
}

#[test]
fn three_of_three() {
    assert_table(
        3,
        3,
        &[
            ("0 - X - X", [OK; 4]),
            ("- - - - 0", [OK; 4]),
            ("- - - - -", [UNKNOWN, None, ALARM, OK]),
            ("0 X X - X", [ALARM; 4]),
            ("- - X - -", [ALARM, None, ALARM, OK]),
            // Ours: the latest decide where there is no gap.
            ("X X X X 0", [OK; 4]),
            ("0 0 X X X", [ALARM; 4]),
            ("- - - - X", [None, None, ALARM, OK]),
        ],
    );
}

#[test]
fn two_of_three() {
    assert_table(
        2,
        3,
        &[
            ("0 - X - X", [ALARM; 4]),
            ("0 0 X 0 X", [ALARM; 4]),
            ("0 - X - -", [OK, OK, ALARM, OK]),
            ("- - - - 0", [OK, OK, ALARM, OK]),
            ("- - - X -", [ALARM, None, ALARM, OK]),
        ],
    );
}

#[test]
fn one_of_one_stays_on_for_as_long_as_a_datapoint_is_looked_at() {
    assert_table(
        1,
        1,
        &[
            ("- - X", [ALARM; 4]),
            ("X - -", [ALARM; 4]),
            ("- X 0", [OK; 4]),
            ("- - -", [UNKNOWN, None, ALARM, OK]),
        ],
    );
}

#[test]
fn the_window_slides_by_the_minute_whatever_the_period() {
    let begin = Minute::of(time::OffsetDateTime::UNIX_EPOCH) + 1003;
    let alarm = Alarm {
        period_minutes: 5,
        ..alarm(1, 1, MissingData::NotBreaching)
    };
    let mut store = Store::default();
    store.add(alarm.metric.clone(), begin, 1.0);
    let state = |end| of(&alarm, &store, end, State::InsufficientData).map(|it| it.state);
    assert_eq!(state(begin), OK);
    assert_eq!(state(begin + 1), ALARM);
    // Three periods are looked at.
    assert_eq!(state(begin + 15), ALARM);
    assert_eq!(state(begin + 16), OK);
}

#[test]
fn a_verdict_says_what_was_seen() {
    let begin = Minute::of(time::OffsetDateTime::UNIX_EPOCH) + 1000;
    let mut store = Store::default();
    let alarm = alarm(1, 2, MissingData::NotBreaching);
    store.add(alarm.metric.clone(), begin, 2.0);
    let verdict = of(&alarm, &store, begin + 1, State::Ok).unwrap();
    assert_eq!(
        verdict.reason,
        "1 of the last 1 datapoints [2] were greater than 0; 1 that are missing count as not breaching"
    );
    assert_eq!(of(&alarm, &store, begin + 1, State::Alarm), None);
}
