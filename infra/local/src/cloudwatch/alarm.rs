//! An alarm as it is now.

use std::collections::VecDeque;
use std::fmt::{Display, Formatter};

use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::evaluation::Verdict;
use super::metric::Metric;
use crate::template;

/// How many changes of an alarm are remembered.
const REMEMBERED: usize = 100;

/// The state of an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum State {
    /// Within its threshold.
    Ok,
    /// On.
    Alarm,
    /// Too little is known.
    InsufficientData,
}

/// An alarm, with all that is known of it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AlarmState {
    /// Its logical id in the template.
    pub id: String,
    /// Its name in CloudWatch.
    pub name: String,
    /// What the template says of it.
    pub description: String,
    /// What it watches.
    pub metric: Metric,
    /// Whether it is on.
    pub state: State,
    /// Why.
    pub reason: String,
    /// Since when, on the platform's clock.
    #[serde(serialize_with = "as_text")]
    pub since: OffsetDateTime,
    /// How its state has changed, the last change last. No more than the last hundred.
    pub history: VecDeque<AlarmChange>,
}

/// A change of an alarm's state.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AlarmChange {
    /// The alarm's logical id in the template.
    pub id: String,
    /// What the template says of it.
    pub description: String,
    /// What it was.
    pub from: State,
    /// What it is.
    pub to: State,
    /// Why.
    pub reason: String,
    /// When, on the platform's clock.
    #[serde(serialize_with = "as_text")]
    pub at: OffsetDateTime,
}

impl Display for State {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            State::Ok => "OK",
            State::Alarm => "ALARM",
            State::InsufficientData => "INSUFFICIENT_DATA",
        })
    }
}

impl AlarmState {
    /// An alarm that was never evaluated.
    pub(super) fn first(alarm: &template::Alarm, now: OffsetDateTime) -> Self {
        AlarmState {
            id: alarm.id.clone(),
            name: alarm.name.clone(),
            description: alarm.description.clone(),
            metric: alarm.metric.clone(),
            state: State::InsufficientData,
            reason: "it was not evaluated yet".to_owned(),
            since: now,
            history: VecDeque::new(),
        }
    }

    /// Takes a verdict that came at this time. `None`: it changes nothing.
    pub(super) fn take(&mut self, verdict: Verdict, at: OffsetDateTime) -> Option<AlarmChange> {
        if verdict.state == self.state {
            return None;
        }
        let change = AlarmChange {
            id: self.id.clone(),
            description: self.description.clone(),
            from: self.state,
            to: verdict.state,
            reason: verdict.reason,
            at,
        };
        self.state = change.to;
        self.reason = change.reason.clone();
        self.since = at;
        if self.history.len() == REMEMBERED {
            self.history.pop_front();
        }
        self.history.push_back(change.clone());
        Some(change)
    }
}

fn as_text<S: serde::Serializer>(time: &OffsetDateTime, to: S) -> Result<S::Ok, S::Error> {
    let text = time.format(&Rfc3339).map_err(serde::ser::Error::custom)?;
    to.serialize_str(&text)
}
