//! A server in front of the queue service that sometimes refuses an entry of a batch, as the real
//! one does and the local one does not.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::CONTENT_LENGTH;
use axum::response::{IntoResponse, Response};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use queue::DeliveryQueue;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::stage::Stage;

/// Whose fault a refusal is.
#[derive(Clone, Copy)]
pub(crate) enum Fault {
    Ours,
    Theirs,
    /// Ours, and nothing is wrong: it is too much at once.
    TooMuch,
}

/// The delivery queue, where this many calls have their first entry refused. Counts them down.
pub(crate) async fn refusing(
    stage: &Stage,
    fault: Fault,
    calls: u32,
) -> (DeliveryQueue, Arc<AtomicU32>) {
    let left = Arc::new(AtomicU32::new(calls));
    let front = Front {
        fault,
        left: Arc::clone(&left),
        sqs: stage.platform.endpoints().sqs.clone(),
        client: Client::builder(TokioExecutor::new()).build_http(),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(answer).with_state(front);
    tokio::spawn(async move { axum::serve(listener, router).await });
    (stage.delivery_queue_at(&endpoint), left)
}

#[derive(Clone)]
struct Front {
    fault: Fault,
    left: Arc<AtomicU32>,
    sqs: String,
    client: Client<HttpConnector, Body>,
}

async fn answer(State(front): State<Front>, request: Request) -> Response {
    let one_less = |left: u32| left.checked_sub(1);
    if front
        .left
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less)
        .is_err()
    {
        return front.pass(request).await;
    }
    let (mut head, body) = request.into_parts();
    let mut batch = json(body).await;
    let refused = batch["Entries"].as_array_mut().unwrap().remove(0);
    let mut answer = json!({"Successful": []});
    if batch["Entries"] != json!([]) {
        head.headers.remove(CONTENT_LENGTH);
        let rest = Request::from_parts(head, batch.to_string().into());
        answer = json(front.pass(rest).await.into_body()).await;
    }
    let (is_senders, code) = match front.fault {
        Fault::Ours => (true, "InvalidMessageContents"),
        Fault::Theirs => (false, "InternalError"),
        Fault::TooMuch => (true, "RequestThrottled"),
    };
    answer["Failed"] = json!([{"Id": refused["Id"], "SenderFault": is_senders, "Code": code, "Message": "so it is"}]);
    answer.to_string().into_response()
}

impl Front {
    async fn pass(&self, mut request: Request) -> Response {
        *request.uri_mut() = self.sqs.parse().unwrap();
        self.client.request(request).await.unwrap().map(Body::new)
    }
}

async fn json(body: Body) -> Value {
    serde_json::from_slice(&to_bytes(body, usize::MAX).await.unwrap()).unwrap()
}
