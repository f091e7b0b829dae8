//! All queues of one account, behind one lock: a message that moves between queues is always in
//! exactly one of them.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use parking_lot::Mutex;

use super::address;
use super::alarm::Alarm;
use super::clock::{Clock, Moment};
use super::error::Error;
use super::message::Received;
use super::move_task::MoveTask;
use super::queue_attributes::{QueueAttributes, Redrive};
use super::queue_state::QueueState;

pub(super) struct Account {
    clock: Clock,
    alarm: Arc<Alarm>,
    state: Mutex<State>,
}

/// What the lock guards.
#[derive(Default)]
pub(super) struct State {
    pub(super) queues: BTreeMap<String, QueueState>,
    pub(super) move_tasks: Vec<MoveTask>,
}

impl Account {
    /// An account without queues, whose timer runs on the current Tokio runtime.
    pub(super) fn open() -> Arc<Self> {
        let account = Arc::new(Self {
            clock: Clock::default(),
            alarm: Arc::new(Alarm::new()),
            state: Mutex::default(),
        });
        tokio::spawn(keep_time(Arc::downgrade(&account), account.alarm.clone()));
        account
    }

    pub(super) fn now(&self) -> Moment {
        self.clock.now()
    }

    /// Runs `work` on all queues. What it does to a queue it does through [`QueueState::change`].
    pub(super) fn with_state<T>(&self, work: impl FnOnce(&mut State, Moment) -> T) -> T {
        let mut state = self.state.lock();
        // The clock is read under the lock: operations happen in the order of their times.
        work(&mut state, self.clock.now())
    }

    /// Changes one queue.
    pub(super) fn with_queue<T>(
        &self,
        name: &str,
        change: impl FnOnce(&mut QueueState, Moment) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.with_state(|state, now| state.queue(name)?.change(now, |queue| change(queue, now)))
    }

    pub(super) fn create_queue(
        &self,
        name: &str,
        attributes: QueueAttributes,
    ) -> Result<(), Error> {
        address::check_name(name)?;
        attributes.check()?;
        self.with_state(|state, now| {
            if let Some(existing) = state.queues.get(name) {
                return existing.attributes.check_same(&attributes);
            }
            state.check_redrive(name, &attributes)?;
            state.queues.insert(
                name.to_owned(),
                self.new_queue(name.into(), attributes, now),
            );
            Ok(())
        })
    }

    /// A queue without messages that rings this account's alarm.
    pub(super) fn new_queue(
        &self,
        name: Arc<str>,
        attributes: QueueAttributes,
        now: Moment,
    ) -> QueueState {
        QueueState::new(name, attributes, self.alarm.clone(), now)
    }

    pub(super) fn delete_queue(&self, name: &str) -> Result<(), Error> {
        let queue = self.with_state(|state, _| {
            state
                .queues
                .remove(name)
                .ok_or_else(Error::queue_does_not_exist)
        })?;
        queue.arrivals.notify_waiters();
        Ok(())
    }

    pub(super) fn set_attributes(
        &self,
        name: &str,
        attributes: QueueAttributes,
    ) -> Result<(), Error> {
        attributes.check()?;
        self.with_state(|state, now| {
            state.check_redrive(name, &attributes)?;
            state.queue(name)?.change(now, |queue| {
                queue.attributes = attributes;
                queue.modified = now;
            });
            Ok(())
        })
    }

    /// Receives what is visible now; moves to the dead letter queue what had been received too
    /// often.
    pub(super) fn take(
        &self,
        name: &str,
        max: usize,
        visibility: Option<Duration>,
    ) -> Result<Vec<Received>, Error> {
        self.with_state(|state, now| {
            let redrive = state.redrive_of(name)?;
            let spent_after = redrive.as_ref().map(|redrive| redrive.max_receive_count);
            let taken = state.queue(name)?.change(now, |queue| {
                queue.hand_out(max, visibility, spent_after, now)
            })?;
            if let Some(redrive) = redrive.filter(|_| !taken.spent.is_empty()) {
                let target = state.queue(&redrive.dead_letter_queue)?;
                target.change(now, |target| target.bury(taken.spent, name, now));
            }
            Ok(taken.received)
        })
    }

    /// Moves the clock back.
    pub(super) fn retreat(&self, by: Duration) {
        self.clock.retreat(by);
    }

    /// Moves the clock ahead, and lets happen what was due in between.
    pub(super) fn advance(&self, by: Duration) {
        self.clock.advance(by);
        self.catch_up();
        self.alarm.ring();
    }

    /// Lets happen what is due in all queues, and says how long there will be nothing more.
    fn catch_up(&self) -> Option<Duration> {
        self.with_state(|state, now| {
            let next = state
                .queues
                .values_mut()
                .filter_map(|queue| queue.catch_up(now))
                .min();
            self.alarm.rewind(next);
            next.map(|next| next.since(now))
        })
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        self.alarm.ring();
    }
}

/// Lives as long as the account does.
async fn keep_time(account: Weak<Account>, alarm: Arc<Alarm>) {
    while let Some(pause) = account.upgrade().map(|account| account.catch_up()) {
        alarm.wait(pause).await;
    }
}

impl State {
    pub(super) fn queue(&mut self, name: &str) -> Result<&mut QueueState, Error> {
        self.queues
            .get_mut(name)
            .ok_or_else(Error::queue_does_not_exist)
    }

    /// What becomes of messages that the queue gives up. A dead letter queue that was deleted takes
    /// nothing in: they stay in circulation.
    fn redrive_of(&mut self, name: &str) -> Result<Option<Redrive>, Error> {
        let redrive = self.queue(name)?.attributes.redrive.clone();
        Ok(redrive.filter(|redrive| self.queues.contains_key(&redrive.dead_letter_queue)))
    }

    fn check_redrive(&self, name: &str, attributes: &QueueAttributes) -> Result<(), Error> {
        let Some(redrive) = &attributes.redrive else {
            return Ok(());
        };
        let target = self.queues.get(&redrive.dead_letter_queue);
        let refuses = |target: &QueueState| {
            let allow = target.attributes.redrive_allow.as_ref();
            allow.is_some_and(|allow| !allow.allows(name))
        };
        let reason = if redrive.dead_letter_queue == name {
            "A queue cannot be its own dead letter queue."
        } else if target.is_none() {
            "Dead letter target does not exist."
        } else if target.is_some_and(refuses) {
            "The redrive allow policy of the dead letter target does not allow this queue."
        } else {
            return Ok(());
        };
        Err(Error::invalid_parameter(
            "RedrivePolicy",
            redrive.to_policy(),
            reason,
        ))
    }
}
