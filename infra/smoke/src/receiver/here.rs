//! A receiver in this process, for a stack on this machine. It behaves as the function does that is
//! deployed beside a stack in AWS.

use std::sync::Arc;

use anyhow::Result;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use futures::stream::{self, StreamExt};
use time::OffsetDateTime;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::arrivals::{Arrival, Arrivals};
use crate::manner::Manner;

/// More than anyone keeps of a body.
const BEGINNING: usize = 64 * 1024;

/// The wait that is asked for, in seconds: a bit more than a queue can hold a message back, and
/// spread over some minutes.
const COME_BACK: std::ops::Range<u32> = 960..1620;

/// A server on loopback, which ends when it is dropped.
pub(crate) struct Here {
    pub(super) url: String,
    pub(super) arrivals: Arc<Arrivals>,
    server: JoinHandle<()>,
}

impl Here {
    pub(crate) async fn listen(tag: &str) -> Result<Self> {
        let arrivals = Arc::new(Arrivals::of(tag));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let router = Router::new()
            .fallback(receive)
            .with_state(Arc::clone(&arrivals));
        let server = tokio::spawn(async move {
            // It never fails: a listener that cannot accept is tried again.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Here {
            url,
            arrivals,
            server,
        })
    }
}

impl Drop for Here {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn receive(
    State(arrivals): State<Arc<Arrivals>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let arrival = Arrival::of(OffsetDateTime::now_utc(), uri.path(), headers, body);
    let Some(arrival) = arrival else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let manner = arrival.manner;
    // On the books before it is said: from here on the sender may know.
    arrivals.add([arrival]);
    answer(manner).await
}

async fn answer(manner: Manner) -> Response {
    match manner {
        Manner::Accept => StatusCode::OK.into_response(),
        Manner::AcceptAndHang => {
            let beginning = Bytes::from(vec![b'x'; BEGINNING]);
            let beginning = stream::once(async { Ok::<_, std::convert::Infallible>(beginning) });
            Body::from_stream(beginning.chain(stream::pending())).into_response()
        }
        Manner::ComeBack => {
            let retry_after = [("retry-after", fastrand::u32(COME_BACK).to_string())];
            (StatusCode::SERVICE_UNAVAILABLE, retry_after).into_response()
        }
        Manner::Fail => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Manner::Gone => StatusCode::GONE.into_response(),
        Manner::Hang => std::future::pending().await,
    }
}
