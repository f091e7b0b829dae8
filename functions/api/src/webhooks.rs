//! Webhooks as their owners manage them.

mod catch_up;
mod condition;
mod create;
mod creation;
mod delete;
mod list;
mod notices;
mod preview;
pub(crate) mod redelivery_jobs;
mod resource;
pub(crate) mod secret;
mod settings;
mod show;
mod test;
mod update;
mod view;

use domain::id::{UserId, WebhookId};
use domain::webhook::{Webhook, WebhookState};
use store::Activity;

use crate::Api;
use crate::error::ApiError;

pub(crate) use create::{
    Defined, create, create_for_actor, create_for_task, defined, refuse_private,
};
pub(crate) use delete::{delete, removed};
pub(crate) use list::{list, list_of_actor, list_of_task};
pub(crate) use notices::notices;
pub(crate) use preview::{preview, previewed};
pub(crate) use resource::Resource;
pub(crate) use settings::Settings;
pub(crate) use show::show;
pub(crate) use test::{test, tested};
pub(crate) use update::{changed, update};

/// How often a change is tried that others get in between of.
const ATTEMPTS: u32 = 5;

/// The caller's webhook with this id, unless it is deleted.
pub(crate) async fn find(api: &Api, user: &UserId, id: &WebhookId) -> Result<Webhook, ApiError> {
    let found = api.store.webhook(user, id).await?;
    found
        .filter(|webhook| webhook.state != WebhookState::Removed)
        .ok_or_else(|| ApiError::not_found("webhook", id.as_str()))
}

/// What this webhook has done.
pub(crate) async fn activity_of(api: &Api, webhook: &Webhook) -> Result<Activity, ApiError> {
    let mut activity = api.store.activity(std::slice::from_ref(webhook)).await?;
    Ok(activity.remove(&webhook.id).unwrap_or_default())
}
