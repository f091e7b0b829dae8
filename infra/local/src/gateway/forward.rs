//! The way to a service that answers only over HTTP: any database, and queues that are elsewhere.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::uri::{PathAndQuery, Uri};
use axum::response::{IntoResponse, Response};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

/// A connection that was not used for so long is not used again: servers begin to end them after a
/// few seconds.
const STALE: Duration = Duration::from_secs(2);

/// A client with connections that are used again.
pub(super) struct Forwarder {
    client: Client<HttpConnector, Body>,
    address: SocketAddr,
}

/// Passes everything on to the service at `address`.
pub(crate) fn router(address: SocketAddr) -> Router {
    let pass = async |State(service): State<Arc<Forwarder>>, request: Request| {
        service.carry_out(request).await
    };
    Router::new()
        .fallback(pass)
        .with_state(Arc::new(Forwarder::to(address)))
}

impl Forwarder {
    pub(super) fn to(address: SocketAddr) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(STALE)
            .build(connector);
        Forwarder { client, address }
    }

    pub(super) async fn carry_out(&self, mut request: Request) -> Response {
        let uri = request.uri();
        let path = uri.path_and_query().map_or("/", PathAndQuery::as_str);
        let Ok(uri) = format!("http://{}{path}", self.address).parse::<Uri>() else {
            return StatusCode::BAD_REQUEST.into_response();
        };
        *request.uri_mut() = uri;
        match self.client.request(request).await {
            Ok(response) => response.map(Body::new),
            Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
        }
    }
}
