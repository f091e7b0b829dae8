//! Every field of a dispatch, as its owner sees it.

use domain::event::Subject;
use domain::id::{ActorId, BuildId, RunId, TaskId};
use serde_json::{Value, json};

use super::*;
use crate::description::tests::schemas::assert_described;
use crate::samples::{AT, at, call, dispatch, webhook};

fn shown(dispatch: &Dispatch, webhook: Option<&Webhook>) -> Value {
    let view = serde_json::to_value(DispatchView::of(dispatch, webhook)).unwrap();
    assert_described("Dispatch", &view);
    view
}

fn shown_in(state: DispatchState) -> Value {
    shown(&dispatch(state, Vec::new()), Some(&webhook()))
}

#[test]
fn a_dispatch_has_every_field_and_its_event_type_in_the_spelling_of_its_webhook() {
    let dispatch = dispatch(DispatchState::Succeeded, vec![call()]);
    assert_eq!(
        shown(&dispatch, Some(&webhook())),
        json!({
            "id": "A50PsRbHTn0123456789ab",
            "userId": "u",
            "webhookId": "00000000000000000",
            "createdAt": AT,
            "status": "SUCCEEDED",
            "eventType": "ACTOR.RUN.TIMEDOUT",
            "eventData": {"actorId": "a", "actorRunId": "r"},
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
                "durationMs": 0,
                "responseHeaders": {"content-type": "text/plain", "x-a": "1, 2"},
                "remoteAddress": "192.0.2.1",
            }],
        })
    );
}

#[test]
fn a_dispatch_outlives_the_record_of_its_webhook() {
    let shown = shown(&dispatch(DispatchState::Succeeded, Vec::new()), None);
    let (webhook, event_type) = (&shown["webhook"], &shown["eventType"]);
    assert_eq!(
        (webhook, event_type),
        (&Value::Null, &json!("ACTOR.RUN.TIMED_OUT"))
    );
}

#[test]
fn a_dispatch_that_waits_says_until_when_and_one_that_failed_says_why() {
    let waiting = shown_in(DispatchState::Active {
        next_at: Some(at()),
    });
    assert_eq!(
        (&waiting["status"], &waiting["nextAttemptAt"]),
        (&json!("ACTIVE"), &json!(AT))
    );
    let reason = "Webhook was removed.".to_owned();
    let failed = shown_in(DispatchState::Failed { reason });
    assert_eq!(
        (&failed["status"], &failed["failureReason"]),
        (&json!("FAILED"), &json!("Webhook was removed."))
    );
    assert!(failed.get("nextAttemptAt").is_none());
}

#[test]
fn every_subject_is_shown_as_its_event_data() {
    let actor_id = ActorId::parse("a").unwrap();
    for (subject, event_data) in [
        (
            Subject::Run {
                actor_id: actor_id.clone(),
                actor_task_id: Some(TaskId::parse("t").unwrap()),
                actor_run_id: RunId::parse("r").unwrap(),
            },
            json!({"actorId": "a", "actorTaskId": "t", "actorRunId": "r"}),
        ),
        (
            Subject::Build {
                actor_id,
                actor_build_id: BuildId::parse("b").unwrap(),
            },
            json!({"actorId": "a", "actorBuildId": "b"}),
        ),
        (Subject::Test, Value::Null),
    ] {
        let dispatch = Dispatch {
            subject,
            ..dispatch(DispatchState::Succeeded, Vec::new())
        };
        assert_eq!(shown(&dispatch, None)["eventData"], event_data);
    }
}
