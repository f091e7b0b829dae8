//! Webhooks as they are stored.

use domain::condition::Condition;
use domain::definition::{Definition, Templates};
use domain::event_type::EventTypes;
use domain::id::{UserId, WebhookId};
use domain::request_url::RequestUrl;
use domain::timestamp::Timestamp;
use domain::webhook::{Label, Lifetime, Webhook, WebhookState};
use serde::{Deserialize, Serialize};

use crate::batch::Item;
use crate::error::StoreError;
use crate::key::Key;

#[derive(Serialize, Deserialize)]
struct WebhookItem {
    pk: String,
    sk: String,
    id: WebhookId,
    user: UserId,
    condition: Condition,
    ad_hoc: bool,
    events: Vec<String>,
    url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    payload_template: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    headers_template: Option<String>,
    #[serde(default)]
    interpolate_strings: bool,
    ignore_ssl_errors: bool,
    do_not_retry: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    is_apify_integration: bool,
    version: u32,
    state: StateItem,
    created_at: Timestamp,
    modified_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum StateItem {
    Enabled,
    Disabled,
    Removed,
}

/// Where this webhook lies.
pub(crate) fn key_of(webhook: &Webhook) -> Key {
    match (webhook.lifetime, &webhook.condition) {
        (Lifetime::AdHoc, Condition::Run(run)) => {
            Key::ad_hoc(&webhook.user, run.as_str(), &webhook.id)
        }
        _ => Key::standing(&webhook.user, &webhook.id),
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
        ad_hoc: webhook.lifetime == Lifetime::AdHoc,
        events: definition.event_types.names().map(str::to_owned).collect(),
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
        title: webhook.label.title.clone(),
        description: webhook.label.description.clone(),
        is_apify_integration: webhook.label.is_apify_integration,
        version: webhook.version,
        state: match webhook.state {
            WebhookState::Enabled => StateItem::Enabled,
            WebhookState::Disabled => StateItem::Disabled,
            WebhookState::Removed => StateItem::Removed,
        },
        created_at: webhook.created_at,
        modified_at: webhook.modified_at,
    };
    serde_dynamo::to_item(item).map_err(StoreError::item("webhook"))
}

/// The webhook of an item.
pub(crate) fn read(item: Item) -> Result<Webhook, StoreError> {
    let item: WebhookItem = serde_dynamo::from_item(item).map_err(StoreError::item("webhook"))?;
    let events = item.events.iter().map(String::as_str);
    let (payload, headers) = (
        item.payload_template.as_deref(),
        item.headers_template.as_deref(),
    );
    Ok(Webhook {
        id: item.id,
        user: item.user,
        condition: item.condition,
        lifetime: if item.ad_hoc {
            Lifetime::AdHoc
        } else {
            Lifetime::Standing
        },
        definition: Definition {
            event_types: EventTypes::parse(events).map_err(StoreError::item("webhook"))?,
            request_url: RequestUrl::parse(&item.url).map_err(StoreError::item("webhook"))?,
            templates: Templates::parse(payload, headers, item.interpolate_strings)
                .map_err(StoreError::item("webhook"))?,
            ignore_ssl_errors: item.ignore_ssl_errors,
            do_not_retry: item.do_not_retry,
        },
        label: Label {
            title: item.title,
            description: item.description,
            is_apify_integration: item.is_apify_integration,
        },
        version: item.version,
        state: match item.state {
            StateItem::Enabled => WebhookState::Enabled,
            StateItem::Disabled => WebhookState::Disabled,
            StateItem::Removed => WebhookState::Removed,
        },
        created_at: item.created_at,
        modified_at: item.modified_at,
    })
}
