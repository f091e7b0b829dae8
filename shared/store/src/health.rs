//! What is known of endpoints ([`domain::endpoint`]), written when something changes: seldom, for one that behaves.
//!
//! All outages of an endpoint lie in its one item, so that a delivery reads one item, whatever
//! fails: each has attributes of its own, named after its scope.

pub(crate) mod allowance;
mod change;
mod outages;

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use domain::endpoint::{Endpoint, Health, MOST_OUTAGES, Outage, ScopeId};
use domain::notice::{Found, Notice};
use domain::timestamp::Timestamp;

use crate::Store;
use crate::error::StoreError;
use crate::table::attribute;
use crate::table::batch::Item;
use crate::table::collision::{is_collision, past_collisions};
use crate::table::key::Key;
use crate::table::transaction::Transaction;
use outages::{
    ASKED_AT, Expression, PAUSED_UNTIL, PAUSES, SINCE, UNANSWERED, Written, attribute_of,
    outages_of,
};

/// How long nothing may happen to an endpoint until what is known of it is forgotten.
const KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// A failed attempt, by what it tells.
#[derive(Clone, Copy, Debug)]
pub struct Failure<'s> {
    /// What goes to the URL that was asked, and got no success.
    pub url: &'s ScopeId,
    /// What gave no answer. With an answer there is none.
    pub dead: Option<&'s ScopeId>,
    /// What has worked all the same: its outages are over.
    pub passed: &'s [&'s ScopeId],
    /// What it was an attempt of.
    pub of: Found<'s>,
}

/// An attempt that was accepted, by what it tells.
#[derive(Clone, Copy, Debug)]
pub struct Success<'s> {
    /// What has worked: its outages are over.
    pub passed: &'s [&'s ScopeId],
    /// Whether it was slow all the same.
    pub is_slow: bool,
    /// What it was an attempt of.
    pub of: Found<'s>,
}

impl Store {
    /// Notes a failed attempt of an endpoint that was known as this, and tells what is known now.
    /// Where that ends a pause, the webhook's owner is told.
    pub async fn note_failure(
        &self,
        endpoint: &Endpoint,
        known: &Health,
        failure: Failure<'_>,
        now: Timestamp,
    ) -> Result<Health, StoreError> {
        let Failure {
            url,
            dead,
            passed,
            of,
        } = failure;
        let expression = |known: &Health| {
            let mut expression = Expression::new();
            expression.set_once(SINCE, url, now);
            expression.set(ASKED_AT, url, now);
            match dead {
                Some(dead) => {
                    if dead != url {
                        expression.set_once(SINCE, dead, now);
                        expression.set(ASKED_AT, dead, now);
                    }
                    expression.count(UNANSWERED, dead);
                }
                None => expression.resume(url),
            }
            for scope in passed {
                if known.outages.contains_key(scope) && *scope != url {
                    expression.forget(scope);
                }
            }
            if let Some(oldest) = makes_room(known, url, dead) {
                expression.forget(oldest);
            }
            expression
        };
        self.change_outages("note a failure", (endpoint, known), expression, (of, now))
            .await
    }

    /// Forgets the outages of what has worked of an endpoint that was known as this, and that it was
    /// slow, unless it was so again. Where that ends a pause, the webhook's owner is told.
    pub async fn note_success(
        &self,
        endpoint: &Endpoint,
        known: &Health,
        success: Success<'_>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Success {
            passed,
            is_slow,
            of,
        } = success;
        let expression = |_: &Health| {
            let mut expression = Expression::new();
            passed.iter().for_each(|scope| expression.forget(scope));
            if !is_slow {
                expression.remove_attribute("slow_until");
            }
            expression
        };
        self.change_outages("note a success", (endpoint, known), expression, (of, now))
            .await
            .map(drop)
    }

    /// Leaves a scope of an endpoint alone until a time, unless that has changed since it was read.
    /// Tells whether it was this call that did it. The webhook's owner is told the first time.
    pub async fn pause(
        &self,
        endpoint: &Endpoint,
        (scope, read): (&ScopeId, &Outage),
        until: Timestamp,
        (of, now): (Found<'_>, Timestamp),
    ) -> Result<bool, StoreError> {
        let paused_until = attribute_of(PAUSED_UNTIL, scope);
        let change = format!(
            "SET {paused_until} = :until, {} = :pauses, #ttl = :ttl",
            attribute_of(PAUSES, scope)
        );
        let values = [
            (":until", number(until.as_millis())),
            (":pauses", number(i64::from(read.pauses) + 1)),
        ];
        let values = values.map(|(name, value)| (name.to_owned(), value));
        let mut written = Written {
            update: change,
            condition: Some(format!("attribute_not_exists({paused_until})")),
            values: HashMap::from(values),
        };
        let Some(known) = read.paused_until else {
            let found = (read.unanswered, until);
            let notice = Notice::paused(of, (endpoint, scope), found, now);
            let update = self.health_in_transaction(endpoint, written, now)?;
            let changes = vec![update, self.put_notice(&notice)?];
            let changed = self.transact("pause an endpoint", changes).await?;
            return Ok(changed == Transaction::Done);
        };
        written.condition = Some(format!("{paused_until} = :read"));
        let known = number(known.as_millis());
        written.values.insert(":read".to_owned(), known);
        let changed = self.health_by_itself("pause an endpoint", endpoint, written, now);
        Ok(changed.await?.is_some())
    }

    /// Notes that an endpoint has answered at once.
    pub async fn note_trust(
        &self,
        endpoint: &Endpoint,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let update = self
            .change_health(endpoint, now)
            .update_expression("SET trusted_until = :until, #ttl = :ttl")
            .expression_attribute_values(":until", number(until.as_millis()));
        past_collisions(is_collision, || update.clone().send())
            .await
            .map(|_| ())
            .map_err(StoreError::call("trust an endpoint"))
    }

    /// Notes that an endpoint is slow, and ends the trust in it, unless it was slow already. Tells
    /// whether it was this call that did it.
    pub async fn note_slow(
        &self,
        endpoint: &Endpoint,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Noted, StoreError> {
        let update = self
            .change_health(endpoint, now)
            .update_expression("SET slow_until = :until, #ttl = :ttl REMOVE trusted_until")
            .expression_attribute_values(":until", number(until.as_millis()))
            .return_values(ReturnValue::UpdatedOld);
        let changed = past_collisions(is_collision, || update.clone().send())
            .await
            .map_err(StoreError::call("note a slow endpoint"))?;
        let before = changed.attributes.unwrap_or_default();
        let was_slow = before.contains_key("slow_until")
            && attribute::number::<i64>(&before, "slow_until")? > now.as_millis();
        Ok(if was_slow { Noted::Again } else { Noted::First })
    }

    fn change_health(&self, endpoint: &Endpoint, now: Timestamp) -> UpdateItemFluentBuilder {
        let until = now.after(KEPT).as_seconds();
        self.client
            .update_item()
            .table_name(&self.tables.dispatches)
            .set_key(Some(Key::health(endpoint).attributes()))
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":ttl", number(until))
    }
}

/// Whether something is news.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noted {
    /// Nobody had noted it.
    First,
    /// It was known, and holds for longer now.
    Again,
}

/// The outage that is forgotten for one of this scope, so that an item does not grow without end.
fn makes_room<'h>(
    known: &'h Health,
    scope: &ScopeId,
    dead: Option<&ScopeId>,
) -> Option<&'h ScopeId> {
    if known.outages.len() < MOST_OUTAGES || known.outages.contains_key(scope) {
        return None;
    }
    let others = known
        .outages
        .iter()
        .filter(|(known, _)| Some(*known) != dead);
    // Whoever is told that it is paused has to be told what becomes of it.
    let oldest = others.min_by_key(|(_, outage)| (outage.paused_until.is_some(), outage.asked_at));
    oldest.map(|(scope, _)| scope)
}

/// What an item says of its endpoint.
pub(crate) fn read(item: &Item) -> Result<Health, StoreError> {
    Ok(Health {
        slow_until: time(item, "slow_until")?,
        trusted_until: time(item, "trusted_until")?,
        outages: outages_of(item)?,
    })
}

/// A time, if the item has one.
pub(crate) fn time(item: &Item, name: &str) -> Result<Option<Timestamp>, StoreError> {
    let has_one = item.contains_key(name);
    let millis = has_one.then(|| attribute::number::<i64>(item, name));
    Ok(millis.transpose()?.and_then(Timestamp::from_millis))
}

fn number(value: i64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}
