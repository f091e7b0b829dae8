//! A dispatch as the owner of its webhook sees it (contract §1.4).

use domain::condition::Condition;
use domain::dispatch::{Call, Dispatch, DispatchState};
use domain::dispatch_id::DispatchId;
use domain::event::Subject;
use domain::id::{UserId, WebhookId};
use domain::timestamp::Timestamp;
use domain::webhook::{Lifetime, Webhook};
use serde::Serialize;

use crate::webhooks::ACTION_TYPE;

/// Every field of the contract, and two of ours: why there will be no further call, and when the next one is due.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DispatchView<'a> {
    id: &'a DispatchId,
    user_id: &'a UserId,
    webhook_id: &'a WebhookId,
    created_at: Timestamp,
    status: &'static str,
    event_type: &'static str,
    event_data: &'a Subject,
    webhook: WebhookSummary<'a>,
    calls: Vec<CallView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_attempt_at: Option<Timestamp>,
}

/// What the webhook is now.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct WebhookSummary<'a> {
    action_type: &'static str,
    condition: &'a Condition,
    request_url: &'a str,
    is_ad_hoc: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CallView<'a> {
    started_at: Timestamp,
    finished_at: Timestamp,
    error_message: Option<&'a str>,
    response_status: Option<u16>,
    response_body: Option<&'a str>,
}

impl<'a> DispatchView<'a> {
    /// A dispatch of this webhook.
    pub(crate) fn of(dispatch: &'a Dispatch, webhook: &'a Webhook) -> Self {
        let (status, failure_reason, next_attempt_at) = match &dispatch.state {
            DispatchState::Active { next_at } => ("ACTIVE", None, *next_at),
            DispatchState::Succeeded => ("SUCCEEDED", None, None),
            DispatchState::Failed { reason } => ("FAILED", Some(reason.as_str()), None),
        };
        let definition = &webhook.definition;
        Self {
            id: &dispatch.id,
            user_id: &dispatch.user,
            webhook_id: &dispatch.webhook,
            created_at: dispatch.event.created_at,
            status,
            event_type: definition.event_types.spelling_of(dispatch.event_type),
            event_data: &dispatch.subject,
            webhook: WebhookSummary {
                action_type: ACTION_TYPE,
                condition: &webhook.condition,
                request_url: definition.request_url.as_str(),
                is_ad_hoc: webhook.lifetime == Lifetime::AdHoc,
            },
            calls: dispatch.calls.iter().map(CallView::of).collect(),
            failure_reason,
            next_attempt_at,
        }
    }
}

impl<'a> CallView<'a> {
    fn of(call: &'a Call) -> Self {
        Self {
            started_at: call.started_at,
            finished_at: call.finished_at,
            error_message: call.error_message.as_deref(),
            response_status: call.response_status,
            response_body: call.response_body.as_deref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::definition::Definition;
    use domain::event::EventKey;
    use domain::event_type::EventType;
    use domain::fields::Fields;
    use domain::id::{ActorId, RunId, TaskId};
    use domain::webhook::{Label, WebhookState};
    use serde_json::{Value, json};

    const AT: &str = "2019-01-09T15:59:56.408Z";

    fn at() -> Timestamp {
        Timestamp::parse(AT).unwrap()
    }

    fn webhook() -> Webhook {
        let definition =
            json!({"eventTypes": ["ACTOR.RUN.TIMEDOUT"], "requestUrl": "https://example.com"});
        let Value::Object(definition) = definition else {
            panic!("no object")
        };
        Webhook {
            id: WebhookId::from_bytes([0; 16]),
            user: UserId::parse("u").unwrap(),
            condition: Condition::Actor(ActorId::parse("a").unwrap()),
            lifetime: Lifetime::Standing,
            definition: Definition::take(&mut Fields::new(definition)).unwrap(),
            label: Label::default(),
            version: 1,
            state: WebhookState::Enabled,
            created_at: at(),
            modified_at: at(),
        }
    }

    fn shown(state: DispatchState, task: Option<&str>, calls: Vec<Call>) -> Value {
        let webhook = webhook();
        let dispatch = Dispatch {
            id: DispatchId::parse("A50PsRbHTn0123456789ab").unwrap(),
            user: webhook.user.clone(),
            webhook: webhook.id.clone(),
            lifetime: webhook.lifetime,
            subject: Subject::Run {
                actor_id: ActorId::parse("a").unwrap(),
                actor_task_id: task.map(|task| TaskId::parse(task).unwrap()),
                actor_run_id: RunId::parse("r").unwrap(),
            },
            event: EventKey {
                created_at: at(),
                hash: "0123456789ab".to_owned(),
            },
            event_type: EventType::RunTimedOut,
            state,
            calls,
        };
        serde_json::to_value(DispatchView::of(&dispatch, &webhook)).unwrap()
    }

    #[test]
    fn a_dispatch_has_every_field_and_its_event_type_in_the_spelling_of_its_webhook() {
        let call = Call {
            started_at: at(),
            finished_at: at(),
            error_message: None,
            response_status: Some(200),
            response_body: Some("{\"ok\":true}".to_owned()),
        };
        assert_eq!(
            shown(DispatchState::Succeeded, Some("t"), vec![call]),
            json!({
                "id": "A50PsRbHTn0123456789ab",
                "userId": "u",
                "webhookId": "00000000000000000",
                "createdAt": AT,
                "status": "SUCCEEDED",
                "eventType": "ACTOR.RUN.TIMEDOUT",
                "eventData": {"actorId": "a", "actorTaskId": "t", "actorRunId": "r"},
                "webhook": {
                    "actionType": "HTTP_REQUEST",
                    "condition": {"actorId": "a"},
                    "requestUrl": "https://example.com",
                    "isAdHoc": false,
                },
                "calls": [{
                    "startedAt": AT,
                    "finishedAt": AT,
                    "errorMessage": null,
                    "responseStatus": 200,
                    "responseBody": "{\"ok\":true}",
                }],
            })
        );
    }

    #[test]
    fn a_dispatch_that_waits_says_until_when_and_one_that_failed_says_why() {
        let waiting = shown(
            DispatchState::Active {
                next_at: Some(at()),
            },
            None,
            Vec::new(),
        );
        assert_eq!(
            (&waiting["status"], &waiting["nextAttemptAt"]),
            (&json!("ACTIVE"), &json!(AT))
        );
        assert_eq!(
            waiting["eventData"],
            json!({"actorId": "a", "actorRunId": "r"})
        );
        let reason = "Webhook was removed.".to_owned();
        let failed = shown(DispatchState::Failed { reason }, None, Vec::new());
        assert_eq!(
            (&failed["status"], &failed["failureReason"]),
            (&json!("FAILED"), &json!("Webhook was removed."))
        );
        assert!(failed.get("nextAttemptAt").is_none());
    }
}
