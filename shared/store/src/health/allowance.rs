//! What users may still ask of the fast lane ([`domain::endpoint::Allowance`]), and reading it
//! together with what is known of endpoints.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::endpoint::{Allowance, Endpoint, HELD_FOR, Health};
use domain::id::UserId;
use domain::timestamp::Timestamp;

use crate::Store;
use crate::error::StoreError;
use crate::health::{read, time};
use crate::table::attribute;
use crate::table::batch::Item;
use crate::table::conditional::is_done;
use crate::table::key::Key;

/// How long an item is kept: longer than anything in it counts.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// What is known of endpoints, and of what users may still ask.
#[derive(Debug, Default)]
pub struct Healths {
    /// The endpoints.
    pub endpoints: HashMap<Endpoint, Health>,
    /// The users.
    pub users: HashMap<UserId, Allowance>,
}

impl Healths {
    pub(crate) fn keys(endpoints: &[Endpoint], users: &[UserId]) -> impl Iterator<Item = Key> {
        let endpoints = endpoints.iter().map(Key::health);
        endpoints.chain(users.iter().map(Key::allowance))
    }

    pub(crate) fn in_items(
        found: &HashMap<Key, Item>,
        endpoints: &[Endpoint],
        users: &[UserId],
    ) -> Result<Self, StoreError> {
        let mut healths = Self::nothing_of(endpoints, users);
        for (endpoint, health) in &mut healths.endpoints {
            if let Some(item) = found.get(&Key::health(endpoint)) {
                *health = read(item)?;
            }
        }
        for (user, allowance) in &mut healths.users {
            if let Some(item) = found.get(&Key::allowance(user)) {
                *allowance = read_allowance(item)?;
            }
        }
        Ok(healths)
    }

    /// Nothing is known of these.
    pub fn nothing_of(endpoints: &[Endpoint], users: &[UserId]) -> Self {
        let health = |endpoint: &Endpoint| (endpoint.clone(), Health::default());
        let allowance = |user: &UserId| (user.clone(), Allowance::default());
        Self {
            endpoints: endpoints.iter().map(health).collect(),
            users: users.iter().map(allowance).collect(),
        }
    }
}

fn read_allowance(item: &Item) -> Result<Allowance, StoreError> {
    let hangs = item.contains_key("hangs");
    let hangs = hangs.then(|| attribute::number(item, "hangs"));
    Ok(Allowance {
        trial_until: time(item, "trial_until")?,
        hangs: hangs.transpose()?.unwrap_or_default(),
        hangs_since: time(item, "hangs_since")?,
    })
}

impl Store {
    /// What is known of these endpoints, and what these users may still ask, in one call.
    pub async fn healths(
        &self,
        endpoints: &[Endpoint],
        users: &[UserId],
    ) -> Result<Healths, StoreError> {
        let table = self.tables.dispatches.as_str();
        let keys = Healths::keys(endpoints, users).map(|key| (table, key));
        let found = self.batch_get(keys.collect()).await?;
        Healths::in_items(&found, endpoints, users)
    }

    /// Begins a trial of a user's in the fast lane, unless one is under way. Tells whether it was
    /// this call that did it.
    pub async fn begin_trial(
        &self,
        user: &UserId,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let update = self
            .change_allowance(user, now)
            .update_expression("SET trial_until = :until, #ttl = :ttl")
            .condition_expression("attribute_not_exists(trial_until) OR trial_until <= :now")
            .expression_attribute_values(":until", number(until.as_millis()))
            .expression_attribute_values(":now", number(now.as_millis()));
        is_done(update, "begin a trial").await
    }

    /// Notes that a host of a user's hangs in the fast lane: it is counted, and until it is over
    /// they have no trial there.
    ///
    /// Repeating this counts a hang twice, which does no harm.
    pub async fn note_hang(
        &self,
        user: &UserId,
        over_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let recent = now.as_millis() - i64::try_from(HELD_FOR.as_millis()).unwrap_or(i64::MAX);
        let change = || {
            self.change_allowance(user, now)
                .expression_attribute_values(":one", number(1))
                .expression_attribute_values(":over", number(over_at.as_millis()))
        };
        let counted = change()
            .update_expression("SET trial_until = :over, #ttl = :ttl ADD hangs :one")
            .condition_expression("hangs_since > :recent")
            .expression_attribute_values(":recent", number(recent));
        if is_done(counted, "count a hang").await? {
            return Ok(());
        }
        change()
            .update_expression(
                "SET trial_until = :over, hangs = :one, hangs_since = :now, #ttl = :ttl",
            )
            .expression_attribute_values(":now", number(now.as_millis()))
            .send()
            .await
            .map(|_| ())
            .map_err(StoreError::call("count a hang"))
    }

    fn change_allowance(&self, user: &UserId, now: Timestamp) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.tables.dispatches)
            .set_key(Some(Key::allowance(user).attributes()))
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":ttl", number(now.after(KEPT).as_seconds()))
    }
}

fn number(value: i64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}
