//! What is known of endpoints ([`domain::endpoint`]), written when something changes: seldom, for one that behaves.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use domain::endpoint::{Endpoint, Health};
use domain::timestamp::Timestamp;

use crate::batch::Item;
use crate::conditional::is_done;
use crate::error::StoreError;
use crate::key::Key;
use crate::{Store, attribute};

/// How long nothing may happen to an endpoint until what is known of it is forgotten.
const KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

impl Store {
    /// What is known of these endpoints, in one call. Those of which nothing is known are missing.
    pub async fn healths(
        &self,
        endpoints: &[Endpoint],
    ) -> Result<HashMap<Endpoint, Health>, StoreError> {
        let table = self.tables.dispatches.as_str();
        let keys = endpoints
            .iter()
            .map(|endpoint| (table, Key::health(endpoint)));
        let found = self.batch_get(keys.collect()).await?;
        let mut healths = HashMap::new();
        for endpoint in endpoints {
            if let Some(item) = found.get(&Key::health(endpoint)) {
                healths.insert(endpoint.clone(), read(item)?);
            }
        }
        Ok(healths)
    }

    /// Notes a failed attempt, and tells what is known now. An attempt without an answer is counted; an answer ends the count and the pause.
    pub async fn note_failure(
        &self,
        endpoint: &Endpoint,
        answered: bool,
        now: Timestamp,
    ) -> Result<Health, StoreError> {
        let since = "SET failing_since = if_not_exists(failing_since, :now), #ttl = :ttl";
        let update = self
            .change_health(endpoint, now)
            .expression_attribute_values(":now", number(now.as_millis()));
        let update = if answered {
            update.update_expression(format!(
                "{since} REMOVE unanswered, paused_until, pauses, trial_until"
            ))
        } else {
            update
                .update_expression(format!("{since} REMOVE trial_until ADD unanswered :one"))
                .expression_attribute_values(":one", number(1))
        };
        let changed = update.return_values(ReturnValue::AllNew).send().await;
        let item = changed.map_err(StoreError::call("note a failure"))?;
        read(&item.attributes.unwrap_or_default())
    }

    /// Leaves an endpoint alone until a time, unless that has changed since it was read. Tells whether it was this call that did it.
    pub async fn pause(
        &self,
        endpoint: &Endpoint,
        read: &Health,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let update = self
            .change_health(endpoint, now)
            .update_expression("SET paused_until = :until, pauses = :pauses, #ttl = :ttl")
            .expression_attribute_values(":until", number(until.as_millis()))
            .expression_attribute_values(":pauses", number(i64::from(read.pauses) + 1));
        let update = match read.paused_until {
            Some(read) => update
                .condition_expression("paused_until = :read")
                .expression_attribute_values(":read", number(read.as_millis())),
            None => update.condition_expression("attribute_not_exists(paused_until)"),
        };
        is_done(update, "pause an endpoint").await
    }

    /// Begins a trial of an endpoint, unless one is under way. Tells whether it was this call that did it.
    pub async fn begin_trial(
        &self,
        endpoint: &Endpoint,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let update = self
            .change_health(endpoint, now)
            .update_expression("SET trial_until = :until, #ttl = :ttl")
            .condition_expression("attribute_not_exists(trial_until) OR trial_until <= :now")
            .expression_attribute_values(":until", number(until.as_millis()))
            .expression_attribute_values(":now", number(now.as_millis()));
        is_done(update, "begin a trial").await
    }

    /// Notes that an endpoint has answered at once.
    pub async fn note_trust(
        &self,
        endpoint: &Endpoint,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.change_health(endpoint, now)
            .update_expression("SET trusted_until = :until, #ttl = :ttl")
            .expression_attribute_values(":until", number(until.as_millis()))
            .send()
            .await
            .map(|_| ())
            .map_err(StoreError::call("trust an endpoint"))
    }

    /// Notes that an endpoint is slow, and ends the trust in it.
    pub async fn note_slow(
        &self,
        endpoint: &Endpoint,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.change_health(endpoint, now)
            .update_expression("SET slow_until = :until, #ttl = :ttl REMOVE trusted_until")
            .expression_attribute_values(":until", number(until.as_millis()))
            .send()
            .await
            .map(|_| ())
            .map_err(StoreError::call("note a slow endpoint"))
    }

    /// Forgets everything about an endpoint that has accepted, but for its being slow if it was so again.
    pub async fn note_success(
        &self,
        endpoint: &Endpoint,
        is_slow: bool,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let gone = if is_slow { "" } else { ", slow_until" };
        self.change_health(endpoint, now)
            .update_expression(format!(
                "SET #ttl = :ttl REMOVE failing_since, unanswered, paused_until, pauses, trial_until{gone}"
            ))
            .send()
            .await
            .map(|_| ())
            .map_err(StoreError::call("note a success"))
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

fn read(item: &Item) -> Result<Health, StoreError> {
    let number = |name: &str| {
        item.contains_key(name)
            .then(|| attribute::number::<i64>(item, name))
            .transpose()
    };
    let time = |name: &str| Ok(number(name)?.and_then(Timestamp::from_millis));
    let count = |name: &str| {
        let count = number(name)?.unwrap_or_default();
        Ok::<_, StoreError>(u32::try_from(count).unwrap_or(u32::MAX))
    };
    Ok(Health {
        failing_since: time("failing_since")?,
        unanswered: count("unanswered")?,
        slow_until: time("slow_until")?,
        trusted_until: time("trusted_until")?,
        trial_until: time("trial_until")?,
        paused_until: time("paused_until")?,
        pauses: count("pauses")?,
    })
}

fn number(value: i64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}
