//! The outages of an endpoint within its item: reading them, and an update that changes several at
//! once.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use domain::endpoint::{Health, Outage, ScopeId};
use domain::timestamp::Timestamp;

use super::number;
use crate::error::StoreError;
use crate::table::attribute;
use crate::table::batch::Item;

/// The attributes of an outage; each is followed by its scope.
pub(super) const SINCE: &str = "s_";
pub(super) const ASKED_AT: &str = "a_";
pub(super) const UNANSWERED: &str = "n_";
pub(super) const PAUSED_UNTIL: &str = "p_";
pub(super) const PAUSES: &str = "c_";

/// The outages of an item.
pub(super) fn outages_of(item: &Item) -> Result<BTreeMap<ScopeId, Outage>, StoreError> {
    let mut outages: BTreeMap<ScopeId, Outage> = BTreeMap::new();
    for (name, value) in item {
        let Some((kind, scope)) = name.split_at_checked(SINCE.len()) else {
            continue;
        };
        let (Some(scope), Ok(_)) = (ScopeId::parse(scope), value.as_n()) else {
            continue;
        };
        let number: i64 = attribute::number(item, name)?;
        let outage = outages.entry(scope).or_default();
        let (time, count) = (
            Timestamp::from_millis(number),
            u32::try_from(number).unwrap_or(u32::MAX),
        );
        match kind {
            SINCE => outage.since = time,
            ASKED_AT => outage.asked_at = time,
            PAUSED_UNTIL => outage.paused_until = time,
            UNANSWERED => outage.unanswered = count,
            PAUSES => outage.pauses = count,
            _ => {}
        }
    }
    Ok(outages)
}

/// An update of some outages.
#[derive(Clone, Default)]
pub(super) struct Expression {
    sets: Vec<String>,
    adds: Vec<String>,
    removes: BTreeSet<String>,
    values: HashMap<String, AttributeValue>,
    /// The scopes whose pauses end with it, if they are paused.
    resumes: BTreeSet<ScopeId>,
}

/// An expression as DynamoDB takes it, but for the key's table and `:ttl`.
pub(super) struct Written {
    pub(super) update: String,
    pub(super) condition: Option<String>,
    pub(super) values: HashMap<String, AttributeValue>,
}

impl Expression {
    pub(super) fn new() -> Self {
        Self {
            sets: vec!["#ttl = :ttl".to_owned()],
            ..Self::default()
        }
    }

    pub(super) fn set(&mut self, name: &str, scope: &ScopeId, now: Timestamp) {
        self.sets
            .push(format!("{} = :now", attribute_of(name, scope)));
        self.value(":now", number(now.as_millis()));
    }

    pub(super) fn set_once(&mut self, name: &str, scope: &ScopeId, now: Timestamp) {
        let name = attribute_of(name, scope);
        self.sets
            .push(format!("{name} = if_not_exists({name}, :now)"));
        self.value(":now", number(now.as_millis()));
    }

    pub(super) fn count(&mut self, name: &str, scope: &ScopeId) {
        self.adds
            .push(format!("{} :one", attribute_of(name, scope)));
        self.value(":one", number(1));
    }

    /// A scope has answered: it is not dead.
    pub(super) fn resume(&mut self, scope: &ScopeId) {
        for name in [UNANSWERED, PAUSED_UNTIL, PAUSES] {
            self.remove_attribute(&attribute_of(name, scope));
        }
        self.resumes.insert(scope.clone());
    }

    pub(super) fn remove_attribute(&mut self, name: &str) {
        self.removes.insert(name.to_owned());
    }

    pub(super) fn forget(&mut self, scope: &ScopeId) {
        self.resume(scope);
        for name in [SINCE, ASKED_AT] {
            self.remove_attribute(&attribute_of(name, scope));
        }
    }

    fn value(&mut self, name: &str, value: AttributeValue) {
        self.values.insert(name.to_owned(), value);
    }

    /// The scopes whose pauses it ends, and until when they were to last, if this is known.
    pub(super) fn ends_pauses_of(&self, known: &Health) -> Vec<(ScopeId, Timestamp)> {
        let paused = |scope: &ScopeId| {
            let until = known.outages.get(scope)?.paused_until?;
            Some((scope.clone(), until))
        };
        self.resumes.iter().filter_map(paused).collect()
    }

    /// The expression, to be made if the pauses that it ends are as they were known.
    pub(super) fn write(self, known: &Health) -> Written {
        let mut values = self.values;
        let mut conditions = Vec::with_capacity(self.resumes.len());
        for scope in &self.resumes {
            let name = attribute_of(PAUSED_UNTIL, scope);
            let until = known
                .outages
                .get(scope)
                .and_then(|known| known.paused_until);
            conditions.push(match until {
                None => format!("attribute_not_exists({name})"),
                Some(until) => {
                    values.insert(format!(":{name}"), number(until.as_millis()));
                    format!("{name} = :{name}")
                }
            });
        }
        let clauses = [
            ("SET", self.sets),
            ("ADD", self.adds),
            ("REMOVE", self.removes.into_iter().collect()),
        ];
        let clauses = clauses.into_iter().filter(|(_, parts)| !parts.is_empty());
        let clauses: Vec<String> = clauses
            .map(|(word, parts)| format!("{word} {}", parts.join(", ")))
            .collect();
        Written {
            update: clauses.join(" "),
            condition: (!conditions.is_empty()).then(|| conditions.join(" AND ")),
            values,
        }
    }
}

pub(super) fn attribute_of(name: &str, scope: &ScopeId) -> String {
    format!("{name}{}", scope.as_str())
}
