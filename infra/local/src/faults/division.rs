//! A call about several items or messages, of which some are left undone, as AWS may leave them.

use axum::body::Bytes;
use fastrand::Rng;
use serde_json::{Map, Value, json};

/// What is done of a call, and what its answer has to say of the rest.
pub(crate) struct Division {
    operation: String,
    /// The request for what is done; nothing if nothing is.
    pub(crate) request: Option<Bytes>,
    left: Value,
}

impl Division {
    /// Divides a request by chance: at least one item or message is left undone. `None` if it is
    /// not one that can be divided.
    pub(crate) fn of(operation: &str, request: &[u8], seed: u64) -> Option<Self> {
        let mut dice = Rng::with_seed(seed);
        let mut request: Value = serde_json::from_slice(request).ok()?;
        let (left, is_empty) = match operation {
            "SendMessageBatch" => {
                let entries = request["Entries"].as_array_mut()?;
                let left = take_some(entries, &mut dice);
                (Value::Array(left), entries.is_empty())
            }
            "BatchWriteItem" | "BatchGetItem" => {
                let tables = request["RequestItems"].as_object()?.values();
                let lengths = tables.map(|of_table| list_of(of_table).map_or(0, Vec::len));
                let lengths: Vec<_> = lengths.collect();
                let places = lengths
                    .into_iter()
                    .flat_map(|length| chosen(length, &mut dice));
                let left: Vec<bool> = places.collect();
                let is_left = |place: usize| left.get(place) == Some(&true);
                return Self::leaving_out(operation, request, &Value::Null, is_left);
            }
            "BatchExecuteStatement" => {
                let statements = request["Statements"].as_array_mut()?;
                let errors = refuse_some(statements, &mut dice);
                (Value::Array(errors), statements.is_empty())
            }
            _ => return None,
        };
        Some(Division {
            operation: operation.to_owned(),
            request: (!is_empty).then(|| request.to_string().into()),
            left,
        })
    }

    /// Leaves out the items, keys or statements at some places, counted through all tables. A
    /// statement that is left out is told `error`.
    pub(crate) fn leaving_out(
        operation: &str,
        mut request: Value,
        error: &Value,
        is_left: impl Fn(usize) -> bool,
    ) -> Option<Self> {
        let mut place = 0..;
        let mut is_left = |_: &Value| place.next().is_some_and(&is_left);
        let (left, is_empty) = match operation {
            "BatchWriteItem" => divide(&mut request, &mut is_left, |of_table| of_table)?,
            "BatchGetItem" => divide(&mut request, &mut is_left, |of_table| &mut of_table["Keys"])?,
            "BatchExecuteStatement" => {
                let statements = request["Statements"].as_array_mut()?;
                let mut errors = Vec::with_capacity(statements.len());
                statements.retain(|statement| {
                    let is_left = is_left(statement);
                    errors.push(match is_left {
                        true => error.clone(),
                        false => Value::Null,
                    });
                    !is_left
                });
                (Value::Array(errors), statements.is_empty())
            }
            _ => return None,
        };
        Some(Division {
            operation: operation.to_owned(),
            request: (!is_empty).then(|| request.to_string().into()),
            left,
        })
    }

    /// The answer to all of the call, from the answer to what was done.
    pub(crate) fn answer(&self, answer: Option<&[u8]>) -> Bytes {
        let answer = answer.and_then(|answer| serde_json::from_slice(answer).ok());
        let mut answer: Value = answer.unwrap_or_else(|| json!({}));
        match self.operation.as_str() {
            "SendMessageBatch" => {
                let failed = answer["Failed"].as_array().cloned().unwrap_or_default();
                let left = self.left.as_array().into_iter().flatten().map(failed_entry);
                answer["Failed"] = failed.into_iter().chain(left).collect();
                if !answer["Successful"].is_array() {
                    answer["Successful"] = json!([]);
                }
            }
            "BatchWriteItem" => answer["UnprocessedItems"] = self.left.clone(),
            "BatchExecuteStatement" => {
                let done = answer["Responses"].as_array().cloned().unwrap_or_default();
                let mut done = done.into_iter();
                let all = self.left.as_array().into_iter().flatten();
                let all = all.filter_map(|error| match error {
                    Value::Null => done.next(),
                    error => Some(json!({ "Error": error })),
                });
                answer["Responses"] = all.collect();
            }
            _ => {
                answer["UnprocessedKeys"] = self.left.clone();
                if !answer["Responses"].is_object() {
                    answer["Responses"] = json!({});
                }
            }
        }
        answer.to_string().into()
    }
}

/// Takes those of each table's list out of a request that are to be left. Returns what was taken,
/// table by table, and whether nothing is left to do.
fn divide(
    request: &mut Value,
    is_left: &mut impl FnMut(&Value) -> bool,
    list: impl Fn(&mut Value) -> &mut Value,
) -> Option<(Value, bool)> {
    let tables = request["RequestItems"].as_object_mut()?;
    let mut left = Map::new();
    for (table, of_table) in tables.iter_mut() {
        let all = std::mem::take(list(of_table).as_array_mut()?);
        let (taken, kept): (Vec<_>, Vec<_>) = all.into_iter().partition(&mut *is_left);
        if !taken.is_empty() {
            let mut rest = of_table.clone();
            *list(&mut rest) = Value::Array(taken);
            left.insert(table.clone(), rest);
        }
        *list(of_table) = Value::Array(kept);
    }
    tables.retain(|_, of_table| {
        list(of_table)
            .as_array()
            .is_some_and(|list| !list.is_empty())
    });
    Some((Value::Object(left), tables.is_empty()))
}

/// The items or keys that a batch has of a table.
fn list_of(of_table: &Value) -> Option<&Vec<Value>> {
    of_table.get("Keys").unwrap_or(of_table).as_array()
}

/// Of so many, some by chance, and the last one certainly.
fn chosen(length: usize, dice: &mut Rng) -> Vec<bool> {
    let of_place = |place| place + 1 == length || dice.f64() < 0.3;
    (0..length).map(of_place).collect()
}

/// At least one, if there is one.
fn take_some(list: &mut Vec<Value>, dice: &mut Rng) -> Vec<Value> {
    let Some(first) = list.pop() else {
        return Vec::new();
    };
    let all = std::mem::take(list).into_iter();
    let (mut taken, rest): (Vec<_>, Vec<_>) = all.partition(|_| dice.f64() < 0.3);
    *list = rest;
    taken.push(first);
    taken
}

/// What a statement can be told in an answer that is a success, and what no SDK repeats.
const REFUSALS: [&str; 5] = [
    "InternalServerError",
    "ProvisionedThroughputExceeded",
    "RequestLimitExceeded",
    "ThrottlingError",
    "TransactionConflict",
];

/// Takes at least one out of a list of statements, if there is one. Returns for each of all the
/// error that it is told; `null` for those that are left.
fn refuse_some(statements: &mut Vec<Value>, dice: &mut Rng) -> Vec<Value> {
    let certain = dice.usize(..statements.len().max(1));
    let mut errors = Vec::with_capacity(statements.len());
    let mut place = 0;
    statements.retain(|_| {
        let is_refused = place == certain || dice.f64() < 0.3;
        place += 1;
        errors.push(match is_refused {
            true => json!({
                "Code": REFUSALS[dice.usize(..REFUSALS.len())],
                "Message": "a fault was asked for here",
            }),
            false => Value::Null,
        });
        !is_refused
    });
    errors
}

fn failed_entry(entry: &Value) -> Value {
    json!({
        "Id": entry["Id"], "SenderFault": false, "Code": "InternalError",
        "Message": "a fault was asked for here",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &[u8]) -> Value {
        serde_json::from_slice(text).unwrap()
    }

    #[test]
    fn of_a_batch_of_messages_some_are_sent_and_the_others_named() {
        let request =
            json!({ "QueueUrl": "q", "Entries": [{ "Id": "0" }, { "Id": "1" }, { "Id": "2" }] });
        for seed in 0..50 {
            let text = request.to_string();
            let division = Division::of("SendMessageBatch", text.as_bytes(), seed).unwrap();
            let sent = division.request.as_deref().map(parsed);
            let sent = sent.map_or(Vec::new(), |sent| {
                sent["Entries"].as_array().unwrap().clone()
            });
            let answer = parsed(&division.answer(Some(br#"{"Successful":[]}"#)));
            let failed = answer["Failed"].as_array().unwrap();
            assert!(!failed.is_empty());
            let mut ids: Vec<_> = sent
                .iter()
                .chain(failed)
                .map(|entry| entry["Id"].clone())
                .collect();
            ids.sort_by_key(ToString::to_string);
            assert_eq!(ids, ["0", "1", "2"]);
        }
    }

    #[test]
    fn of_a_batch_of_statements_some_are_executed_and_each_has_its_answer_in_its_place() {
        let request = json!({ "Statements": [0, 1, 2, 3] }).to_string();
        for seed in 0..50 {
            let operation = "BatchExecuteStatement";
            let division = Division::of(operation, request.as_bytes(), seed).unwrap();
            let done = division.request.as_deref().map(parsed);
            let done = done.map_or(json!([]), |done| done["Statements"].clone());
            let responses = json!({ "Responses": done }).to_string();
            let answer = parsed(&division.answer(Some(responses.as_bytes())));
            let answers = answer["Responses"].as_array().unwrap();
            assert_eq!(answers.len(), 4);
            let refused = answers.iter().filter(|answer| answer["Error"].is_object());
            assert_eq!(refused.count(), 4 - done.as_array().unwrap().len());
            assert!(done.as_array().unwrap().len() < 4);
            for (place, answer) in answers.iter().enumerate() {
                assert!(answer["Error"].is_object() || *answer == json!(place));
            }
        }
    }

    #[test]
    fn of_a_batch_of_items_some_are_left_unprocessed() {
        let write = json!({ "RequestItems": { "t": [1], "u": [2, 3] } }).to_string();
        let division = Division::of("BatchWriteItem", write.as_bytes(), 1).unwrap();
        let answer = parsed(&division.answer(Some(b"{}")));
        assert_eq!(answer["UnprocessedItems"]["t"], json!([1]));
        let done = parsed(&division.request.unwrap());
        assert!(done["RequestItems"].get("t").is_none(), "{done}");

        let get = json!({ "RequestItems": { "t": { "Keys": [1], "ConsistentRead": true } } });
        let division = Division::of("BatchGetItem", get.to_string().as_bytes(), 1).unwrap();
        assert!(division.request.is_none());
        let answer = parsed(&division.answer(None));
        assert_eq!(
            answer,
            json!({ "Responses": {}, "UnprocessedKeys": get["RequestItems"] })
        );
    }
}
