//! The failed dispatches of a webhook, as a redelivery job comes to them.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, Select};
use domain::dispatch::Dispatch;
use domain::dispatch_id::Partition;
use domain::event_type::EventType;
use domain::id::WebhookId;
use domain::redelivery_job::Job;

use super::item::{self, FAILED};
use crate::Store;
use crate::error::StoreError;
use crate::table::attribute;
use crate::table::key::{self, Key};

/// How many dispatches one call looks at: a failed one is rare, as a rule.
const LOOK_AT: i32 = 500;

/// What a job deals with next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Those that have failed, and those that the job has redelivered.
    pub dispatches: Vec<Dispatch>,
    /// Where the part ends; `None` for the last.
    pub cursor: Option<String>,
}

impl Store {
    /// The part of a job's range that begins where its last part has ended, with at most so many
    /// dispatches; it may have none.
    pub async fn next_part(&self, job: &Job, most: usize) -> Result<Part, StoreError> {
        let place = Place::of(job);
        let found = self
            .query_range(job, &place)
            .filter_expression(
                "redelivered_by = :job OR (#status = :failed AND event_type <> :test)",
            )
            .limit(LOOK_AT)
            .send()
            .await
            .map_err(StoreError::call("read failed dispatches"))?;
        let mut items = found.items.unwrap_or_default();
        let cursor = if items.len() > most {
            items.truncate(most);
            items.last()
        } else {
            found.last_evaluated_key.as_ref()
        };
        let cursor = cursor.map(|key| attribute::text(key, "sk").map(str::to_owned));
        let cursor = match cursor.transpose()? {
            Some(after) => Some(Place {
                after: Some(after),
                ..place
            }),
            None => place.next(self.keys_of(job).await?),
        };
        let cursor = cursor.map(Place::into_cursor);
        let dispatches = items.into_iter().map(item::read);
        Ok(Part {
            dispatches: dispatches.collect::<Result<_, _>>()?,
            cursor,
        })
    }

    /// How many failed dispatches a job has yet to come to.
    pub async fn left_of(&self, job: &Job) -> Result<usize, StoreError> {
        let keys = self.keys_of(job).await?;
        let (mut left, mut place) = (0, Some(Place::of(job)));
        while let Some(of_key) = place {
            left += self.left_under(job, &of_key).await?;
            place = of_key.next(keys);
        }
        Ok(left)
    }

    async fn left_under(&self, job: &Job, place: &Place) -> Result<usize, StoreError> {
        let mut pages = self
            .query_range(job, place)
            .filter_expression(
                "#status = :failed AND event_type <> :test AND (attribute_not_exists(redelivered_by) OR redelivered_by <> :job)",
            )
            .select(Select::Count)
            .into_paginator()
            .send();
        let mut left = 0;
        while let Some(page) = pages.next().await {
            let count = page
                .map_err(StoreError::call("count failed dispatches"))?
                .count;
            left += usize::try_from(count).unwrap_or(0);
        }
        Ok(left)
    }

    /// Over how many keys the dispatches of a job's webhook are spread.
    async fn keys_of(&self, job: &Job) -> Result<u8, StoreError> {
        let webhook = self.webhook(&job.user, &job.webhook).await?;
        Ok(webhook.map_or(1, |webhook| webhook.spread.keys()))
    }

    /// What is left of a job's range under a key.
    fn query_range(&self, job: &Job, place: &Place) -> QueryFluentBuilder {
        let pk = key::dispatches(&job.user, &place.partition(&job.webhook));
        let start = place.after.as_ref().map(|cursor| {
            let (pk, sk) = (pk.clone(), cursor.clone());
            Key { pk, sk }.attributes()
        });
        let text = |value: &str| AttributeValue::S(value.to_owned());
        self.client
            .query()
            .table_name(&self.tables.dispatches)
            .key_condition_expression("pk = :pk AND sk BETWEEN :since AND :until")
            .expression_attribute_values(":pk", text(&pk))
            .expression_attribute_values(
                ":since",
                AttributeValue::S(key::dispatches_from(job.since.unwrap_or_default())),
            )
            .expression_attribute_values(
                ":until",
                AttributeValue::S(key::dispatches_from(job.until)),
            )
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":failed", text(FAILED))
            .expression_attribute_values(":test", text(EventType::Test.name()))
            .expression_attribute_values(":job", text(job.id.as_str()))
            .set_exclusive_start_key(start)
            .consistent_read(true)
    }
}

/// How far a job has come: keys are dealt with one after the other. A cursor is the sort key of the
/// last dispatch, and before it the number of its key and a slash, but for the first key.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    key: u8,
    after: Option<String>,
}

impl Place {
    fn of(job: &Job) -> Self {
        let cursor = job.progress.cursor.as_deref().unwrap_or_default();
        let (key, after) = match cursor.split_once('/') {
            Some((key, after)) => (key.parse().unwrap_or_default(), after),
            None => (0, cursor),
        };
        let after = (!after.is_empty()).then(|| after.to_owned());
        Self { key, after }
    }

    fn into_cursor(self) -> String {
        let after = self.after.unwrap_or_default();
        match self.key {
            0 => after,
            key => format!("{key}/{after}"),
        }
    }

    /// The beginning of the next key, of so many.
    fn next(&self, keys: u8) -> Option<Self> {
        let key = self.key + 1;
        (key < keys).then_some(Self { key, after: None })
    }

    fn partition(&self, webhook: &WebhookId) -> Partition {
        match self.key {
            0 => Partition::Webhook(webhook.clone()),
            key => Partition::Spread(webhook.clone(), key),
        }
    }
}
