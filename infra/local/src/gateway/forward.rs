//! The way to the database, which answers only over HTTP.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::uri::{PathAndQuery, Uri};
use axum::response::{IntoResponse, Response};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

/// A client with connections that are used again.
pub(super) struct Forwarder {
    client: Client<HttpConnector, Body>,
    address: SocketAddr,
}

impl Forwarder {
    pub(super) fn to(address: SocketAddr) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).build(connector);
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
