//! A webhook as its owner sees it.

use domain::dispatch_filter::Status;
use domain::id::{UserId, WebhookId};
use domain::signature::Secret;
use domain::timestamp::Timestamp;
use domain::webhook::Webhook;
use serde::Serialize;
use store::Activity;

use super::settings::Settings;

/// Every field of the contract, in single answers and in lists alike.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WebhookView<'a> {
    id: &'a WebhookId,
    created_at: Timestamp,
    modified_at: Timestamp,
    user_id: &'a UserId,
    #[serde(flatten)]
    settings: Settings<'a>,
    last_dispatch: Option<LastDispatch>,
    stats: Stats,
    #[serde(skip_serializing_if = "Option::is_none")]
    disabled_reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LastDispatch {
    status: &'static str,
    /// When its last call so far ended.
    finished_at: Option<Timestamp>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Stats {
    total_dispatches: u64,
}

impl<'a> WebhookView<'a> {
    /// A webhook, and what it has done; `None` when that is nothing.
    pub(crate) fn of(webhook: &'a Webhook, activity: Option<&Activity>) -> Self {
        let last = activity.and_then(|activity| activity.last.as_ref());
        Self {
            id: &webhook.id,
            created_at: webhook.created_at,
            modified_at: webhook.modified_at,
            user_id: &webhook.user,
            settings: Settings::of(webhook),
            last_dispatch: last.map(|dispatch| LastDispatch {
                status: Status::of(&dispatch.state).name(),
                finished_at: dispatch.calls.last().map(|call| call.finished_at),
            }),
            stats: Stats {
                total_dispatches: activity.map_or(0, |activity| activity.total_dispatches),
            },
            disabled_reason: webhook.disabled_because.as_deref(),
            secret: None,
        }
    }

    /// The same with its secret, for the one who made it.
    pub(crate) fn with_secret(self, secret: &Secret) -> Self {
        Self {
            secret: Some(secret.reveal()),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::dispatch::{Dispatch, DispatchState};
    use serde_json::{Value, json};

    use crate::description::tests::schemas::assert_described;
    use crate::samples::{AT, call, dispatch, webhook};

    fn shown(total_dispatches: u64, last: Option<Dispatch>) -> Value {
        let activity = Activity {
            total_dispatches,
            last,
        };
        let webhook = webhook();
        let view = WebhookView::of(&webhook, Some(&activity));
        let view = serde_json::to_value(view).unwrap();
        assert_described("Webhook", &view);
        view
    }

    #[test]
    fn a_webhook_says_what_it_has_done() {
        for (last, expected) in [
            (None, Value::Null),
            (
                Some(dispatch(
                    DispatchState::Active { next_at: None },
                    Vec::new(),
                )),
                json!({"status": "ACTIVE", "finishedAt": null}),
            ),
            (
                Some(dispatch(DispatchState::Succeeded, vec![call()])),
                json!({"status": "SUCCEEDED", "finishedAt": AT}),
            ),
        ] {
            let shown = shown(5, last);
            assert_eq!(shown["lastDispatch"], expected);
            assert_eq!(shown["stats"], json!({"totalDispatches": 5}));
        }
    }
}
