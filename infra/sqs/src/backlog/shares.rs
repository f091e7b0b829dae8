//! Who is next among message groups, as in SQS's fair queues: a group that holds up many workers
//! waits for the others, but never for nothing.

use std::collections::{BTreeSet, HashMap};

use crate::held::Entry;

/// A group with so many messages in flight is noisy, if they are also more than a tenth of all in
/// flight.
const NOISY_FROM: usize = 30;
const NOISY_SHARE: usize = 10;

/// The visible messages, and how many each group has in flight. Messages without a group are
/// nobody's noise.
#[derive(Default)]
pub(super) struct Shares {
    groups: HashMap<Option<String>, Share>,
    /// The first visible message of each group that has one.
    heads: BTreeSet<(Entry, Option<String>)>,
    visible: usize,
    in_flight: usize,
}

#[derive(Default)]
struct Share {
    visible: BTreeSet<Entry>,
    in_flight: usize,
}

impl Shares {
    /// A message is visible.
    pub(super) fn show(&mut self, group: &Option<String>, entry: Entry) {
        self.change(group, |share| share.visible.insert(entry));
        self.visible += 1;
    }

    /// A message is no longer visible.
    pub(super) fn hide(&mut self, group: &Option<String>, entry: Entry) {
        if self.change(group, |share| share.visible.remove(&entry)) {
            self.visible -= 1;
        }
    }

    /// A message is in flight.
    pub(super) fn hand_out(&mut self, group: &Option<String>) {
        self.change(group, |share| share.in_flight += 1);
        self.in_flight += 1;
    }

    /// A message is no longer in flight.
    pub(super) fn take_back(&mut self, group: &Option<String>) {
        self.change(group, |share| share.in_flight -= 1);
        self.in_flight -= 1;
    }

    /// Takes out the message that has been visible longest, of a group that is not noisy if there
    /// is one.
    pub(super) fn pop(&mut self) -> Option<Entry> {
        // More than a tenth each: there are nine noisy groups at most.
        let mut heads = self.heads.iter();
        let quiet = heads.find(|(_, group)| !self.is_noisy(group));
        let (entry, group) = quiet.or_else(|| self.heads.first())?.clone();
        self.hide(&group, entry);
        Some(entry)
    }

    /// How many messages are visible.
    pub(super) fn visible(&self) -> usize {
        self.visible
    }

    /// All visible messages, in no order.
    pub(super) fn entries(&self) -> impl Iterator<Item = Entry> {
        let groups = self.groups.values();
        groups.flat_map(|share| share.visible.iter().copied())
    }

    fn is_noisy(&self, group: &Option<String>) -> bool {
        let share = self.groups.get(group).filter(|_| group.is_some());
        let in_flight = share.map_or(0, |share| share.in_flight);
        in_flight >= NOISY_FROM && in_flight * NOISY_SHARE > self.in_flight
    }

    fn change<T>(&mut self, group: &Option<String>, change: impl FnOnce(&mut Share) -> T) -> T {
        let share = self.groups.entry(group.clone()).or_default();
        let before = share.visible.first().copied();
        let changed = change(share);
        let after = share.visible.first().copied();
        if share.visible.is_empty() && share.in_flight == 0 {
            self.groups.remove(group);
        }
        if before != after {
            before.map(|entry| self.heads.remove(&(entry, group.clone())));
            after.map(|entry| self.heads.insert((entry, group.clone())));
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use uuid::Uuid;

    use super::*;
    use crate::clock::Moment;

    fn entry(order: u64) -> Entry {
        Entry {
            at: Moment::default() + Duration::from_secs(order),
            order,
            id: Uuid::nil(),
        }
    }

    fn group(name: &str) -> Option<String> {
        (!name.is_empty()).then(|| name.to_owned())
    }

    /// With so many messages of groups in flight, the order in which messages of these groups come
    /// out.
    fn order(in_flight: &[(&str, usize)], groups: &[&str]) -> Vec<u64> {
        let mut shares = Shares::default();
        for &(name, count) in in_flight {
            (0..count).for_each(|_| shares.hand_out(&group(name)));
        }
        for (order, name) in (0..).zip(groups) {
            shares.show(&group(name), entry(order));
        }
        let order = std::iter::from_fn(|| shares.pop().map(|entry| entry.order)).collect();
        assert_eq!(shares.visible(), 0);
        assert!(shares.heads.is_empty());
        order
    }

    #[test]
    fn whoever_came_first_is_first_while_nobody_is_noisy() {
        let groups = ["a", "b", "", "a", "b"];
        assert_eq!(order(&[], &groups), [0, 1, 2, 3, 4]);
        assert_eq!(order(&[("a", 29)], &groups), [0, 1, 2, 3, 4]);
        assert_eq!(order(&[("a", 30), ("b", 270)], &["a", "a"]), [0, 1]);
    }

    #[test]
    fn a_noisy_group_waits_for_the_others_and_then_comes_in_order() {
        let groups = ["a", "b", "", "a", "b"];
        assert_eq!(order(&[("a", 30)], &groups), [1, 2, 4, 0, 3]);
        assert_eq!(order(&[("a", 40), ("b", 40)], &groups), [2, 0, 1, 3, 4]);
    }

    #[test]
    fn a_tenth_is_not_too_much() {
        let groups = ["a", "c"];
        assert_eq!(order(&[("a", 30), ("", 270)], &groups), [0, 1]);
        assert_eq!(order(&[("a", 30), ("", 269)], &groups), [1, 0]);
    }

    #[test]
    fn messages_without_a_group_are_nobodys_noise() {
        assert_eq!(order(&[("", 1000)], &["", "a"]), [0, 1]);
    }
}
