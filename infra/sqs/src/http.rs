//! The HTTP face: JSON in, JSON out (`awsJson1.0`), one handler for every path.

mod attributes;
mod batch;
mod move_tasks;
mod queues;
mod receive;
mod seconds;
mod send;
mod settle;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::header::{CONTENT_TYPE, HOST};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use uuid::Uuid;

use super::address;
use super::error::{Error, ErrorCode};
use super::queue::Queue;
use super::{Sqs, limits};

/// A message of the largest size, with every character escaped, and room for one that is too large
/// to be refused properly.
const MAX_REQUEST_BYTES: usize = 8 * limits::MAX_MESSAGE_BYTES;

pub(super) fn router(sqs: Sqs) -> Router {
    Router::new()
        .fallback(serve)
        .layer(DefaultBodyLimit::max(MAX_REQUEST_BYTES))
        .with_state(sqs)
}

/// One request: what every operation may need, beside its own parameters.
struct Call {
    sqs: Sqs,
    endpoint: String,
    trace_header: Option<String>,
}

impl Call {
    fn new(sqs: Sqs, headers: &HeaderMap) -> Self {
        Self {
            sqs,
            endpoint: format!(
                "http://{}",
                text(headers, HOST.as_str()).unwrap_or("127.0.0.1")
            ),
            trace_header: text(headers, "x-amzn-trace-id").map(str::to_owned),
        }
    }

    fn queue(&self, url: &str) -> Result<Queue, Error> {
        self.sqs
            .queue(address::name_in_url(url)?)
            .ok_or_else(Error::queue_does_not_exist)
    }
}

/// The answer of an operation that has nothing to say: `{}`.
#[derive(Serialize)]
struct Nothing {}

async fn serve(State(sqs): State<Sqs>, headers: HeaderMap, body: Bytes) -> Response {
    let call = Call::new(sqs, &headers);
    let target = text(&headers, "x-amz-target").unwrap_or_default();
    let operation = target.strip_prefix("AmazonSQS.").unwrap_or_default();
    match answer(&call, operation, &body).await {
        Ok(answer) => respond(StatusCode::OK, answer),
        Err(error) => refuse(&error),
    }
}

async fn answer(call: &Call, operation: &str, body: &[u8]) -> Result<Vec<u8>, Error> {
    match operation {
        "SendMessage" => encode(&send::message(call, decode(body)?)?),
        "SendMessageBatch" => encode(&send::batch(call, decode(body)?)?),
        "ReceiveMessage" => encode(&receive::receive(call, decode(body)?).await?),
        "DeleteMessage" => encode(&settle::delete(call, &decode(body)?)?),
        "DeleteMessageBatch" => encode(&settle::delete_batch(call, decode(body)?)?),
        "ChangeMessageVisibility" => encode(&settle::change_visibility(call, &decode(body)?)?),
        "ChangeMessageVisibilityBatch" => {
            encode(&settle::change_visibility_batch(call, decode(body)?)?)
        }
        "CreateQueue" => encode(&queues::create(call, &decode(body)?)?),
        "DeleteQueue" => encode(&queues::delete(call, &decode(body)?)?),
        "GetQueueUrl" => encode(&queues::url(call, &decode(body)?)?),
        "ListQueues" => encode(&queues::list(call, &decode(body)?)?),
        "GetQueueAttributes" => encode(&attributes::get(call, &decode(body)?)?),
        "SetQueueAttributes" => encode(&attributes::set(call, &decode(body)?)?),
        "PurgeQueue" => encode(&queues::purge(call, &decode(body)?)?),
        "ListDeadLetterSourceQueues" => encode(&queues::dead_letter_sources(call, &decode(body)?)?),
        "StartMessageMoveTask" => encode(&move_tasks::start(call, &decode(body)?)?),
        "ListMessageMoveTasks" => encode(&move_tasks::list(call, &decode(body)?)?),
        _ => {
            let message = format!(
                "There is no operation {operation:?} here. The header X-Amz-Target names one, \
                 as AmazonSQS.SendMessage, and the body is JSON."
            );
            Err(Error::new(ErrorCode::UnknownOperation, message))
        }
    }
}

fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(body)
        .map_err(|error| Error::new(ErrorCode::Serialization, error.to_string()))
}

fn encode(answer: &impl Serialize) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(answer)
        .map_err(|error| Error::new(ErrorCode::Serialization, error.to_string()))
}

fn refuse(error: &Error) -> Response {
    let status = StatusCode::from_u16(error.code().status()).unwrap_or(StatusCode::BAD_REQUEST);
    let body = json!({ "__type": error.code().shape(), "message": error.to_string() });
    // SDKs take the code from here: it is the one that SQS had before it spoke JSON.
    let code = format!("{};Sender", error.code().query_code());
    (
        [("x-amzn-query-error", code)],
        respond(status, body.to_string().into_bytes()),
    )
        .into_response()
}

fn respond(status: StatusCode, body: Vec<u8>) -> Response {
    let headers = [
        (
            CONTENT_TYPE.as_str(),
            "application/x-amz-json-1.0".to_owned(),
        ),
        ("x-amzn-requestid", Uuid::new_v4().to_string()),
    ];
    (status, headers, body).into_response()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
