//! What was taken by whom.

use std::collections::{BTreeMap, HashMap};

use super::part::Part;
use crate::gateway::capacity::Capacity;

/// What one partition key can take in a second.
const OF_A_KEY: Capacity = Capacity {
    read: 3000.0,
    write: 1000.0,
};

/// What was taken in this second, and in all.
pub(super) struct Books {
    /// What each table can take in a second; `None`: anything.
    limits: Option<BTreeMap<String, Capacity>>,
    second: i64,
    tables: HashMap<String, Capacity>,
    keys: HashMap<Key, Capacity>,
    totals: HashMap<Key, Capacity>,
}

/// A table and one of its partition keys.
type Key = (String, String);

/// A partition key that has taken more than others.
#[derive(Clone, Debug, PartialEq)]
pub struct Hottest {
    /// Its table.
    pub table: String,
    /// The key.
    pub key: String,
    /// What it has taken in all.
    pub taken: Capacity,
}

impl Books {
    pub(super) fn of(limits: Option<BTreeMap<String, Capacity>>) -> Self {
        Books {
            limits,
            second: 0,
            tables: HashMap::new(),
            keys: HashMap::new(),
            totals: HashMap::new(),
        }
    }

    /// Whatever was taken before a new second counts no more. A clock that goes back makes none.
    pub(super) fn turn_to(&mut self, second: i64) {
        if self.second < second {
            self.second = second;
            self.tables.clear();
            self.keys.clear();
        }
    }

    /// Lets a part in if anything is left of the second, for its table and its key.
    pub(super) fn admit(&mut self, part: &Part) -> bool {
        let Some(limits) = &self.limits else {
            self.add(part, part.least);
            return true;
        };
        let is_open = |taken: Option<&Capacity>, limit: Capacity| {
            let taken = taken.copied().unwrap_or_default();
            match part.is_write {
                true => taken.write < limit.write,
                false => taken.read < limit.read,
            }
        };
        // A table that nobody has declared is no table, as the database will say.
        let of_table = limits.get(&part.table);
        let table = of_table.is_none_or(|limit| is_open(self.tables.get(&part.table), *limit));
        let key = part
            .key()
            .is_none_or(|key| is_open(self.keys.get(&key), OF_A_KEY));
        if table && key {
            self.add(part, part.least);
        }
        table && key
    }

    pub(super) fn add(&mut self, part: &Part, units: f64) {
        let more = match part.is_write {
            true => Capacity {
                read: 0.0,
                write: units,
            },
            false => Capacity {
                read: units,
                write: 0.0,
            },
        };
        *self.tables.entry(part.table.clone()).or_default() += more;
        if let Some(key) = part.key() {
            *self.totals.entry(key.clone()).or_default() += more;
            *self.keys.entry(key).or_default() += more;
        }
    }

    pub(super) fn hottest(&self) -> Option<Hottest> {
        let load =
            |taken: &Capacity| (taken.write / OF_A_KEY.write).max(taken.read / OF_A_KEY.read);
        let hottest = self
            .totals
            .iter()
            .max_by(|(_, one), (_, other)| load(one).total_cmp(&load(other)));
        hottest.map(|((table, key), taken)| Hottest {
            table: table.clone(),
            key: key.clone(),
            taken: *taken,
        })
    }
}

impl Hottest {
    /// How much of what it can take in a second this key has taken.
    pub fn seconds(&self) -> f64 {
        (self.taken.write / OF_A_KEY.write).max(self.taken.read / OF_A_KEY.read)
    }
}
