//! Attempts go on record: many in one call.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::delivery_message::DeliveryMessage;
use domain::dispatch::{Call, Next};
use domain::trace_context::TraceContext;
use futures::future::{join, join_all};

use super::exhausted::exhausted;
use super::item::{ACTIVE, FAILED, SUCCEEDED, write_call};
use crate::Store;
use crate::error::StoreError;
use crate::table::key::Key;
use crate::table::statement::{Changed, Statement};

/// Further waits for a record that is throttled, after the repeats that every call gets: a receiver
/// was called, and would be called again.
pub(super) const PATIENCE: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(4)];

/// An attempt that is over.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The message that asked for it.
    pub message: DeliveryMessage,
    /// What came of it.
    pub call: Call,
    /// What follows.
    pub next: Next,
    /// The trace of its event, if it has one.
    pub trace: Option<TraceContext>,
}

/// Whether an attempt was recorded.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// It was.
    Written,
    /// That attempt is already on record, or the dispatch has ended: the outcome that was there first stands.
    AlreadyThere,
}

impl Store {
    /// Appends the call of each attempt to its dispatch and moves the dispatch on, in one write for
    /// each and one call for 25 of them. Each has its own result, in the same order. One after which
    /// its dispatch is exhausted has a call of its own, because its owner is to be told as well.
    ///
    /// Repeating this is safe because a write happens only if exactly the attempts before this one
    /// are on record.
    pub async fn record(&self, attempts: &[Attempt]) -> Vec<Result<Recorded, StoreError>> {
        let table = &self.tables.dispatches;
        let mut statements = Vec::with_capacity(attempts.len());
        let mut apart = Vec::new();
        for (place, attempt) in attempts.iter().enumerate() {
            if let Some(reason) = exhausted(attempt) {
                apart.push((place, Ok((attempt, reason))));
                continue;
            }
            match statement(table, attempt) {
                Ok(statement) => statements.push(statement),
                Err(error) => apart.push((place, Err(error))),
            }
        }
        let apart = join_all(apart.into_iter().map(async |(place, attempt)| {
            let result = match attempt {
                Ok((attempt, reason)) => self.record_exhausted(attempt, reason).await,
                Err(error) => Err(error),
            };
            (place, result)
        }));
        let (results, apart) = join(self.execute_patiently(&statements), apart).await;
        let recorded = |changed| match changed {
            Changed::Done => Recorded::Written,
            Changed::Refused => Recorded::AlreadyThere,
        };
        let results = results.into_iter().map(|result| result.map(recorded));
        let mut results: Vec<_> = results.collect();
        // In rising order, so that each lands where it belongs.
        for (place, result) in apart {
            results.insert(place, result);
        }
        results
    }

    /// Makes these changes, and waits for what is throttled.
    async fn execute_patiently(
        &self,
        statements: &[Statement],
    ) -> Vec<Result<Changed, StoreError>> {
        let mut results = self.execute("record attempts", statements).await;
        for pause in PATIENCE {
            let is_throttled = |(_, result): &(&Statement, &mut Result<_, StoreError>)| matches!(result, Err(error) if error.is_throttled());
            let all = statements.iter().zip(&mut results);
            let (left, known): (Vec<_>, Vec<_>) = all.filter(is_throttled).unzip();
            if left.is_empty() {
                break;
            }
            tokio::time::sleep(pause).await;
            let left: Vec<_> = left.into_iter().cloned().collect();
            let again = self.execute("record attempts", &left).await;
            for (known, result) in known.into_iter().zip(again) {
                *known = result;
            }
        }
        results
    }
}

fn statement(table: &str, attempt: &Attempt) -> Result<Statement, StoreError> {
    let Attempt {
        message,
        call,
        next,
        ..
    } = attempt;
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let number = |number: u32| AttributeValue::N(number.to_string());
    let call = AttributeValue::L(vec![AttributeValue::M(write_call(call)?)]);
    // There is no list to append to before the first call, and nothing to remove.
    let is_first = message.attempt == 1;
    let calls = if is_first {
        "?"
    } else {
        "list_append(calls, ?)"
    };
    let status = match next {
        Next::Succeeded => SUCCEEDED,
        Next::Failed { .. } | Next::Exhausted { .. } => FAILED,
        Next::Retry { .. } => ACTIVE,
    };
    let mut change = format!("SET attempts = ? SET calls = {calls} SET \"status\" = ?");
    let mut changes = vec![number(message.attempt), call, text(status)];
    let (more, gone): (_, &[&str]) = match next {
        Next::Succeeded => (None, &["next_at", "reason"]),
        Next::Failed { reason } | Next::Exhausted { reason } => {
            (Some(("reason", reason.clone())), &["next_at"])
        }
        Next::Retry { at } => (Some(("next_at", at.to_string())), &[]),
    };
    if let Some((name, value)) = more {
        change.push_str(&format!(" SET {name} = ?"));
        changes.push(AttributeValue::S(value));
    }
    for name in gone.iter().filter(|_| !is_first) {
        change.push_str(&format!(" REMOVE {name}"));
    }
    // What was accepted is accepted, also if another worker has given it up meanwhile.
    let (condition, status) = match next {
        Next::Succeeded => ("attempts = ? AND \"status\" <> ?", SUCCEEDED),
        Next::Failed { .. } | Next::Exhausted { .. } | Next::Retry { .. } => {
            ("attempts = ? AND \"status\" = ?", ACTIVE)
        }
    };
    let conditions = vec![number(message.attempt - 1), text(status)];
    let key = Key::dispatch(&message.user, &message.dispatch);
    Ok(Statement::update(
        table,
        key,
        (&change, changes),
        (condition, conditions),
    ))
}
