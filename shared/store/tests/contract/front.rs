//! A server in front of the database that makes the trouble which the local database never makes:
//! it takes one change after the other and is never busy.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_LENGTH;
use axum::response::{IntoResponse, Response};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use store::Store;
use tokio::net::TcpListener;

use crate::stage::Stage;

/// What goes wrong.
#[derive(Clone, Copy)]
pub(crate) enum Trouble {
    /// Changes collide with a transaction of somebody else's.
    Collision,
    /// Of many items, the first of each table is taken and the rest is put off; of many statements,
    /// the first.
    Busy,
}

/// A store for which the first so many calls that can go wrong do.
pub(crate) async fn store_in_trouble(stage: &Stage, trouble: Trouble, calls: u32) -> Store {
    let front = Front {
        trouble,
        left: Arc::new(AtomicU32::new(calls)),
        database: stage.platform.endpoints().dynamodb.clone(),
        client: Client::builder(TokioExecutor::new()).build_http(),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(answer).with_state(front);
    tokio::spawn(async move { axum::serve(listener, router).await });
    stage.store_at(&endpoint)
}

#[derive(Clone)]
struct Front {
    trouble: Trouble,
    left: Arc<AtomicU32>,
    database: String,
    client: Client<HttpConnector, Body>,
}

async fn answer(State(front): State<Front>, request: Request) -> Response {
    let target = request.headers()["x-amz-target"].to_str().unwrap();
    let operation = target.rsplit('.').next().unwrap();
    match (front.trouble, operation) {
        (Trouble::Collision, "TransactWriteItems") if front.makes_trouble() => refusal(CANCELLED),
        (Trouble::Collision, "PutItem" | "UpdateItem") if front.makes_trouble() => {
            refusal(COLLIDED)
        }
        (Trouble::Collision, "BatchExecuteStatement") if front.makes_trouble() => {
            front.refuse_from(request, 0, "TransactionConflict").await
        }
        (Trouble::Busy, "BatchExecuteStatement") if front.makes_trouble() => {
            front.refuse_from(request, 1, "ThrottlingError").await
        }
        (Trouble::Busy, "BatchGetItem") if front.makes_trouble() => {
            front.put_off(request, "UnprocessedKeys").await
        }
        (Trouble::Busy, "BatchWriteItem") if front.makes_trouble() => {
            front.put_off(request, "UnprocessedItems").await
        }
        _ => front.pass(request).await,
    }
}

const CANCELLED: &str = r#"{"__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
    "Message": "Transaction cancelled, please refer cancellation reasons for specific reasons [TransactionConflict, None]",
    "CancellationReasons": [{"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"}, {"Code": "None"}]}"#;
const COLLIDED: &str = r#"{"__type": "com.amazonaws.dynamodb.v20120810#TransactionConflictException",
    "message": "Transaction is ongoing for the item"}"#;

fn refusal(body: &'static str) -> Response {
    (
        StatusCode::BAD_REQUEST,
        [("content-type", "application/x-amz-json-1.0")],
        body,
    )
        .into_response()
}

impl Front {
    fn makes_trouble(&self) -> bool {
        let one_less = |left: u32| left.checked_sub(1);
        self.left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less)
            .is_ok()
    }

    async fn pass(&self, mut request: Request) -> Response {
        *request.uri_mut() = self.database.parse().unwrap();
        self.client.request(request).await.unwrap().map(Body::new)
    }

    /// Executes so many statements, and says of each other one what became of it, as AWS does: in
    /// an answer that is a success.
    async fn refuse_from(&self, request: Request, first: usize, code: &str) -> Response {
        let (mut head, body) = request.into_parts();
        let mut asked = json_of(body).await;
        let statements = asked["Statements"].as_array_mut().unwrap();
        let refused = statements.split_off(first.min(statements.len()));
        let mut responses = Vec::new();
        if !statements.is_empty() {
            head.headers.remove(CONTENT_LENGTH);
            let request = Request::from_parts(head, asked.to_string().into());
            let answer = json_of(self.pass(request).await.into_body()).await;
            responses.extend(answer["Responses"].as_array().unwrap().clone());
        }
        let error = json!({ "Error": { "Code": code, "Message": "not now" } });
        responses.extend(refused.iter().map(|_| error.clone()));
        json!({ "Responses": responses })
            .to_string()
            .into_response()
    }

    async fn put_off(&self, request: Request, unprocessed: &str) -> Response {
        let (mut head, body) = request.into_parts();
        let mut asked = json_of(body).await;
        let mut rest = asked["RequestItems"].clone();
        for (table, items) in asked["RequestItems"].as_object_mut().unwrap() {
            *list(&mut rest[table]) = list(items).split_off(1);
        }
        rest.as_object_mut()
            .unwrap()
            .retain(|_, items| !list(items).is_empty());
        head.headers.remove(CONTENT_LENGTH);
        let answer = self
            .pass(Request::from_parts(head, asked.to_string().into()))
            .await;
        let mut answer = json_of(answer.into_body()).await;
        answer[unprocessed] = rest;
        answer.to_string().into_response()
    }
}

/// The items that a batch asks of a table: to be read, or to be written.
fn list(items: &mut Value) -> &mut Vec<Value> {
    let list = if items.is_object() {
        &mut items["Keys"]
    } else {
        items
    };
    list.as_array_mut().unwrap()
}

async fn json_of(body: Body) -> Value {
    serde_json::from_slice(&to_bytes(body, usize::MAX).await.unwrap()).unwrap()
}
