//! A server in front of the queue service that refuses an entry of a batch now and then, as the real one does and the local one does not.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::CONTENT_LENGTH;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use queue::DeliveryQueue;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::stage::Stage;

/// Whose fault a refusal is.
#[derive(Clone, Copy)]
pub(crate) enum Fault {
    Ours,
    Theirs,
}

/// The delivery queue, whose first so many calls find their first entry refused. Counts the refusals down.
pub(crate) async fn refusing(
    stage: &Stage,
    fault: Fault,
    calls: u32,
) -> (DeliveryQueue, Arc<AtomicU32>) {
    let left = Arc::new(AtomicU32::new(calls));
    let front = from_fn_with_state((fault, left.clone()), answer);
    let router = stage.platform.sqs().router().layer(front);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (stage.delivery_queue_at(&endpoint), left)
}

async fn answer(
    State((fault, left)): State<(Fault, Arc<AtomicU32>)>,
    request: Request,
    next: Next,
) -> Response {
    let one_less = |left: u32| left.checked_sub(1);
    if left
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less)
        .is_err()
    {
        return next.run(request).await;
    }
    let (mut head, body) = request.into_parts();
    let mut batch = json(body).await;
    let refused = batch["Entries"].as_array_mut().unwrap().remove(0);
    let mut answer = json!({"Successful": []});
    if batch["Entries"] != json!([]) {
        head.headers.remove(CONTENT_LENGTH);
        let rest = Request::from_parts(head, batch.to_string().into());
        answer = json(next.run(rest).await.into_body()).await;
    }
    let (is_senders, code) = match fault {
        Fault::Ours => (true, "InvalidMessageContents"),
        Fault::Theirs => (false, "InternalError"),
    };
    answer["Failed"] = json!([{"Id": refused["Id"], "SenderFault": is_senders, "Code": code, "Message": "so it is"}]);
    answer.to_string().into_response()
}

async fn json(body: Body) -> Value {
    serde_json::from_slice(&to_bytes(body, usize::MAX).await.unwrap()).unwrap()
}
