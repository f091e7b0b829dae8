//! The outages of an endpoint within its item: reading them, and an update that changes several at
//! once.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::endpoint::{Outage, ScopeId};
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
pub(super) struct Expression {
    sets: Vec<String>,
    adds: Vec<String>,
    removes: BTreeSet<String>,
    values: Vec<(&'static str, AttributeValue)>,
}

impl Expression {
    pub(super) fn new() -> Self {
        Self {
            sets: vec!["#ttl = :ttl".to_owned()],
            adds: Vec::new(),
            removes: BTreeSet::new(),
            values: Vec::new(),
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

    pub(super) fn remove(&mut self, name: &str, scope: &ScopeId) {
        self.remove_attribute(&attribute_of(name, scope));
    }

    pub(super) fn remove_attribute(&mut self, name: &str) {
        self.removes.insert(name.to_owned());
    }

    pub(super) fn forget(&mut self, scope: &ScopeId) {
        for name in [SINCE, ASKED_AT, UNANSWERED, PAUSED_UNTIL, PAUSES] {
            self.remove(name, scope);
        }
    }

    fn value(&mut self, name: &'static str, value: AttributeValue) {
        if self.values.iter().all(|(known, _)| *known != name) {
            self.values.push((name, value));
        }
    }

    pub(super) fn apply(self, mut update: UpdateItemFluentBuilder) -> UpdateItemFluentBuilder {
        let clauses = [
            ("SET", self.sets),
            ("ADD", self.adds),
            ("REMOVE", self.removes.into_iter().collect()),
        ];
        let clauses = clauses.into_iter().filter(|(_, parts)| !parts.is_empty());
        let clauses: Vec<String> = clauses
            .map(|(word, parts)| format!("{word} {}", parts.join(", ")))
            .collect();
        for (name, value) in self.values {
            update = update.expression_attribute_values(name, value);
        }
        update.update_expression(clauses.join(" "))
    }
}

pub(super) fn attribute_of(name: &str, scope: &ScopeId) -> String {
    format!("{name}{}", scope.as_str())
}
