//! How many dispatches a webhook has had: counted in the call that claims them, before it is known
//! which are new, and put right after it where they were not.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::dispatch::{Dispatch, DispatchState};
use domain::dispatch_id::DispatchId;
use domain::id::{UserId, WebhookId};

use crate::error::StoreError;
use crate::table::key::Key;
use crate::table::statement::{Changed, Statement};

/// What is left to write.
#[derive(Debug, Default)]
#[must_use]
pub struct Counts(BTreeMap<(UserId, WebhookId), Count>);

#[derive(Debug)]
struct Count {
    last: DispatchId,
    /// How many were claimed.
    claimed: usize,
    /// How many of them were new.
    won: usize,
    written: Option<Result<Changed, StoreError>>,
}

/// How a webhook's counters are to be changed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Correction<'c> {
    pub(crate) user: &'c UserId,
    pub(crate) webhook: &'c WebhookId,
    pub(crate) last: &'c DispatchId,
    /// What is added.
    pub(crate) by: i64,
}

impl Counts {
    /// Of dispatches that are known to be new, and were not counted.
    pub fn of_new(dispatches: &[&Dispatch]) -> Self {
        let mut counts = Self::of(dispatches);
        for count in counts.0.values_mut() {
            count.won = count.claimed;
        }
        counts
    }

    /// Of those that are to be delivered. An ad hoc webhook needs no counters.
    pub(crate) fn of(dispatches: &[&Dispatch]) -> Self {
        let mut counts = BTreeMap::new();
        for dispatch in dispatches.iter().filter(|dispatch| is_counted(dispatch)) {
            let count = counts.entry(key_of(dispatch)).or_insert_with(|| Count {
                last: dispatch.id.clone(),
                claimed: 0,
                won: 0,
                written: None,
            });
            count.claimed += 1;
            if dispatch.id.created_at() > count.last.created_at() {
                count.last = dispatch.id.clone();
            }
        }
        Self(counts)
    }

    /// The changes of counters that are there: a webhook that was never triggered has none.
    pub(crate) fn statements(&self, table: &str) -> Vec<Statement> {
        let of = |((user, webhook), count): (&(UserId, WebhookId), &Count)| {
            let number = |number: usize| AttributeValue::N(number.to_string());
            let last = AttributeValue::S(count.last.to_string());
            Statement::update(
                table,
                Key::counters(user, webhook),
                (
                    "SET dispatches = dispatches + ? SET last_dispatch = ?",
                    vec![number(count.claimed), last],
                ),
                ("dispatches > ?", vec![number(0)]),
            )
        };
        self.0.iter().map(of).collect()
    }

    /// Takes what became of the statements.
    pub(crate) fn note(&mut self, results: Vec<Result<Changed, StoreError>>) {
        for (count, result) in self.0.values_mut().zip(results) {
            count.written = Some(result);
        }
    }

    /// Takes those of the dispatches that turned out to be new.
    pub(crate) fn learn<'d>(&mut self, new: impl Iterator<Item = &'d Dispatch>) {
        for dispatch in new.filter(|dispatch| is_counted(dispatch)) {
            if let Some(count) = self.0.get_mut(&key_of(dispatch)) {
                count.won += 1;
            }
        }
    }

    /// What puts the counters right. An error for those that could not be written: they are too low
    /// from now on.
    pub(crate) fn corrections(&self) -> impl Iterator<Item = Result<Correction<'_>, StoreError>> {
        let of_each = self.0.iter();
        of_each.filter_map(|((user, webhook), count)| {
            let by = count.missing().transpose()?;
            Some(by.map(|by| Correction {
                user,
                webhook,
                last: &count.last,
                by,
            }))
        })
    }
}

impl Count {
    /// What has to be added.
    fn missing(&self) -> Result<Option<i64>, StoreError> {
        let counted = match &self.written {
            Some(Ok(Changed::Done)) => self.claimed,
            Some(Ok(Changed::Refused)) | None => 0,
            Some(Err(error)) => return Err(error.clone()),
        };
        let missing = signed(self.won) - signed(counted);
        Ok((missing != 0).then_some(missing))
    }
}

fn is_counted(dispatch: &Dispatch) -> bool {
    !dispatch.lifetime.is_ad_hoc() && matches!(dispatch.state, DispatchState::Active { .. })
}

fn key_of(dispatch: &Dispatch) -> (UserId, WebhookId) {
    (dispatch.user.clone(), dispatch.webhook.clone())
}

fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
