//! Every alarm of the template is raised when its condition occurs, and clears when it is fixed.
//!
//! Time advances in steps of five seconds, without waiting, from the beginning of a minute of the
//! platform's clock: so an alarm takes as long as it can ever take. `infra/README.md` has the
//! figures of [`ALARMS`].

mod api;
mod deliveries;
mod events;
mod held;
mod sweeps;
mod table;
mod tables;
mod throttles;

use std::time::Duration;

use local::cloudwatch::State;
use local::gateway::calls::Service;
use local::gateway::outage::{Outage, Refused};
use time::OffsetDateTime;

use crate::stage::Stage;
use table::ALARMS;

const STEP: Duration = Duration::from_secs(5);

/// As long as it may take until an alarm notices that all is well again, in minutes.
const PATIENCE: u32 = 30;

/// An alarm, before its condition comes about and after.
pub(crate) struct Watched<'a> {
    stage: &'a Stage,
    id: &'static str,
    /// When its condition came about.
    since: OffsetDateTime,
    /// Whether everything comes to rest between two steps.
    rests: bool,
}

impl<'a> Watched<'a> {
    /// An alarm that is off. The next minute of the clock has just begun.
    pub(crate) async fn off(stage: &'a Stage, id: &'static str) -> Self {
        Self::off_while(stage, id, nothing).await
    }

    /// The same of an alarm that is off only if something happens once a minute.
    pub(crate) async fn off_while(
        stage: &'a Stage,
        id: &'static str,
        goes_on: impl AsyncFnMut(),
    ) -> Self {
        let mut watched = Watched {
            stage,
            id,
            since: stage.platform.cloudwatch().now(),
            rests: true,
        };
        watched.until(State::Ok, PATIENCE, goes_on).await;
        let seconds = 60 - stage.platform.cloudwatch().now().second();
        stage.advance(Duration::from_secs(seconds.into()));
        watched.since = stage.platform.cloudwatch().now();
        watched
    }

    /// The same where something is under way all the time.
    pub(crate) fn restless(self) -> Self {
        Watched {
            rests: false,
            ..self
        }
    }

    /// Advances time until the alarm is raised, which takes no longer than the table says.
    /// `goes_on` keeps its condition up, once a minute.
    pub(crate) async fn goes_on(&self, goes_on: impl AsyncFnMut()) {
        let row = ALARMS.iter().find(|row| row.alarm == self.id);
        let row = row.unwrap_or_else(|| panic!("{} is not in the table", self.id));
        self.until(State::Alarm, row.minutes, goes_on).await;
        let alarm = self.stage.platform.cloudwatch().alarm(self.id).unwrap();
        let after = (alarm.since - self.since).whole_seconds();
        println!("{} after {after} s: {}", self.id, alarm.reason);
    }

    /// Advances time until the alarm clears. `goes_on` is what happens in the meantime, once a
    /// minute.
    pub(crate) async fn goes_off(&self, goes_on: impl AsyncFnMut()) {
        self.until(State::Ok, PATIENCE, goes_on).await;
    }

    async fn until(&self, state: State, minutes: u32, mut goes_on: impl AsyncFnMut()) {
        let cloudwatch = self.stage.platform.cloudwatch();
        let alarm = || cloudwatch.alarm(self.id).unwrap();
        for _ in 0..minutes {
            if alarm().state == state {
                return;
            }
            goes_on().await;
            for _ in 0..60 / STEP.as_secs() {
                if self.rests {
                    self.stage.platform.at_rest().await;
                }
                self.stage.advance(STEP);
            }
        }
        let alarm = alarm();
        assert_eq!(alarm.state, state, "after {minutes} minutes: {alarm:?}");
    }
}

/// Nothing more happens.
pub(crate) async fn nothing() {}

impl Stage {
    /// Has the database throttle a function's calls of these operations, or of any.
    pub(crate) fn throttled(&self, function: &str, operations: &[&str]) -> Outage {
        self.throttled_by(Service::DynamoDb, function, operations)
    }

    /// The same, of a service.
    pub(crate) fn throttled_by(
        &self,
        service: Service,
        function: &str,
        operations: &[&str],
    ) -> Outage {
        let operations = operations.iter().map(|&operation| operation.to_owned());
        self.platform.refuse(Refused {
            operations: operations.collect(),
            ..Refused::all(function, service, local::faults::Refusal::Throttled)
        })
    }
}
