//! What has gone wrong so far, and which messages it concerned.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Fault;

/// A record of faults.
#[derive(Default)]
pub(super) struct Trail {
    counts: BTreeMap<Fault, u64>,
    victims: HashMap<String, BTreeSet<Fault>>,
}

impl Trail {
    /// Notes a fault, and the bodies of the messages that were in the hands of whoever met it.
    pub(super) fn add(&mut self, fault: Fault, victims: impl IntoIterator<Item = String>) {
        *self.counts.entry(fault).or_default() += 1;
        for victim in victims {
            self.victims.entry(victim).or_default().insert(fault);
        }
    }

    pub(super) fn counts(&self) -> BTreeMap<Fault, u64> {
        self.counts.clone()
    }

    pub(super) fn victims(&self) -> HashMap<String, BTreeSet<Fault>> {
        self.victims.clone()
    }
}
