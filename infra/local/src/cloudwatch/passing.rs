//! The passing of minutes: each ends with a look at the queues, and with a verdict on every alarm.

use std::time::Duration;

use time::OffsetDateTime;

use super::gauges::Reading;
use super::minute::Minute;
use super::store::Store;
use super::{Progress, Shared, evaluation};

impl Shared {
    /// Ends every minute up to `end` with what the queues were like at `at`.
    pub(super) fn account(
        &self,
        state: &mut Progress,
        readings: &[Reading],
        at: OffsetDateTime,
        end: Minute,
    ) {
        while state.until < end {
            let ended = state.until;
            state.until = ended + 1;
            let passed = state.until.begin() - at;
            let passed = Duration::try_from(passed).unwrap_or_default();
            for reading in readings {
                let value = reading.after(passed);
                state.store.add(reading.metric.clone(), ended, value);
            }
            self.evaluate(&state.store, state.until);
            state.store.forget_before(state.until - self.kept_minutes);
        }
    }

    fn evaluate(&self, store: &Store, end: Minute) {
        let verdicts: Vec<_> = {
            let states = self.states.borrow();
            let alarms = self.alarms.iter().zip(states.iter());
            alarms
                .map(|(alarm, state)| evaluation::of(alarm, store, end, state.state))
                .collect()
        };
        let mut changes = Vec::new();
        self.states.send_if_modified(|states| {
            let news = states.iter_mut().zip(verdicts);
            changes.extend(news.filter_map(|(state, verdict)| state.take(verdict?, end.begin())));
            !changes.is_empty()
        });
        for change in changes {
            // Nobody need listen.
            let _ = self.changes.send(change);
        }
    }
}
