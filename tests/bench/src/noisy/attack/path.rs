//! Paths of the quiet user's receiver that lead to its neighbours.

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use futures::stream;

use crate::noisy::neighbour::Role;
use crate::noisy::unanswered::Unanswered;

/// One for each neighbour, to be served beside the quiet user's webhook.
pub(in crate::noisy) fn beside_webhook(neighbours: [(&Role, &Arc<Unanswered>); 2]) -> Router {
    neighbours
        .into_iter()
        .fold(Router::new(), |router, (role, unanswered)| {
            let receive = post(receive).with_state(Arc::clone(unanswered));
            router.route(role.path, receive)
        })
}

/// The body is read: a connection that closes with some of it unread is reset.
async fn receive(State(unanswered): State<Arc<Unanswered>>, _body: Bytes) -> Response {
    match unanswered.request() {
        None => StatusCode::OK.into_response(),
        // A head whose body fails at once never leaves: the connection closes without an answer.
        Some(_open) => {
            let failed = async { Err::<Bytes, _>(io::Error::other("no answer")) };
            Body::from_stream(stream::once(failed)).into_response()
        }
    }
}
