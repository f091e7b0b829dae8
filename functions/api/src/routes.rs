//! Which path and method leads to which endpoint.

use axum::handler::Handler;
use axum::http::Uri;
use axum::middleware::from_fn;
use axum::routing::{MethodFilter, MethodRouter, on};
use axum::{Extension, Router};
use domain::grant::Scope::{self, Read, Write};

use crate::error::{ApiError, excerpt};
use crate::webhooks::{redelivery_jobs, secret};
use crate::{
    Api, answer, console, cors, description, dispatches, from_delivery, jwks, method_override,
    runs, webhooks,
};

#[cfg(test)]
pub(crate) mod tests;

/// A method and a path, the scope that they need, if they need a token at all, and the endpoint
/// that they lead to.
pub(crate) type Route = (MethodFilter, &'static str, Option<Scope>, MethodRouter<Api>);

/// Every endpoint that there is. `acts` is the older name of `actors`; clients send both.
#[expect(
    clippy::too_many_lines,
    reason = "a table, which one looks at as a whole"
)]
pub(crate) fn table() -> [Route; 26] {
    [
        get("/v2/webhooks", Read, webhooks::list),
        post("/v2/webhooks", Write, webhooks::create),
        // Nothing is changed; but what runs have brought is shown.
        post("/v2/webhooks/preview", Read, webhooks::preview),
        get("/v2/webhooks/{webhookId}", Read, webhooks::show),
        put("/v2/webhooks/{webhookId}", Write, webhooks::update),
        delete("/v2/webhooks/{webhookId}", Write, webhooks::delete),
        post("/v2/webhooks/{webhookId}/test", Write, webhooks::test),
        // Who has the secret can sign what receivers take for a delivery.
        get("/v2/webhooks/{webhookId}/secret", Write, secret::show),
        post(
            "/v2/webhooks/{webhookId}/secret/rotate",
            Write,
            secret::rotate,
        ),
        get(
            "/v2/webhooks/{webhookId}/dispatches",
            Read,
            dispatches::list_of_webhook,
        ),
        get("/v2/webhooks/{webhookId}/notices", Read, webhooks::notices),
        post(
            "/v2/webhooks/{webhookId}/redeliver-failed",
            Write,
            redelivery_jobs::start,
        ),
        get(
            "/v2/webhooks/{webhookId}/redeliver-failed/{jobId}",
            Read,
            redelivery_jobs::show,
        ),
        get("/v2/webhook-dispatches", Read, dispatches::list),
        get(
            "/v2/webhook-dispatches/{dispatchId}",
            Read,
            dispatches::show,
        ),
        post(
            "/v2/webhook-dispatches/{dispatchId}/redeliver",
            Write,
            dispatches::redeliver,
        ),
        get(
            "/v2/webhook-dispatches/{dispatchId}/request",
            Read,
            dispatches::show_request,
        ),
        get(
            "/v2/actors/{actorId}/webhooks",
            Read,
            webhooks::list_of_actor,
        ),
        post(
            "/v2/actors/{actorId}/webhooks",
            Write,
            webhooks::create_for_actor,
        ),
        get("/v2/acts/{actorId}/webhooks", Read, webhooks::list_of_actor),
        post(
            "/v2/acts/{actorId}/webhooks",
            Write,
            webhooks::create_for_actor,
        ),
        get(
            "/v2/actor-tasks/{actorTaskId}/webhooks",
            Read,
            webhooks::list_of_task,
        ),
        post(
            "/v2/actor-tasks/{actorTaskId}/webhooks",
            Write,
            webhooks::create_for_task,
        ),
        get(
            "/v2/actor-runs/{runId}/webhook-matches",
            Read,
            runs::webhook_matches,
        ),
        for_everybody("/v2/openapi.json", description::show),
        for_everybody("/v2/jwks.json", jwks::show),
    ]
}

pub(crate) fn router(api: Api) -> Router {
    let endpoints = table()
        .into_iter()
        .fold(Router::new(), |router, (_, path, _, endpoint)| {
            router.route(path, endpoint)
        })
        .merge(console::router(&api))
        .fallback(page_not_found)
        .with_state(api);
    // A layer on `endpoints` itself would come too late to change the method, and too early to see the `Allow` header that axum adds, which
    // the answer to a wrong method repeats.
    Router::new()
        .fallback_service(endpoints)
        .layer(from_fn(from_delivery::refuse))
        .layer(from_fn(method_override::honour))
        .layer(from_fn(answer::complete))
        .layer(from_fn(cors::allow))
}

async fn page_not_found(uri: Uri) -> ApiError {
    ApiError::PageNotFound(excerpt(uri.path()))
}

/// The scope goes with the request to [`LimitedCaller`](crate::caller::LimitedCaller).
fn route<H: Handler<T, Api>, T: 'static>(
    method: MethodFilter,
    path: &'static str,
    scope: Scope,
    handler: H,
) -> Route {
    let endpoint = on(method, handler).route_layer(Extension(scope));
    (method, path, Some(scope), endpoint)
}

fn for_everybody<H: Handler<T, Api>, T: 'static>(path: &'static str, handler: H) -> Route {
    (
        MethodFilter::GET,
        path,
        None,
        on(MethodFilter::GET, handler),
    )
}

pub(crate) fn get<H: Handler<T, Api>, T: 'static>(
    path: &'static str,
    scope: Scope,
    handler: H,
) -> Route {
    route(MethodFilter::GET, path, scope, handler)
}

pub(crate) fn post<H: Handler<T, Api>, T: 'static>(
    path: &'static str,
    scope: Scope,
    handler: H,
) -> Route {
    route(MethodFilter::POST, path, scope, handler)
}

fn put<H: Handler<T, Api>, T: 'static>(path: &'static str, scope: Scope, handler: H) -> Route {
    route(MethodFilter::PUT, path, scope, handler)
}

fn delete<H: Handler<T, Api>, T: 'static>(path: &'static str, scope: Scope, handler: H) -> Route {
    route(MethodFilter::DELETE, path, scope, handler)
}
