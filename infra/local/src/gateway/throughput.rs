//! What DynamoDB's tables and partition keys can take in a second: what is more is throttled.
//!
//! A partition key takes 1,000 write units and 3,000 read units a second, whatever its table can
//! do:
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html>.
//! A table on demand begins with 4,000 and 12,000, or with its `WarmThroughput`:
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html>.
//! AWS lets it grow within half an hour; here it stays as it begins.
//!
//! As in AWS, what is left of a second decides whether a request is let in, and what it has
//! consumed is known afterwards: so one second may come to a little more. Seconds are those of the
//! platform's clock.

mod books;
mod part;

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Result, ensure};
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{StatusCode, request, response};
use axum::response::{IntoResponse, Response};
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::calls::Call;
use super::capacity::{BODY_LIMIT, Capacity, asking_for_capacity};
use crate::clock::Clock;
use crate::faults::Division;
use crate::template::Template;
use books::Books;
pub use books::Hottest;
use part::Part;

/// What is told of what was throttled.
const MESSAGE: &str = "Throughput exceeds the current capacity of your table or index. DynamoDB \
                       is automatically scaling your table or index so please try again shortly.";

/// The tables, and what their keys have taken.
pub(crate) struct Throughput {
    clock: Arc<Clock>,
    /// The attribute that is the partition key, by the table's name.
    partition_keys: BTreeMap<String, String>,
    books: Mutex<Books>,
}

/// A call whose parts were asked for, and which of them are let in.
struct Asked {
    operation: String,
    request: Value,
    parts: Vec<Part>,
    admitted: Vec<bool>,
}

impl Throughput {
    /// That of a template's tables. What is more than they can take is only throttled if they are
    /// limited.
    pub(crate) fn of(template: &Template, clock: Arc<Clock>, is_limited: bool) -> Result<Self> {
        for table in template.tables.values() {
            let has_index = ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"]
                .iter()
                .any(|indexes| table.create.get(*indexes).is_some());
            ensure!(
                !(is_limited && has_index),
                "{}: what an index can take is not known here",
                table.name
            );
        }
        let tables = template.tables.values();
        let limits = tables.clone().map(|table| {
            let (read, write) = table.warm_throughput;
            (table.name.clone(), Capacity { read, write })
        });
        let keys = tables
            .filter_map(|table| Some((table.name.clone(), table.partition_key()?.to_owned())));
        Ok(Throughput {
            clock,
            partition_keys: keys.collect(),
            books: Mutex::new(Books::of(is_limited.then(|| limits.collect()))),
        })
    }

    /// The partition key that has taken most of what it can take, of those for which most was
    /// written.
    pub(crate) fn hottest(&self) -> Option<Hottest> {
        self.books.lock().hottest()
    }

    /// Carries out what can be carried out of a call now.
    pub(super) async fn carry_out(
        &self,
        call: &Call,
        request: Request,
        backend: impl AsyncFnOnce(Request) -> Response,
    ) -> Response {
        let (mut head, body) = request.into_parts();
        let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
            return StatusCode::PAYLOAD_TOO_LARGE.into_response();
        };
        head.headers.remove(CONTENT_LENGTH);
        let asked = self.admit(&call.operation, &body);
        if asked.is_refused() {
            self.give_back(&asked);
            return asked.refusal();
        }
        let division = asked.division();
        let request = match &division {
            None => Some(body),
            Some(division) => division.request.clone(),
        };
        let answered = match request {
            None => None,
            Some(request) => match carry_out(head, &request, backend).await {
                Ok(answered) => Some(answered),
                Err(failure) => return failure,
            },
        };
        if let Some((_, answer)) = &answered {
            self.settle(&asked, answer);
        }
        let (head, answer) = answered.unzip();
        respond(head, answer, division)
    }

    fn admit(&self, operation: &str, body: &Bytes) -> Asked {
        let request: Value = serde_json::from_slice(body).unwrap_or_default();
        let parts = part::of(operation, &request, &self.partition_keys);
        let second = self.clock.now().unix_timestamp();
        let mut books = self.books.lock();
        books.turn_to(second);
        let admitted = parts.iter().map(|part| books.admit(part)).collect();
        Asked {
            operation: operation.to_owned(),
            request,
            parts,
            admitted,
        }
    }

    /// Takes back what was let in of a call that is not carried out.
    fn give_back(&self, asked: &Asked) {
        let mut books = self.books.lock();
        for part in asked.admitted() {
            books.add(part, -part.least);
        }
    }

    /// Adds what the answer says to what was thought at first; what a call has consumed of a table
    /// is shared out evenly.
    fn settle(&self, asked: &Asked, answer: &Bytes) {
        let answer: Value = serde_json::from_slice(answer).unwrap_or_default();
        let consumed = match &answer["ConsumedCapacity"] {
            Value::Array(tables) => tables.clone(),
            one => vec![one.clone()],
        };
        let mut books = self.books.lock();
        for of_table in consumed {
            let (Some(table), Some(units)) = (
                of_table["TableName"].as_str(),
                of_table["CapacityUnits"].as_f64(),
            ) else {
                continue;
            };
            let parts: Vec<_> = asked
                .admitted()
                .filter(|part| part.table == table)
                .collect();
            let share = units / parts.len().max(1) as f64;
            for part in parts {
                books.add(part, share - part.least);
            }
        }
    }
}

impl Asked {
    fn admitted(&self) -> impl Iterator<Item = &Part> {
        let parts = self.parts.iter().zip(&self.admitted);
        parts.filter_map(|(part, is_admitted)| is_admitted.then_some(part))
    }

    /// Whether nothing of it is carried out. Statements that go together are refused one by one, in
    /// an answer that is a success.
    fn is_refused(&self) -> bool {
        let is_batch = matches!(self.operation.as_str(), "BatchGetItem" | "BatchWriteItem");
        match self.operation.as_str() {
            "BatchExecuteStatement" => false,
            _ if is_batch => !self.parts.is_empty() && !self.admitted.contains(&true),
            _ => self.admitted.contains(&false),
        }
    }

    /// What is carried out, if it is not all of it.
    fn division(&self) -> Option<Division> {
        if !self.admitted.contains(&false) {
            return None;
        }
        let error = json!({ "Code": "ThrottlingError", "Message": MESSAGE });
        Division::leaving_out(&self.operation, self.request.clone(), &error, |place| {
            self.admitted.get(place) == Some(&false)
        })
    }

    fn refusal(&self) -> Response {
        let is_transaction = self.operation.starts_with("Transact");
        let code = match is_transaction {
            true => "TransactionCanceledException",
            false => "ProvisionedThroughputExceededException",
        };
        let mut error = json!({
            "__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": MESSAGE,
        });
        if is_transaction {
            let reason = |is_admitted: &bool| match is_admitted {
                true => json!({ "Code": "None" }),
                false => json!({ "Code": "ThrottlingError", "Message": MESSAGE }),
            };
            error["CancellationReasons"] = self.admitted.iter().map(reason).collect();
        }
        let headers = [(CONTENT_TYPE, "application/x-amz-json-1.0")];
        (StatusCode::BAD_REQUEST, headers, error.to_string()).into_response()
    }
}

/// The answer to a call, from that to what was carried out of it.
fn respond(
    head: Option<response::Parts>,
    answer: Option<Bytes>,
    division: Option<Division>,
) -> Response {
    let is_whole = head.as_ref().is_some_and(|head| !head.status.is_success());
    match (head, division) {
        (Some(head), None) => Response::from_parts(head, Body::from(answer.unwrap_or_default())),
        (Some(head), Some(_)) if is_whole => {
            Response::from_parts(head, Body::from(answer.unwrap_or_default()))
        }
        (None, None) => StatusCode::BAD_GATEWAY.into_response(),
        (head, Some(division)) => {
            let body = Body::from(division.answer(answer.as_deref()));
            let Some(mut head) = head else {
                return Response::new(body);
            };
            // What the answer was, it is no more.
            head.headers.remove(CONTENT_LENGTH);
            head.headers.remove("x-amz-crc32");
            Response::from_parts(head, body)
        }
    }
}

/// The whole answer of the database.
async fn carry_out(
    head: request::Parts,
    body: &Bytes,
    backend: impl AsyncFnOnce(Request) -> Response,
) -> Result<(response::Parts, Bytes), Response> {
    let request = Request::from_parts(head, Body::from(asking_for_capacity(body)));
    let (head, answer) = backend(request).await.into_parts();
    match to_bytes(answer, BODY_LIMIT).await {
        Ok(answer) => Ok((head, answer)),
        Err(_) => Err(StatusCode::BAD_GATEWAY.into_response()),
    }
}
