//! Whether an alarm is on: CloudWatch's rules, as its documentation gives them.
//!
//! - The window slides. Every minute the last periods are looked at, ending now, whatever the clock
//!   says.
//! - CloudWatch looks at more datapoints than `EvaluationPeriods`: how many more it does not say.
//!   Its examples show two, and so do we.
//! - If there are `EvaluationPeriods` datapoints among them, the latest ones decide, wherever the
//!   gaps are.
//! - If there are fewer, as many missing ones as it takes count as `TreatMissingData` says.

use super::alarm::State;
use super::comparison::MissingData;
use super::minute::Minute;
use super::store::Store;
use crate::template::Alarm;

/// How many periods are looked at beyond those that decide.
const MORE: u32 = 2;

/// What an evaluation came to.
#[derive(Debug, PartialEq)]
pub(super) struct Verdict {
    pub(super) state: State,
    pub(super) reason: String,
}

/// How many minutes back an alarm looks.
pub(super) fn reach_of(alarm: &Alarm) -> i64 {
    i64::from((alarm.evaluation_periods + MORE) * alarm.period_minutes)
}

/// What the alarm, which is in state `now`, comes to at the end of a minute. `None`: it stays as it
/// is.
pub(super) fn of(alarm: &Alarm, store: &Store, end: Minute, now: State) -> Option<Verdict> {
    let period = alarm.period_minutes;
    let ends = (0..alarm.evaluation_periods + MORE).map(|back| end - i64::from(back * period));
    let datapoints: Vec<_> = ends
        .map(|end| {
            let samples = store.over(&alarm.metric, end, period)?;
            samples.statistic(alarm.statistic)
        })
        .collect();
    let state = decide(alarm, &datapoints);
    state.filter(|state| *state != now).map(|state| Verdict {
        state,
        reason: reason(alarm, &datapoints),
    })
}

/// The state that these datapoints make, the latest first. `None`: they leave it as it is.
fn decide(alarm: &Alarm, datapoints: &[Option<f64>]) -> Option<State> {
    let (of, to_alarm) = (
        alarm.evaluation_periods as usize,
        alarm.datapoints_to_alarm as usize,
    );
    let real = datapoints.iter().copied().flatten().take(of);
    let breaches: Vec<_> = real
        .map(|value| alarm.comparison.breaches(value, alarm.threshold))
        .collect();
    let breaching = breaches.iter().filter(|breaches| **breaches).count();
    let missing = of - breaches.len();
    if breaching >= to_alarm {
        return Some(State::Alarm);
    }
    let all_breach = breaching == breaches.len();
    match alarm.missing_data {
        MissingData::Breaching if breaching + missing >= to_alarm => Some(State::Alarm),
        MissingData::Breaching | MissingData::NotBreaching => Some(State::Ok),
        _ if !all_breach => Some(State::Ok),
        MissingData::Ignore => None,
        MissingData::Missing if breaches.is_empty() => Some(State::InsufficientData),
        MissingData::Missing => {
            // Nothing speaks against it, and it has been so for long enough.
            let oldest = datapoints.iter().rposition(Option::is_some);
            oldest
                .filter(|oldest| oldest + 1 >= to_alarm)
                .map(|_| State::Alarm)
        }
    }
}

fn reason(alarm: &Alarm, datapoints: &[Option<f64>]) -> String {
    let of = alarm.evaluation_periods as usize;
    let real: Vec<_> = datapoints.iter().copied().flatten().take(of).collect();
    let is_breach = |value: &&f64| alarm.comparison.breaches(**value, alarm.threshold);
    let breaching = real.iter().filter(is_breach).count();
    let values: Vec<_> = real.iter().map(f64::to_string).collect();
    let (words, threshold) = (alarm.comparison.in_words(), alarm.threshold);
    let mut reason = match values.is_empty() {
        true => "nothing was measured".to_owned(),
        false => format!(
            "{breaching} of the last {} datapoints [{}] were {words} {threshold}",
            values.len(),
            values.join(", ")
        ),
    };
    let missing = of - real.len();
    match alarm.missing_data {
        MissingData::Breaching if missing > 0 => {
            reason.push_str(&format!("; {missing} that are missing count as breaching"));
        }
        MissingData::NotBreaching if missing > 0 => {
            reason.push_str(&format!(
                "; {missing} that are missing count as not breaching"
            ));
        }
        _ => {}
    }
    reason
}

#[cfg(test)]
mod tests;
