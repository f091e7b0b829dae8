//! Webhooks as they are stored.

use domain::action_type::ActionType;
use domain::condition::Condition;
use domain::definition::{Definition, Templates};
use domain::event_type::EventTypes;
use domain::id::{UserId, WebhookId};
use domain::request_url::RequestUrl;
use domain::signature::SecretVersions;
use domain::timestamp::Timestamp;
use domain::webhook::{Label, Lifetime, Webhook, WebhookState};
use serde::{Deserialize, Serialize};

use super::spread;
use crate::RUN_DOCUMENTS;
use crate::error::StoreError;
use crate::table::batch::Item;
use crate::table::key::Key;

#[derive(Serialize, Deserialize)]
struct WebhookItem {
    pk: String,
    sk: String,
    id: WebhookId,
    user: UserId,
    condition: Condition,
    ad_hoc: bool,
    events: Vec<String>,
    /// Without one, it is of a time when there was one.
    #[serde(default = "first_action")]
    action: String,
    url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    payload_template: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    headers_template: Option<String>,
    #[serde(default)]
    interpolate_strings: bool,
    ignore_ssl_errors: bool,
    do_not_retry: bool,
    #[serde(default)]
    sign_with_ed25519: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    is_apify_integration: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    idempotency_key: Option<String>,
    version: u32,
    #[serde(default = "first_secret")]
    secret_version: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous_secret_until: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    disabled_because: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failing_since: Option<Timestamp>,
    state: StateItem,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hears_from: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    spread: Vec<(i64, u8)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ahead: Option<i64>,
    created_at: Timestamp,
    modified_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ttl: Option<i64>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum StateItem {
    Enabled,
    Disabled,
    Removed,
}

/// What a webhook does whose item says nothing of it.
fn first_action() -> String {
    ActionType::HttpRequest.name().to_owned()
}

/// The secret of a webhook whose item says nothing of one.
fn first_secret() -> u32 {
    SecretVersions::default().current
}

/// Where this webhook lies.
pub(crate) fn key_of(webhook: &Webhook) -> Key {
    Key::definition(&webhook.user, &webhook.lifetime, &webhook.id)
}

/// Until when everything about this webhook is kept: what belongs to a run expires, in seconds of the epoch.
pub(crate) fn expiry(webhook: &Webhook) -> Option<i64> {
    match webhook.lifetime {
        Lifetime::Standing => None,
        Lifetime::AdHoc(_) => Some(webhook.created_at.after(RUN_DOCUMENTS).as_seconds()),
    }
}

/// The item of a webhook.
pub(crate) fn write(webhook: &Webhook) -> Result<Item, StoreError> {
    let Key { pk, sk } = key_of(webhook);
    let (definition, templates) = (&webhook.definition, &webhook.definition.templates);
    let item = WebhookItem {
        pk,
        sk,
        id: webhook.id.clone(),
        user: webhook.user.clone(),
        condition: webhook.condition.clone(),
        ad_hoc: webhook.lifetime.is_ad_hoc(),
        events: definition.event_types.names().map(str::to_owned).collect(),
        action: definition.action_type.name().to_owned(),
        url: definition.request_url.as_str().to_owned(),
        payload_template: templates
            .payload
            .as_ref()
            .map(|template| template.source().to_owned()),
        headers_template: templates
            .headers
            .as_ref()
            .map(|template| template.source().to_owned()),
        interpolate_strings: templates.interpolate_strings,
        ignore_ssl_errors: definition.ignore_ssl_errors,
        do_not_retry: definition.do_not_retry,
        sign_with_ed25519: definition.sign_with_ed25519,
        title: webhook.label.title.clone(),
        description: webhook.label.description.clone(),
        is_apify_integration: webhook.label.is_apify_integration,
        idempotency_key: webhook.idempotency_key.clone(),
        version: webhook.version,
        secret_version: webhook.secret.current,
        previous_secret_until: webhook.secret.previous_until,
        disabled_because: webhook.disabled_because.clone(),
        failing_since: webhook.failing_since,
        state: match webhook.state {
            WebhookState::Enabled => StateItem::Enabled,
            WebhookState::Disabled => StateItem::Disabled,
            WebhookState::Removed => StateItem::Removed,
        },
        hears_from: webhook.hears_from,
        spread: spread::write(&webhook.spread),
        ahead: webhook.spread.ahead().map(Timestamp::as_millis),
        created_at: webhook.created_at,
        modified_at: webhook.modified_at,
        ttl: expiry(webhook),
    };
    serde_dynamo::to_item(item).map_err(StoreError::item("webhook"))
}

/// The webhook of an item.
pub(crate) fn read(item: Item) -> Result<Webhook, StoreError> {
    let item: WebhookItem = serde_dynamo::from_item(item).map_err(StoreError::item("webhook"))?;
    let error = StoreError::item("webhook");
    let events = item.events.iter().map(String::as_str);
    Ok(Webhook {
        id: item.id,
        user: item.user,
        lifetime: Lifetime::of(item.ad_hoc, item.condition.run())
            .ok_or_else(|| error("it is ad hoc, and its condition is no run".to_owned()))?,
        condition: item.condition,
        definition: Definition {
            event_types: EventTypes::parse(events).map_err(StoreError::item("webhook"))?,
            action_type: ActionType::parse(&item.action).map_err(StoreError::item("webhook"))?,
            request_url: RequestUrl::parse(&item.url).map_err(StoreError::item("webhook"))?,
            templates: Templates::stored(
                item.payload_template,
                item.headers_template,
                item.interpolate_strings,
            ),
            ignore_ssl_errors: item.ignore_ssl_errors,
            do_not_retry: item.do_not_retry,
            sign_with_ed25519: item.sign_with_ed25519,
        },
        label: Label {
            title: item.title,
            description: item.description,
            is_apify_integration: item.is_apify_integration,
        },
        idempotency_key: item.idempotency_key,
        version: item.version,
        secret: SecretVersions {
            current: item.secret_version,
            previous_until: item.previous_secret_until,
        },
        disabled_because: item.disabled_because,
        failing_since: item.failing_since,
        state: match item.state {
            StateItem::Enabled => WebhookState::Enabled,
            StateItem::Disabled => WebhookState::Disabled,
            StateItem::Removed => WebhookState::Removed,
        },
        hears_from: item.hears_from,
        spread: spread::read(&item.spread, item.ahead),
        created_at: item.created_at,
        modified_at: item.modified_at,
    })
}
