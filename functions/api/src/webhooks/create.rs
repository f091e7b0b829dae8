//! Defining webhooks.

use axum::extract::State;
use axum::response::Response;
use domain::condition::Condition;
use domain::fields::{FieldError, Fields};
use domain::grant::Grant;
use domain::id::{ActorId, TaskId, UserId, WebhookId};
use domain::rate::Counted;
use domain::request_url::RequestUrl;
use domain::signature::Secret;
use domain::webhook::{Lifetime, Webhook};
use serde_json::{Map, Value};
use store::{Activity, Created};

use super::catch_up::{catch_up, hears_from};
use super::creation::Creation;
use super::view::WebhookView;
use super::{activity_of, condition};
use crate::body::JsonObject;
use crate::caller::{LimitedCaller, refuse_beyond};
use crate::error::ApiError;
use crate::path_id::PathId;
use crate::{Api, answer};

/// `POST /v2/webhooks`. With an idempotency key that was used before, the webhook that it made.
pub(crate) async fn create(
    State(api): State<Api>,
    LimitedCaller(user, grant): LimitedCaller,
    JsonObject(body): JsonObject,
) -> Result<Response, ApiError> {
    define(&api, user, &grant, body).await
}

/// `POST /v2/actors/{actorId}/webhooks`.
pub(crate) async fn create_for_actor(
    State(api): State<Api>,
    LimitedCaller(user, grant): LimitedCaller,
    PathId(actor): PathId<ActorId>,
    JsonObject(body): JsonObject,
) -> Result<Response, ApiError> {
    let body = condition::fill_in(body, &Condition::Actor(actor))?;
    define(&api, user, &grant, body).await
}

/// `POST /v2/actor-tasks/{actorTaskId}/webhooks`.
pub(crate) async fn create_for_task(
    State(api): State<Api>,
    LimitedCaller(user, grant): LimitedCaller,
    PathId(task): PathId<TaskId>,
    JsonObject(body): JsonObject,
) -> Result<Response, ApiError> {
    let body = condition::fill_in(body, &Condition::Task(task))?;
    define(&api, user, &grant, body).await
}

async fn define(
    api: &Api,
    user: UserId,
    grant: &Grant,
    body: Map<String, Value>,
) -> Result<Response, ApiError> {
    let defined = defined(api, user, grant, body).await?;
    let location = format!("/v2/webhooks/{}", defined.webhook.id);
    let view = WebhookView::of(&defined.webhook, defined.activity.as_ref());
    answer::created(location, &view.with_secret(&defined.secret))
}

/// A webhook that was just defined, or was there already.
pub(crate) struct Defined {
    pub(crate) webhook: Webhook,
    pub(crate) activity: Option<Activity>,
    pub(crate) secret: Secret,
}

/// Defines a webhook.
pub(crate) async fn defined(
    api: &Api,
    user: UserId,
    grant: &Grant,
    body: Map<String, Value>,
) -> Result<Defined, ApiError> {
    let creation = Creation::read(Fields::new(body))?;
    refuse_beyond(grant, creation.condition())?;
    refuse_private(api, creation.request_url())?;
    api.count(&user, Counted::Changes).await?;
    let id = WebhookId::from_bytes(runtime::chance::bytes()?);
    let now = runtime::clock::now();
    let new = creation.into_webhook(id, user, now);
    let new = Webhook {
        hears_from: hears_from(api, &new).await?,
        ..new
    };
    // Before anything is made that could not be shown.
    let keys = api.keys.at(now).await?;
    let (webhook, activity) = match api.store.create_webhook(&new, api.limits).await? {
        Created::New => (new, None),
        Created::Existing(existing) => {
            // Its key may be that of a webhook of another page.
            refuse_beyond(grant, &existing.condition)?;
            let activity = activity_of(api, &existing).await?;
            (*existing, Some(activity))
        }
        Created::TooMany => return Err(too_many(api, &new.lifetime)),
    };
    catch_up(api, &webhook).await?;
    Ok(Defined {
        secret: keys.secret(&webhook),
        webhook,
        activity,
    })
}

/// What no delivery may lead to is refused early, while its owner looks on. `deliver` decides:
/// names are resolved there.
pub(crate) fn refuse_private(api: &Api, url: &RequestUrl) -> Result<(), FieldError> {
    let checked = api.targets.check(url);
    checked.map_err(|error| FieldError::new("requestUrl", error))
}

fn too_many(api: &Api, lifetime: &Lifetime) -> ApiError {
    match lifetime {
        Lifetime::Standing => ApiError::TooManyWebhooks(api.limits.standing_per_user),
        Lifetime::AdHoc(_) => ApiError::TooManyAdHocWebhooks(api.limits.ad_hoc_per_run),
    }
}
