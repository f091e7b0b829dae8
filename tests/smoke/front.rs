//! What stands in front of a platform's CloudFormation, and answers one action otherwise.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Request, StatusCode};
use axum::response::{IntoResponse, Response};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use local::platform::Platform;
use tokio::net::TcpListener;

/// An action, and its answer.
pub(crate) struct Override {
    action: String,
    status: u16,
    body: String,
}

/// A server that passes everything else on.
pub(crate) struct Front {
    pub(crate) url: String,
}

struct Shared {
    other: Override,
    behind: String,
    http: Client<HttpConnector, Body>,
}

impl Override {
    pub(crate) fn new(action: &str, status: u16, body: &str) -> Self {
        Override {
            action: action.to_owned(),
            status,
            body: body.to_owned(),
        }
    }

    /// CloudFormation's own way to refuse.
    pub(crate) fn refused(action: &str, code: &str, message: &str) -> Self {
        let body = format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error><RequestId>1</RequestId></ErrorResponse>"
        );
        Override::new(action, 400, &body)
    }

    /// What IAM says to whoever may not.
    pub(crate) fn denied(action: &str) -> Self {
        let message = format!(
            "User: arn:aws:iam::000000000000:user/me is not authorized to perform: cloudformation:{action}"
        );
        Override {
            status: 403,
            ..Override::refused(action, "AccessDenied", &message)
        }
    }
}

impl Front {
    pub(crate) async fn of(platform: &Platform, other: Override) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let shared = Shared {
            other,
            behind: platform.endpoints().control_plane.clone(),
            http: Client::builder(TokioExecutor::new()).build_http(),
        };
        let router = Router::new().fallback(pass).with_state(Arc::new(shared));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Front { url }
    }
}

async fn pass(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    let form = String::from_utf8_lossy(&body);
    let action = format!("Action={}", shared.other.action);
    if form.split('&').any(|field| field == action) {
        let status = StatusCode::from_u16(shared.other.status).expect("a status");
        let headers = [("content-type", "text/xml")];
        return (status, headers, shared.other.body.clone()).into_response();
    }
    let mut request = Request::post(format!("{}/", shared.behind));
    for name in ["content-type", "authorization", "x-amz-date"] {
        if let Some(value) = headers.get(name) {
            request = request.header(name, value);
        }
    }
    let request = request.body(Body::from(body)).expect("a request");
    let answer = shared.http.request(request).await.expect("an answer");
    answer.map(Body::new).into_response()
}
