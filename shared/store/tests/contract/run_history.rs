//! What is on record about a run: enough to explain why webhooks were triggered or not.

use std::collections::HashMap;

use domain::ad_hoc::Rejected;
use domain::dispatch::Dispatch;
use domain::dispatch_id::DispatchId;
use domain::event::Event;
use domain::id::UserId;
use domain::notice::Notice;
use domain::webhook::{Webhook, WebhookState};
use serde_json::value::RawValue;
use store::{Firing, RunHistory};

use crate::samples::{
    ad_hoc, alice, at, bob, changed, dispatch, event, run, texts, until, webhook,
};
use crate::stage::Stage;

#[tokio::test]
async fn a_run_brings_its_events_webhooks_and_dispatches() {
    let stage = Stage::new().await;
    let event = event(7);
    let later = Event {
        created_at: at(8),
        ..event.clone()
    };
    stage.keep(&[&later, &event]).await;
    let (standing, removed, once, elsewhere) = (webhook(1), webhook(2), ad_hoc(3, 7), ad_hoc(4, 9));
    stage.define(&standing).await;
    stage.define(&removed).await;
    assert!(stage.delete(&removed.id).await);
    stage.register(&[&once]).await;
    stage.register(&[&elsewhere]).await;
    let (fired, made) = (dispatch(&once, &event), dispatch(&standing, &later));
    assert_eq!(stage.fire(&fired).await, Firing::Ours);
    for claimed in [&fired, &made] {
        stage.claim(claimed).await;
    }

    let history = history(&stage, &alice()).await;
    let without_resource = [&event, &later].map(|event| Event {
        resource: RawValue::NULL.to_owned(),
        ..event.clone()
    });
    assert_eq!(texts(&history.events), texts(&without_resource));
    let listed: Vec<_> = history.webhooks.iter().map(|found| &found.id).collect();
    assert_eq!(listed, [&standing.id, &removed.id, &once.id]);
    assert_eq!(history.webhooks[1].state, WebhookState::Removed);
    assert_eq!(history.fired, HashMap::from([(once.id, fired.id.clone())]));
    assert_eq!(history.dispatches, by_id([fired, made]));
}

#[tokio::test]
async fn a_dispatch_of_a_webhook_that_is_for_other_runs_now_is_found() {
    let stage = Stage::new().await;
    let event = event(7);
    stage.keep(&[&event]).await;
    let before = webhook(1);
    stage.define(&before).await;
    let made = dispatch(&before, &event);
    stage.claim(&made).await;
    let elsewhere = Webhook {
        condition: ad_hoc(9, 9).condition,
        ..changed(&before)
    };
    let replaced = stage.replace(&before, &elsewhere).await;
    assert_eq!(replaced, store::Replaced::Done);
    assert_eq!(history(&stage, &alice()).await.dispatches, by_id([made]));
}

#[tokio::test]
async fn what_is_told_of_rejected_definitions_lies_beside_their_event() {
    let stage = Stage::new().await;
    let later = Event {
        created_at: at(8),
        ..event(7)
    };
    stage.keep(&[&event(7), &later]).await;
    let mut rejected = Rejected::default();
    rejected.add(Some(3), "[3].requestUrl: is required".to_owned());
    rejected.add(None, "not base64".to_owned());
    let owner = (&alice(), &run(7));
    let notice = Notice::rejected(owner, &later.key(), &rejected, None, at(9));
    for _ in 0..2 {
        let told = (&notice, until());
        let noted = stage.store.note_rejected(&later, &rejected, told).await;
        noted.unwrap();
    }
    let history = history(&stage, &alice()).await;
    assert_eq!(history.events.len(), 2);
    assert_eq!(history.rejected, HashMap::from([(later.key(), rejected)]));
}

#[tokio::test]
async fn nothing_is_on_record_about_a_run_that_is_unknown_or_anothers() {
    let stage = Stage::new().await;
    stage.define(&webhook(1)).await;
    assert!(history(&stage, &alice()).await.events.is_empty());
    stage.keep(&[&event(7)]).await;
    let history = history(&stage, &bob()).await;
    assert!(history.events.is_empty() && history.webhooks.is_empty());
}

/// What is on record about this user's run 7.
async fn history(stage: &Stage, user: &UserId) -> RunHistory {
    stage.store.run_history(user, &run(7)).await.unwrap()
}

fn by_id<const N: usize>(dispatches: [Dispatch; N]) -> HashMap<DispatchId, Dispatch> {
    let entry = |dispatch: Dispatch| (dispatch.id.clone(), dispatch);
    dispatches.map(entry).into()
}
