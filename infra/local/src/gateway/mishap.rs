//! What a plan of faults makes of a call.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use futures::stream;
use tokio::time::sleep;

use super::caller::Caller;
use super::calls::Call;
use super::capacity::BODY_LIMIT;
use super::kill::Moment;
use super::{Backend, Gateway};
use crate::faults::{AtCall, Division};
use crate::lambda::Sandbox;
use crate::queues::Queues;

impl Gateway {
    /// The fault that a function's call meets, if it meets one.
    pub(super) fn mishap_at(
        &self,
        caller: &Caller,
        call: &Call,
        headers: &HeaderMap,
    ) -> Option<AtCall> {
        let mishaps = self.mishaps.as_ref()?;
        let sandbox = self.sandbox(caller)?;
        let bodies = || sandbox.holds().into_iter().map(|held| held.body).collect();
        mishaps.at_call(call, headers, bodies)
    }

    /// Answers a call as its fault wants it.
    pub(super) async fn meet(
        &self,
        met: AtCall,
        caller: &Caller,
        call: &Call,
        request: Request,
        backend: Backend,
    ) -> Response {
        match met {
            AtCall::Refuse(refusal) => match whole(request.into_body()).await {
                Ok(body) => refusal.answer(call, &body),
                Err(response) => response,
            },
            AtCall::LoseAnswer => {
                self.later(Duration::ZERO, call, request, backend).await;
                lost_answer()
            }
            AtCall::Delay(time) => self.later(time, call, request, backend).await,
            AtCall::Divide(seed) => self.divide(seed, call, request, backend).await,
            AtCall::Kill(moment) => {
                if moment == Moment::AfterCall {
                    self.carry_out(call, request, backend).await;
                }
                self.kill_and_give_back(caller).await
            }
            AtCall::Freeze(Moment::BeforeCall, time) => {
                self.freeze(caller, time).await;
                self.carry_out(call, request, backend).await
            }
            AtCall::Freeze(Moment::AfterCall, time) => {
                let response = self.carry_out(call, request, backend).await;
                self.freeze(caller, time).await;
                response
            }
        }
    }

    /// Carries a call out after a while, even if its caller is gone by then.
    async fn later(
        &self,
        after: Duration,
        call: &Call,
        request: Request,
        backend: Backend,
    ) -> Response {
        let (gateway, call) = (self.clone(), call.clone());
        let response = tokio::spawn(async move {
            sleep(after).await;
            gateway.carry_out(&call, request, backend).await
        });
        let failed = StatusCode::INTERNAL_SERVER_ERROR;
        response.await.unwrap_or_else(|_| failed.into_response())
    }

    async fn divide(&self, seed: u64, call: &Call, request: Request, backend: Backend) -> Response {
        let (mut head, body) = request.into_parts();
        let body = match whole(body).await {
            Ok(body) => body,
            Err(response) => return response,
        };
        head.headers.remove(CONTENT_LENGTH);
        let Some(division) = Division::of(&call.operation, &body, seed) else {
            let request = Request::from_parts(head, Body::from(body));
            return self.carry_out(call, request, backend).await;
        };
        let Some(part) = &division.request else {
            return division.answer(None).into_response();
        };
        let request = Request::from_parts(head, Body::from(part.clone()));
        let (mut head, body) = self.carry_out(call, request, backend).await.into_parts();
        let body = match whole(body).await {
            Ok(body) => body,
            Err(response) => return response,
        };
        if !head.status.is_success() {
            return Response::from_parts(head, Body::from(body));
        }
        head.headers.remove(CONTENT_LENGTH);
        // What the answer was, it is no more.
        head.headers.remove("x-amz-crc32");
        Response::from_parts(head, Body::from(division.answer(Some(&body))))
    }

    /// As if the visibility of the dead process's messages had run out.
    async fn kill_and_give_back(&self, caller: &Caller) -> Response {
        let (sandbox, queues) = (self.sandbox(caller), self.queues.clone());
        let give_back = move || {
            if let Some(sandbox) = sandbox {
                give_back(&sandbox, &queues);
            }
        };
        self.kill(caller, give_back).await
    }

    /// Lets the caller stand still for a time, in which its messages go to others.
    async fn freeze(&self, caller: &Caller, time: Duration) {
        let Some(sandbox) = self.sandbox(caller) else {
            return;
        };
        sandbox.stand_still();
        give_back(&sandbox, &self.queues);
        let frozen = Arc::clone(&sandbox);
        // A task of its own: whatever becomes of this one, the process goes on.
        let thaw = tokio::spawn(async move {
            sleep(time).await;
            frozen.go_on();
        });
        // It does not fail.
        let _ = thaw.await;
    }
}

/// Makes the messages that a process works at visible for others.
fn give_back(sandbox: &Sandbox, queues: &Queues) {
    for held in sandbox.holds() {
        if let Ok(queue) = queues.queue(&held.queue) {
            queue.give_back(&held.receipt_handle);
        }
    }
}

/// An answer that breaks off: its caller sees a broken connection.
fn lost_answer() -> Response {
    let broken = std::io::Error::other("the answer is lost");
    let body = Body::from_stream(stream::iter([Err::<Bytes, _>(broken)]));
    ([(CONTENT_LENGTH, "1")], body).into_response()
}

async fn whole(body: Body) -> Result<Bytes, Response> {
    let body = to_bytes(body, BODY_LIMIT).await;
    body.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE.into_response())
}
