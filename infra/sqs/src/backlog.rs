//! The messages of one queue, ordered by the time at which something happens to them. Nothing here
//! reads a clock, waits or locks.

mod age;
mod receipts;
mod shares;

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
use shares::Shares;

/// Each message stands in the set of its place, by the time since which or until which it stands
/// there, and in the set of ages: no operation on a message costs more than the logarithm of their
/// number.
pub(super) struct Backlog {
    queue: Arc<str>,
    messages: HashMap<Uuid, Held>,
    shares: Shares,
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
            shares: Shares::default(),
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
        self.place(&held);
        self.messages.insert(held.message.id, held);
    }

    pub(super) fn remove(&mut self, id: Uuid) -> Option<Held> {
        let held = self.messages.remove(&id)?;
        self.ages.remove(&held.age());
        self.displace(&held);
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
        while let Some(oldest) = first_due(&self.ages, now - retention) {
            self.remove(oldest.id);
        }
        while let Some(due) =
            first_due(&self.delayed, now).or_else(|| first_due(&self.in_flight, now))
        {
            self.move_to(due.id, Place::Visible, due.at);
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
    /// longest, but for groups that hold too many already.
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
            && let Some(id) = self.shares.pop().map(|entry| entry.id)
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
        if self.held_under(receipt).is_some() {
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
        let place = if visibility.is_zero() {
            Place::Visible
        } else {
            Place::InFlight
        };
        self.move_to(id, place, now + visibility);
    }

    fn move_to(&mut self, id: Uuid, place: Place, at: Moment) {
        let Some(held) = self.messages.remove(&id) else {
            return;
        };
        self.displace(&held);
        let held = Held { place, at, ..held };
        self.place(&held);
        self.messages.insert(id, held);
    }

    fn place(&mut self, held: &Held) {
        let (group, entry) = (&held.message.group_id, held.entry());
        match held.place {
            Place::Visible => self.shares.show(group, entry),
            Place::Delayed => drop(self.delayed.insert(entry)),
            Place::InFlight => {
                self.in_flight.insert(entry);
                self.shares.hand_out(group);
            }
        }
    }

    fn displace(&mut self, held: &Held) {
        let (group, entry) = (&held.message.group_id, held.entry());
        match held.place {
            Place::Visible => self.shares.hide(group, entry),
            Place::Delayed => drop(self.delayed.remove(&entry)),
            Place::InFlight => {
                self.in_flight.remove(&entry);
                self.shares.take_back(group);
            }
        }
    }

    pub(super) fn depth(&self) -> Depth {
        Depth {
            visible: self.shares.visible(),
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
        let mut entries: Vec<Entry> = self.shares.entries().collect();
        entries.sort_unstable();
        let entries = entries.into_iter();
        entries.filter_map(|entry| self.messages.get(&entry.id))
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

fn first_due(set: &BTreeSet<Entry>, now: Moment) -> Option<Entry> {
    set.first().copied().filter(|first| first.at <= now)
}

#[cfg(test)]
mod model;
