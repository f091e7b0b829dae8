//! What DynamoDB calls consume, in capacity units: asked for with every request and read from every
//! answer.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::CONTENT_LENGTH;
use axum::response::{IntoResponse, Response};
use parking_lot::Mutex;
use serde_json::Value;

use super::Backend;
use super::calls::Call;

/// Larger than any request or answer of the database.
pub(super) const BODY_LIMIT: usize = 32 * 1024 * 1024;

/// Capacity units.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Capacity {
    /// Read units.
    pub read: f64,
    /// Write units.
    pub write: f64,
}

/// The sum of what each caller consumed.
#[derive(Default)]
pub(crate) struct Meter {
    consumed: Mutex<BTreeMap<String, Capacity>>,
}

impl Meter {
    /// What each caller consumed so far.
    pub(crate) fn consumed(&self) -> BTreeMap<String, Capacity> {
        self.consumed.lock().clone()
    }

    pub(super) async fn carry_out(
        &self,
        call: &Call,
        request: Request,
        backend: Backend,
    ) -> Response {
        let (mut head, body) = request.into_parts();
        let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
            return StatusCode::PAYLOAD_TOO_LARGE.into_response();
        };
        head.headers.remove(CONTENT_LENGTH);
        let request = Request::from_parts(head, Body::from(asking_for_capacity(&body)));
        let (head, body) = backend.carry_out(request).await.into_parts();
        let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
            return StatusCode::BAD_GATEWAY.into_response();
        };
        self.add(call, &body);
        Response::from_parts(head, Body::from(body))
    }

    fn add(&self, call: &Call, answer: &[u8]) {
        let answer: Value = serde_json::from_slice(answer).unwrap_or_default();
        let units = units_in(&answer["ConsumedCapacity"]);
        let reads = [
            "BatchGetItem",
            "GetItem",
            "Query",
            "Scan",
            "TransactGetItems",
        ];
        let consumed = match reads.contains(&call.operation.as_str()) {
            true => Capacity {
                read: units,
                write: 0.0,
            },
            false => Capacity {
                read: 0.0,
                write: units,
            },
        };
        *self.consumed.lock().entry(call.caller.clone()).or_default() += consumed;
    }
}

impl AddAssign for Capacity {
    fn add_assign(&mut self, more: Self) {
        self.read += more.read;
        self.write += more.write;
    }
}

/// The request with one member more, unless it asks by itself.
pub(super) fn asking_for_capacity(request: &Bytes) -> Bytes {
    let asks =
        std::str::from_utf8(request).is_ok_and(|text| text.contains("ReturnConsumedCapacity"));
    match request.strip_prefix(b"{") {
        Some(members) if !asks && members != b"}" => {
            [br#"{"ReturnConsumedCapacity":"TOTAL","#.as_slice(), members]
                .concat()
                .into()
        }
        _ => request.clone(),
    }
}

/// An answer has one sum, or one for each table.
fn units_in(consumed: &Value) -> f64 {
    match consumed {
        Value::Array(tables) => tables.iter().map(units_in).sum(),
        one => one["CapacityUnits"].as_f64().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn capacity_is_asked_for_in_front_of_what_the_request_says() {
        let asked = asking_for_capacity(&r#"{"TableName":"t"}"#.into());
        assert_eq!(
            asked,
            r#"{"ReturnConsumedCapacity":"TOTAL","TableName":"t"}"#
        );
        assert_eq!(asking_for_capacity(&"{}".into()), "{}");
        assert_eq!(asking_for_capacity(&asked), asked);
    }

    #[test]
    fn units_of_one_table_and_of_several_are_read() {
        assert_eq!(
            units_in(&json!({ "TableName": "t", "CapacityUnits": 1.5 })),
            1.5
        );
        assert_eq!(
            units_in(&json!([{ "CapacityUnits": 1 }, { "CapacityUnits": 2 }])),
            3.0
        );
        assert_eq!(units_in(&Value::Null), 0.0);
    }
}
