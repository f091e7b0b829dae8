//! Changes of single items, each with a condition of its own, many in one call: PartiQL statements.
//!
//! What becomes of a statement stands in an answer that is a success, so that no SDK repeats what
//! AWS was too busy for: that is done here.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashSet};

use aws_sdk_dynamodb::types::{
    AttributeValue, BatchStatementError, BatchStatementErrorCodeEnum, BatchStatementRequest,
    BatchStatementResponse,
};
use futures::future::join_all;

use super::batch::{Item, REPEATS, pause_before};
use super::key::Key;
use crate::Store;
use crate::error::StoreError;

/// The most that one call carries. No item may stand in two statements of a call.
const MOST: usize = 25;

/// The change of one item.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    key: Key,
    text: String,
    parameters: Vec<AttributeValue>,
}

/// What became of a change.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Changed {
    /// It was made.
    Done,
    /// Its condition did not hold, or what it was to insert is there.
    Refused,
}

/// What becomes of statements, each by itself.
type Results = Vec<Result<Changed, StoreError>>;

impl Statement {
    /// Makes an item exist, if none with its key does.
    pub(crate) fn insert(table: &str, key: Key, item: Item) -> Self {
        // The same item gives the same text every time.
        let item: BTreeMap<String, AttributeValue> = item.into_iter().collect();
        let places: Vec<_> = item.keys().map(|name| format!("'{name}': ?")).collect();
        Self {
            key,
            text: format!("INSERT INTO \"{table}\" VALUE {{{}}}", places.join(", ")),
            parameters: item.into_values().collect(),
        }
    }

    /// Changes an item that is there: `change` is made where `condition` holds, and each `?` of the
    /// two stands for the next of their parameters.
    pub(crate) fn update(
        table: &str,
        key: Key,
        (change, changes): (&str, Vec<AttributeValue>),
        (condition, conditions): (&str, Vec<AttributeValue>),
    ) -> Self {
        let place = [&key.pk, &key.sk].map(|part| AttributeValue::S(part.clone()));
        let parameters = changes.into_iter().chain(place).chain(conditions);
        Self {
            key,
            text: format!("UPDATE \"{table}\" {change} WHERE pk = ? AND sk = ? AND {condition}"),
            parameters: parameters.collect(),
        }
    }

    fn request(&self) -> Result<BatchStatementRequest, StoreError> {
        BatchStatementRequest::builder()
            .statement(&self.text)
            .set_parameters(Some(self.parameters.clone()))
            .build()
            .map_err(StoreError::item("statement"))
    }
}

impl Store {
    /// Makes these changes, in as few calls as there can be. Each has its own result, in the same
    /// order; none waits for another.
    ///
    /// An answer that is lost is asked for again, and then a change that was made the first time is
    /// [`Changed::Refused`]: a caller to whom that matters has to read.
    pub(crate) async fn execute(
        &self,
        operation: &'static str,
        statements: &[Statement],
    ) -> Results {
        let calls = calls_of(statements);
        let answers = calls.iter().map(|places| {
            let of_call: Vec<_> = places.iter().map(|&place| &statements[place]).collect();
            async move { self.execute_call(operation, &of_call).await }
        });
        let answers = join_all(answers).await;
        let answered = calls.into_iter().zip(answers);
        let mut results: Vec<_> = answered
            .flat_map(|(places, of)| places.into_iter().zip(of))
            .collect();
        results.sort_by_key(|(place, _)| *place);
        results.into_iter().map(|(_, result)| result).collect()
    }

    async fn execute_call(&self, operation: &'static str, statements: &[&Statement]) -> Results {
        let mut results: Vec<Option<Result<Changed, StoreError>>> = vec![None; statements.len()];
        for repeat in 0..=REPEATS {
            let left: Vec<usize> = (0..statements.len())
                .filter(|&place| results[place].is_none())
                .collect();
            if left.is_empty() {
                break;
            }
            pause_before(repeat).await;
            let asked = left.iter().map(|&place| statements[place]);
            match self.execute_once(operation, asked, repeat == REPEATS).await {
                Ok(answers) => {
                    for (place, answer) in left.into_iter().zip(answers) {
                        results[place] = answer;
                    }
                }
                Err(error) => {
                    for place in left {
                        results[place] = Some(Err(error.clone()));
                    }
                }
            }
        }
        let silent = || StoreError::call_refused(operation, "NoAnswer", "a statement was left out");
        let result = |result: Option<_>| result.unwrap_or_else(|| Err(silent()));
        results.into_iter().map(result).collect()
    }

    /// What became of each; nothing of those that are to be repeated, unless this is the last time.
    async fn execute_once(
        &self,
        operation: &'static str,
        statements: impl Iterator<Item = &'_ Statement>,
        is_last: bool,
    ) -> Result<Vec<Option<Result<Changed, StoreError>>>, StoreError> {
        let requests = statements.map(Statement::request);
        let requests: Vec<_> = requests.collect::<Result<_, _>>()?;
        let call = self
            .client
            .batch_execute_statement()
            .set_statements(Some(requests))
            .send()
            .await;
        let answer = call.map_err(StoreError::call(operation))?;
        let responses = answer.responses.unwrap_or_default();
        let result = |response: BatchStatementResponse| match response.error {
            None => Some(Ok(Changed::Done)),
            Some(error) => result_of(operation, &error, is_last),
        };
        Ok(responses.into_iter().map(result).collect())
    }
}

/// Which statements go into each call.
fn calls_of(statements: &[Statement]) -> Vec<Vec<usize>> {
    let mut calls: Vec<(Vec<usize>, HashSet<&Key>)> = Vec::new();
    for (place, statement) in statements.iter().enumerate() {
        let has_room = |(places, keys): &&mut (Vec<usize>, HashSet<&Key>)| {
            places.len() < MOST && !keys.contains(&statement.key)
        };
        match calls.iter_mut().find(has_room) {
            Some((places, keys)) => {
                places.push(place);
                keys.insert(&statement.key);
            }
            None => calls.push((vec![place], HashSet::from([&statement.key]))),
        }
    }
    calls.into_iter().map(|(places, _)| places).collect()
}

/// What the error of a statement means; `None` if it is to be repeated.
fn result_of(
    operation: &'static str,
    error: &BatchStatementError,
    is_last: bool,
) -> Option<Result<Changed, StoreError>> {
    use BatchStatementErrorCodeEnum::{
        ConditionalCheckFailed, DuplicateItem, InternalServerError, ProvisionedThroughputExceeded,
        RequestLimitExceeded, ThrottlingError, TransactionConflict,
    };
    match &error.code {
        Some(ConditionalCheckFailed | DuplicateItem) => Some(Ok(Changed::Refused)),
        Some(
            InternalServerError
            | ProvisionedThroughputExceeded
            | RequestLimitExceeded
            | ThrottlingError
            | TransactionConflict,
        ) if !is_last => None,
        code => {
            let code = code.as_ref().map_or("an error", |code| code.as_str());
            let message = error.message.as_deref().unwrap_or_default();
            Some(Err(StoreError::call_refused(operation, code, message)))
        }
    }
}
