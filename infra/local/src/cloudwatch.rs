//! Amazon CloudWatch on one machine, as far as the template's alarms need it: metrics by the
//! minute, and the alarms that watch them.
//!
//! Metrics come from the Lambda host, the function's URL, the queues, the database's answers, and
//! the lines in the embedded metric format that functions write. Once a minute of the platform's
//! clock the queues are looked at and every alarm is evaluated, by CloudWatch's own rules
//! (`evaluation`). Time that is skipped is made up for minute by minute: what was counted stays
//! where it was, queues keep their depth, and messages in them grow older.
//!
//! It is quicker than CloudWatch in one thing: a metric is there as soon as it is known, where AWS
//! takes up to a minute more.
//!
//! Not here: actions, metric math, composite alarms, anomaly detection, and metrics with a finer
//! resolution than a minute. A template that wants them is refused.

mod alarm;
mod comparison;
mod embedded;
mod evaluation;
pub(crate) mod function_metrics;
mod gauges;
mod http;
mod known;
mod metric;
mod minute;
mod passing;
mod samples;
mod statistic;
mod store;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use parking_lot::Mutex;
use time::OffsetDateTime;
use tokio::sync::{Notify, broadcast, watch};

use crate::clock::Clock;
use crate::queues::Queues;
use crate::template;
pub use alarm::{AlarmChange, AlarmState, State};
pub use comparison::{Comparison, MissingData};
pub(crate) use embedded::EmbeddedMetrics;
use gauges::Gauges;
pub(crate) use known::check_known;
pub use metric::Metric;
use minute::Minute;
pub use statistic::Statistic;
use store::Store;

/// How many changes one who listens may be behind.
const CHANGES: usize = 256;

/// For how long measurements are kept at least: some more than any function runs, and than the
/// clocks of functions differ.
const KEPT_MINUTES: i64 = 60;

/// The metrics and the alarms of one platform. Clones share them.
#[derive(Clone)]
pub struct CloudWatch {
    shared: Arc<Shared>,
}

struct Shared {
    clock: Arc<Clock>,
    queues: Queues,
    alarms: Vec<template::Alarm>,
    gauges: Gauges,
    kept_minutes: i64,
    state: Mutex<Progress>,
    states: watch::Sender<Vec<AlarmState>>,
    changes: broadcast::Sender<AlarmChange>,
    moved: Notify,
    measured: Notify,
}

struct Progress {
    store: Store,
    /// The end of the last minute that was accounted for.
    until: Minute,
}

impl CloudWatch {
    /// These alarms, which nothing has been measured for yet.
    pub(crate) fn new(
        alarms: impl IntoIterator<Item = template::Alarm>,
        queues: &Queues,
        queue_names: impl IntoIterator<Item = String>,
        clock: Arc<Clock>,
    ) -> Self {
        let alarms: Vec<_> = alarms.into_iter().collect();
        let now = clock.now();
        let states = alarms.iter().map(|alarm| AlarmState::first(alarm, now));
        let reach = alarms.iter().map(evaluation::reach_of).max();
        let shared = Shared {
            gauges: Gauges::of(queues, queue_names),
            kept_minutes: KEPT_MINUTES.max(reach.unwrap_or_default()),
            state: Mutex::new(Progress {
                store: Store::default(),
                until: Minute::of(now),
            }),
            states: watch::Sender::new(states.collect()),
            changes: broadcast::Sender::new(CHANGES),
            moved: Notify::new(),
            measured: Notify::new(),
            queues: queues.clone(),
            clock,
            alarms,
        };
        CloudWatch {
            shared: Arc::new(shared),
        }
    }

    /// The platform's time.
    pub fn now(&self) -> OffsetDateTime {
        self.shared.clock.now()
    }

    /// Every alarm as it is now, by logical id.
    pub fn alarms(&self) -> Vec<AlarmState> {
        self.shared.states.borrow().clone()
    }

    /// The alarm with that logical id, as it is now.
    pub fn alarm(&self, id: &str) -> Result<AlarmState> {
        let mut alarms = self.alarms().into_iter();
        let alarm = alarms.find(|alarm| alarm.id == id);
        alarm.with_context(|| format!("there is no alarm {id}"))
    }

    /// Waits until the alarm with that logical id is in this state.
    pub async fn until(&self, id: &str, state: State) {
        let is_so = |alarm: &AlarmState| alarm.id == id && alarm.state == state;
        let mut states = self.shared.states.subscribe();
        // The other side lives as long as this.
        let _ = states.wait_for(|states| states.iter().any(is_so)).await;
    }

    /// Hears of every change of an alarm's state.
    pub fn changes(&self) -> broadcast::Receiver<AlarmChange> {
        self.shared.changes.subscribe()
    }

    /// What the metric came to in the last so many minutes, this one included; `None` if nothing
    /// was measured.
    pub fn statistic(&self, metric: &Metric, statistic: Statistic, minutes: u32) -> Option<f64> {
        let end = Minute::of(self.now()) + 1;
        let state = self.shared.state.lock();
        state.store.over(metric, end, minutes)?.statistic(statistic)
    }

    /// Waits until something was measured in the last so many minutes, and says what it came to.
    pub async fn measured(&self, metric: &Metric, statistic: Statistic, minutes: u32) -> f64 {
        loop {
            let measured = self.shared.measured.notified();
            tokio::pin!(measured);
            // From here on nothing is missed.
            measured.as_mut().enable();
            if let Some(value) = self.statistic(metric, statistic, minutes) {
                return value;
            }
            measured.await;
        }
    }

    /// Takes a measurement that was made at this time.
    pub(crate) fn record(&self, metric: Metric, at: OffsetDateTime, value: f64) {
        let minute = Minute::of(at);
        self.shared.state.lock().store.add(metric, minute, value);
        self.shared.measured.notify_waiters();
    }

    /// The HTTP endpoint that shows the alarms.
    pub(crate) fn router(&self) -> axum::Router {
        http::router(self.clone())
    }

    /// Evaluates the alarms whenever a minute is over, until this is dropped.
    pub(crate) async fn run(self) {
        loop {
            let moved = self.shared.moved.notified();
            self.catch_up();
            tokio::select! {
                () = tokio::time::sleep(Minute::left_of(self.now())) => {}
                () = moved => {}
            }
        }
    }

    /// Lets so much time pass at once: on the queues, for functions whose clock moves, and here.
    pub(crate) fn advance(&self, by: Duration) -> Result<()> {
        self.catch_up();
        let mut state = self.shared.state.lock();
        let readings = self.shared.gauges.read();
        let from = self.now();
        self.shared.queues.advance(by)?;
        self.shared.clock.advance(by)?;
        self.shared
            .account(&mut state, &readings, from, Minute::of(self.now()));
        drop(state);
        self.shared.moved.notify_one();
        Ok(())
    }

    /// Holds time up: clocks go back by so much, on the queues, for functions whose clock moves,
    /// and here.
    pub(crate) fn retreat(&self, by: Duration) -> Result<()> {
        self.shared.queues.retreat(by)?;
        self.shared.clock.retreat(by)
    }

    fn catch_up(&self) {
        let mut state = self.shared.state.lock();
        let now = self.now();
        if state.until < Minute::of(now) {
            let readings = self.shared.gauges.read();
            self.shared
                .account(&mut state, &readings, now, Minute::of(now));
        }
    }
}
