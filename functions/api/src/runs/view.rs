//! One event, and what it has meant for each webhook.

use domain::ad_hoc::{Rejected, Rejection};
use domain::condition::Condition;
use domain::dispatch::{Dispatch, DispatchState};
use domain::dispatch_filter::Status;
use domain::dispatch_id::DispatchId;
use domain::event::Event;
use domain::id::WebhookId;
use domain::timestamp::Timestamp;
use domain::webhook::{Webhook, WebhookState};
use domain::why::{Why, why};
use serde::Serialize;
use store::RunHistory;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EventView<'a> {
    event_type: &'static str,
    created_at: Timestamp,
    webhooks: Vec<MatchView<'a>>,
    rejected_webhooks: RejectedView<'a>,
}

/// The ad hoc definitions that came with an event and came to nothing.
#[derive(Debug, Default, Serialize)]
struct RejectedView<'a> {
    count: usize,
    reasons: Vec<ReasonView<'a>>,
}

#[derive(Debug, Serialize)]
struct ReasonView<'a> {
    position: Option<usize>,
    reason: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct MatchView<'a> {
    webhook_id: &'a WebhookId,
    condition: &'a Condition,
    is_ad_hoc: bool,
    matched: bool,
    reason: &'static str,
    message: String,
    dispatch: Option<DispatchSummary<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct DispatchSummary<'a> {
    id: &'a DispatchId,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_reason: Option<&'a str>,
}

impl<'a> EventView<'a> {
    /// An event of a run, by what is on record about the run. `holds` tells whether it is still
    /// true for a webhook that comes late.
    pub(super) fn of(event: &'a Event, holds: bool, history: &'a RunHistory) -> Self {
        let matches = history.webhooks.iter();
        let rejected = history.rejected.get(&event.key());
        Self {
            event_type: event.kind.name(),
            created_at: event.created_at,
            webhooks: matches
                .filter_map(|webhook| MatchView::of(webhook, event, holds, history))
                .collect(),
            rejected_webhooks: rejected.map(RejectedView::of).unwrap_or_default(),
        }
    }
}

impl<'a> RejectedView<'a> {
    fn of(rejected: &'a Rejected) -> Self {
        let reason = |known: &'a Rejection| ReasonView {
            position: known.position,
            reason: &known.reason,
        };
        Self {
            count: rejected.count,
            reasons: rejected.reasons.iter().map(reason).collect(),
        }
    }
}

impl<'a> MatchView<'a> {
    /// `None` for a webhook that is gone and had nothing to do with the run.
    fn of(
        webhook: &'a Webhook,
        event: &Event,
        holds: bool,
        history: &'a RunHistory,
    ) -> Option<Self> {
        let own = webhook.dispatch_id(event);
        let dispatch = history.dispatches.get(&own);
        let fired = history.fired.get(&webhook.id);
        let why = why(webhook, event, holds, dispatch, fired);
        if why == Why::OtherCondition && webhook.state == WebhookState::Removed {
            return None;
        }
        Some(Self {
            webhook_id: &webhook.id,
            condition: &webhook.condition,
            is_ad_hoc: webhook.lifetime.is_ad_hoc(),
            matched: why.is_match(),
            reason: why.code(),
            message: why.message(),
            dispatch: dispatch.map(DispatchSummary::of),
        })
    }
}

impl<'a> DispatchSummary<'a> {
    fn of(dispatch: &'a Dispatch) -> Self {
        let failure_reason = match &dispatch.state {
            DispatchState::Failed { reason } => Some(reason.as_str()),
            DispatchState::Active { .. } | DispatchState::Succeeded => None,
        };
        Self {
            id: &dispatch.id,
            status: Status::of(&dispatch.state).name(),
            failure_reason,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::event_message::parse;
    use serde_json::{Value, json};
    use store::Page;

    use crate::description::tests::schemas::assert_described;
    use crate::list::List;
    use crate::samples::{AT, webhook};

    fn event(kind: &str) -> Event {
        let message = json!({
            "eventType": kind, "createdAt": AT, "userId": "u", "eventData": {"actorId": "a", "actorRunId": "r"}, "resource": {}
        });
        parse(&message.to_string(), 0).unwrap().event
    }

    fn removed_elsewhere() -> Webhook {
        let condition = Condition::Run(domain::id::RunId::parse("other").unwrap());
        Webhook {
            condition,
            state: WebhookState::Removed,
            ..webhook()
        }
    }

    #[test]
    fn each_event_lists_what_it_has_meant_for_each_webhook() {
        let reason = "All 11 retries failed".to_owned();
        let made = Dispatch {
            state: DispatchState::Failed { reason },
            ..crate::samples::dispatch(DispatchState::Succeeded, vec![crate::samples::call()])
        };
        let timed_out = event("ACTOR.RUN.TIMED_OUT");
        let own = webhook().dispatch_id(&timed_out);
        let history = RunHistory {
            events: vec![event("ACTOR.RUN.CREATED"), timed_out],
            webhooks: vec![webhook(), removed_elsewhere()],
            dispatches: [(own, made)].into(),
            ..RunHistory::default()
        };
        let page = Page {
            offset: 0,
            limit: 1000,
            newest_first: false,
        };
        let views = history
            .events
            .iter()
            .map(|event| EventView::of(event, true, &history));
        let list: Value = serde_json::to_value(List::of(page, 2, views).unwrap()).unwrap();
        assert_described("WebhookMatchPage", &list);
        let [created, timed_out] = [0, 1].map(|place| &list["items"][place]["webhooks"]);
        assert_eq!(created.as_array().unwrap().len(), 1);
        assert_eq!(created[0]["reason"], "EVENT_TYPE_NOT_AWAITED");
        assert_eq!(created[0]["dispatch"], Value::Null);
        assert_eq!(timed_out[0]["matched"], true);
        assert_eq!(
            timed_out[0]["dispatch"]["failureReason"],
            "All 11 retries failed"
        );
    }
}
