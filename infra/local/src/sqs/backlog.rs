//! The messages of one queue, ordered by the time at which something happens to them. Nothing here
//! reads a clock, waits or locks.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use super::clock::Moment;
use super::held::{Entry, Held, Place};
use super::limits;
use super::message::Received;
use super::queue::Depth;
use super::receipt::Receipt;

/// Each message stands in the set of its place, by the time since which or until which it stands
/// there, and in the set of ages: no operation on a message costs more than the logarithm of their
/// number.
pub(super) struct Backlog {
    queue: Arc<str>,
    messages: HashMap<Uuid, Held>,
    visible: BTreeSet<Entry>,
    delayed: BTreeSet<Entry>,
    in_flight: BTreeSet<Entry>,
    ages: BTreeSet<Entry>,
    next_order: u64,
}

/// What a receive took out.
#[derive(Default)]
pub(super) struct Taken {
    pub(super) received: Vec<Received>,
    /// Those that had been received too often already: they are gone from here, and belong into the
    /// dead letter queue.
    pub(super) spent: Vec<Held>,
}

impl Backlog {
    pub(super) fn new(queue: Arc<str>) -> Self {
        Self {
            queue,
            messages: HashMap::new(),
            visible: BTreeSet::new(),
            delayed: BTreeSet::new(),
            in_flight: BTreeSet::new(),
            ages: BTreeSet::new(),
            next_order: 0,
        }
    }

    pub(super) fn put(&mut self, held: Held) {
        let held = Held {
            order: self.next_order,
            ..held
        };
        self.next_order += 1;
        self.ages.insert(held.age());
        self.set_of(held.place).insert(held.entry());
        self.messages.insert(held.message.id, held);
    }

    pub(super) fn remove(&mut self, id: Uuid) -> Option<Held> {
        let held = self.messages.remove(&id)?;
        self.ages.remove(&held.age());
        self.set_of(held.place).remove(&held.entry());
        Some(held)
    }

    pub(super) fn clear(&mut self) {
        *self = Self {
            next_order: self.next_order,
            ..Self::new(self.queue.clone())
        };
    }

    /// Lets happen what was due by `now`: old messages expire, delayed and in-flight ones become
    /// visible.
    pub(super) fn settle(&mut self, retention: Duration, now: Moment) {
        while let Some(oldest) = pop_due(&mut self.ages, now - retention) {
            self.remove(oldest.id);
        }
        while let Some(due) =
            pop_due(&mut self.delayed, now).or_else(|| pop_due(&mut self.in_flight, now))
        {
            self.visible.insert(due);
            if let Some(held) = self.messages.get_mut(&due.id) {
                held.place = Place::Visible;
            }
        }
    }

    /// When [`settle`](Self::settle) has something to do next.
    pub(super) fn next_change(&self, retention: Duration) -> Option<Moment> {
        let first = |set: &BTreeSet<Entry>| set.first().map(|entry| entry.at);
        let expiry = first(&self.ages).map(|sent| sent + retention);
        [first(&self.delayed), first(&self.in_flight), expiry]
            .into_iter()
            .flatten()
            .min()
    }

    /// Hands out up to `max` visible messages and hides them; first those that have been visible
    /// longest.
    pub(super) fn take(
        &mut self,
        max: usize,
        visibility: Duration,
        spent_after: Option<u32>,
        now: Moment,
    ) -> Taken {
        let mut taken = Taken::default();
        let max = max.min(limits::MAX_IN_FLIGHT.saturating_sub(self.in_flight.len()));
        while taken.received.len() < max
            && let Some(id) = self.visible.pop_first().map(|entry| entry.id)
        {
            let Some(held) = self.messages.get_mut(&id) else {
                continue;
            };
            if spent_after.is_some_and(|limit| held.is_spent(limit)) {
                taken.spent.extend(self.remove(id));
            } else {
                taken.received.push(held.hand_out(&self.queue, now));
            }
        }
        // Only now: hidden for no time at all, a message would be taken again by the loop.
        for received in &taken.received {
            self.hide(received.message.id, visibility, now);
        }
        taken
    }

    /// Deletes a message. If a later receive has replaced the handle, the message stays; that is no
    /// error, nor is a message that is gone.
    pub(super) fn delete(&mut self, receipt: &Receipt) {
        let held = self.messages.get(&receipt.message_id);
        if held.is_some_and(|held| held.receive_count == receipt.receive_count) {
            self.remove(receipt.message_id);
        }
    }

    /// Hides an in-flight message for `visibility` from now on, whichever of its handles is given.
    /// One that is visible again stays so.
    pub(super) fn change_visibility(
        &mut self,
        id: Uuid,
        visibility: Duration,
        now: Moment,
    ) -> Result<(), VisibilityRefusal> {
        let held = self.messages.get(&id).ok_or(VisibilityRefusal::NoMessage)?;
        let received = held.last_received.unwrap_or(now);
        if now.since(received).as_secs() + visibility.as_secs() > limits::MAX_VISIBILITY.as_secs() {
            return Err(VisibilityRefusal::TooLong);
        }
        if held.place == Place::InFlight {
            self.hide(id, visibility, now);
        }
        Ok(())
    }

    /// Makes every in-flight message visible.
    pub(super) fn expire_visibility(&mut self, now: Moment) {
        while let Some(id) = self.in_flight.first().map(|entry| entry.id) {
            self.hide(id, Duration::ZERO, now);
        }
    }

    fn hide(&mut self, id: Uuid, visibility: Duration, now: Moment) {
        let Some(held) = self.messages.get_mut(&id) else {
            return;
        };
        let (before, place) = (held.entry(), held.place);
        held.place = if visibility.is_zero() {
            Place::Visible
        } else {
            Place::InFlight
        };
        held.at = now + visibility;
        let (after, new_place) = (held.entry(), held.place);
        self.set_of(place).remove(&before);
        self.set_of(new_place).insert(after);
    }

    fn set_of(&mut self, place: Place) -> &mut BTreeSet<Entry> {
        match place {
            Place::Visible => &mut self.visible,
            Place::Delayed => &mut self.delayed,
            Place::InFlight => &mut self.in_flight,
        }
    }

    pub(super) fn depth(&self) -> Depth {
        Depth {
            visible: self.visible.len(),
            delayed: self.delayed.len(),
            in_flight: self.in_flight.len(),
        }
    }

    /// Whether so many messages are in flight that SQS hands out no more.
    pub(super) fn is_over_limit(&self) -> bool {
        self.in_flight.len() >= limits::MAX_IN_FLIGHT
    }

    /// The visible messages; first those that have been visible longest.
    pub(super) fn visible(&self) -> impl Iterator<Item = &Held> {
        self.visible
            .iter()
            .filter_map(|entry| self.messages.get(&entry.id))
    }

    /// All messages, in the order in which they came.
    pub(super) fn all(&self) -> Vec<&Held> {
        let mut all: Vec<&Held> = self.messages.values().collect();
        all.sort_unstable_by_key(|held| held.order);
        all
    }
}

/// Why a visibility cannot be changed.
pub(super) enum VisibilityRefusal {
    NoMessage,
    TooLong,
}

fn pop_due(set: &mut BTreeSet<Entry>, now: Moment) -> Option<Entry> {
    if set.first()?.at > now {
        return None;
    }
    set.pop_first()
}

#[cfg(test)]
mod model;
