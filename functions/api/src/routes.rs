//! Which path and method leads to which endpoint.

use axum::Router;
use axum::handler::Handler;
use axum::http::Uri;
use axum::middleware::from_fn;
use axum::routing::{MethodFilter, MethodRouter, on};

use crate::error::{ApiError, excerpt};
use crate::webhooks::redelivery_jobs;
use crate::{
    Api, answer, console, cors, description, dispatches, from_delivery, method_override, runs,
    webhooks,
};

#[cfg(test)]
pub(crate) mod tests;

/// A method, a path, and the endpoint that they lead to.
pub(crate) type Route = (MethodFilter, &'static str, MethodRouter<Api>);

/// Every endpoint that there is. `acts` is the older name of `actors`; clients send both.
pub(crate) fn table() -> [Route; 24] {
    [
        get("/v2/webhooks", webhooks::list),
        post("/v2/webhooks", webhooks::create),
        post("/v2/webhooks/preview", webhooks::preview),
        get("/v2/webhooks/{webhookId}", webhooks::show),
        put("/v2/webhooks/{webhookId}", webhooks::update),
        delete("/v2/webhooks/{webhookId}", webhooks::delete),
        post("/v2/webhooks/{webhookId}/test", webhooks::test),
        get("/v2/webhooks/{webhookId}/secret", webhooks::show_secret),
        post(
            "/v2/webhooks/{webhookId}/secret/rotate",
            webhooks::rotate_secret,
        ),
        get(
            "/v2/webhooks/{webhookId}/dispatches",
            dispatches::list_of_webhook,
        ),
        post(
            "/v2/webhooks/{webhookId}/redeliver-failed",
            redelivery_jobs::start,
        ),
        get(
            "/v2/webhooks/{webhookId}/redeliver-failed/{jobId}",
            redelivery_jobs::show,
        ),
        get("/v2/webhook-dispatches", dispatches::list),
        get("/v2/webhook-dispatches/{dispatchId}", dispatches::show),
        post(
            "/v2/webhook-dispatches/{dispatchId}/redeliver",
            dispatches::redeliver,
        ),
        get(
            "/v2/webhook-dispatches/{dispatchId}/request",
            dispatches::show_request,
        ),
        get("/v2/actors/{actorId}/webhooks", webhooks::list_of_actor),
        post("/v2/actors/{actorId}/webhooks", webhooks::create_for_actor),
        get("/v2/acts/{actorId}/webhooks", webhooks::list_of_actor),
        post("/v2/acts/{actorId}/webhooks", webhooks::create_for_actor),
        get(
            "/v2/actor-tasks/{actorTaskId}/webhooks",
            webhooks::list_of_task,
        ),
        post(
            "/v2/actor-tasks/{actorTaskId}/webhooks",
            webhooks::create_for_task,
        ),
        get(
            "/v2/actor-runs/{runId}/webhook-matches",
            runs::webhook_matches,
        ),
        get("/v2/openapi.json", description::show),
    ]
}

pub(crate) fn router(api: Api) -> Router {
    let endpoints = table()
        .into_iter()
        .fold(Router::new(), |router, (_, path, endpoint)| {
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

fn route<H: Handler<T, Api>, T: 'static>(
    method: MethodFilter,
    path: &'static str,
    handler: H,
) -> Route {
    (method, path, on(method, handler))
}

fn get<H: Handler<T, Api>, T: 'static>(path: &'static str, handler: H) -> Route {
    route(MethodFilter::GET, path, handler)
}

fn post<H: Handler<T, Api>, T: 'static>(path: &'static str, handler: H) -> Route {
    route(MethodFilter::POST, path, handler)
}

fn put<H: Handler<T, Api>, T: 'static>(path: &'static str, handler: H) -> Route {
    route(MethodFilter::PUT, path, handler)
}

fn delete<H: Handler<T, Api>, T: 'static>(path: &'static str, handler: H) -> Route {
    route(MethodFilter::DELETE, path, handler)
}
