//! Changing webhooks, each version once.

use domain::condition::Condition;
use domain::definition::Definition;
use domain::event::Event;
use domain::event_type::{EventType, EventTypes};
use domain::id::{ActorId, TaskId};
use domain::notice::Found;
use domain::request_url::RequestUrl;
use domain::webhook::{Label, Webhook, WebhookState};
use futures::future::join_all;
use store::{Firing, Replaced};

use crate::samples::{ad_hoc, alice, at, changed, dispatch, event, id, run, webhook};
use crate::stage::Stage;

#[tokio::test]
async fn a_changed_webhook_is_found_listed_and_matched_as_it_is_now() {
    let stage = Stage::new().await;
    let defined = webhook(1);
    stage.define(&defined).await;
    let failure = Event {
        kind: EventType::RunFailed,
        ..event(1)
    };
    let elsewhere = Webhook {
        definition: Definition {
            event_types: EventTypes::parse(["ACTOR.RUN.FAILED"]).unwrap(),
            request_url: RequestUrl::parse("https://example.com/elsewhere").unwrap(),
            ..defined.definition.clone()
        },
        label: Label::default(),
        ..changed(&defined)
    };
    let disabled = Webhook {
        state: WebhookState::Disabled,
        ..changed(&elsewhere)
    };
    let enabled = Webhook {
        state: WebhookState::Enabled,
        ..changed(&disabled)
    };
    let mut before = defined;
    for (after, triggered) in [(elsewhere, true), (disabled, false), (enabled, true)] {
        assert_eq!(stage.replace(&before, &after).await, Replaced::Done);
        assert_eq!(stage.found(&after.id).await.as_ref(), Some(&after));
        let listed = stage.listed(&alice()).await;
        assert_eq!(listed, std::slice::from_ref(&after));
        assert!(stage.triggered(&event(1)).await.is_empty());
        let expected = Vec::from_iter(triggered.then(|| id(1)));
        assert_eq!(stage.triggered(&failure).await, expected);
        assert_eq!(stage.waiting(&failure).await.len(), 1);
        before = after;
    }
}

#[tokio::test]
async fn a_changed_condition_moves_a_webhook_from_one_document_to_the_other() {
    let stage = Stage::new().await;
    stage.define(&webhook(2)).await;
    let mut before = webhook(1);
    stage.define(&before).await;
    let conditions = [
        Condition::Run(run(1)),
        Condition::Task(TaskId::parse("task").unwrap()),
        Condition::Actor(ActorId::parse("other").unwrap()),
        Condition::Run(run(2)),
        Condition::Actor(ActorId::parse("actor").unwrap()),
    ];
    // Which of the events of two runs trigger it then.
    let triggers = [
        (true, false),
        (true, true),
        (false, false),
        (false, true),
        (true, true),
    ];
    for (condition, expected) in conditions.into_iter().zip(triggers) {
        let after = Webhook {
            condition,
            ..changed(&before)
        };
        assert_eq!(stage.replace(&before, &after).await, Replaced::Done);
        let mut triggered = Vec::new();
        for number in [1, 2] {
            let mut ids = stage.triggered(&event(number)).await;
            // The other webhook of the same actor stays where it is.
            assert_eq!(ids.pop(), Some(id(2)));
            triggered.push(ids == [id(1)]);
        }
        assert_eq!((triggered[0], triggered[1]), expected, "{after:?}");
        before = after;
    }
}

#[tokio::test]
async fn of_ten_replacements_at_once_of_one_version_one_is_made() {
    let stage = Stage::new().await;
    let before = webhook(1);
    stage.define(&before).await;
    let moved_to = |number| Webhook {
        condition: Condition::Run(run(number)),
        ..changed(&before)
    };
    let afters: Vec<Webhook> = (1..=10).map(moved_to).collect();
    let answers = join_all(afters.iter().map(|after| stage.replace(&before, after))).await;
    let done = |answer: &&Replaced| **answer == Replaced::Done;
    assert_eq!(answers.iter().filter(done).count(), 1);
    let found = stage.found(&before.id).await.unwrap();
    for ((after, answer), number) in afters.iter().zip(answers).zip(1..) {
        let is_made = answer == Replaced::Done;
        assert_eq!(*after == found, is_made);
        let expected = Vec::from_iter(is_made.then(|| id(1)));
        assert_eq!(stage.triggered(&event(number)).await, expected);
    }
}

#[tokio::test]
async fn a_replacement_that_is_refused_changes_nothing() {
    let stage = Stage::new().await;
    let (read, deleted, unknown) = (webhook(1), webhook(2), webhook(3));
    let ad_hoc = ad_hoc(4, 1);
    for webhook in [&read, &deleted] {
        stage.define(webhook).await;
    }
    stage.register(&[&ad_hoc]).await;
    let changed_meanwhile = Webhook {
        state: WebhookState::Disabled,
        ..changed(&read)
    };
    let replaced = stage.replace(&read, &changed_meanwhile).await;
    assert_eq!(replaced, Replaced::Done);
    for deleted in [&deleted, &ad_hoc] {
        assert!(stage.delete(&deleted.id).await);
    }
    for before in [&read, &deleted, &unknown, &ad_hoc] {
        let after = Webhook {
            condition: Condition::Run(run(1)),
            ..changed(before)
        };
        let replaced = stage.replace(before, &after).await;
        assert_eq!(replaced, Replaced::ChangedMeanwhile, "{before:?}");
    }
    assert_eq!(stage.found(&read.id).await, Some(changed_meanwhile));
    for gone in [&deleted, &unknown, &ad_hoc] {
        assert_eq!(stage.found(&gone.id).await, None);
    }
    assert!(stage.triggered(&event(1)).await.is_empty());
}

#[tokio::test]
async fn an_ad_hoc_webhook_that_has_fired_can_be_changed_and_does_not_fire_again() {
    let stage = Stage::new().await;
    let webhook = ad_hoc(1, 7);
    stage.register(&[&webhook]).await;
    let first = dispatch(&webhook, &event(7));
    assert_eq!(stage.fire(&first).await, Firing::Ours);
    let disabled = Webhook {
        state: WebhookState::Disabled,
        ..changed(&webhook)
    };
    let enabled = Webhook {
        state: WebhookState::Enabled,
        ..changed(&disabled)
    };
    assert_eq!(stage.replace(&webhook, &disabled).await, Replaced::Done);
    assert!(stage.triggered(&event(7)).await.is_empty());
    assert_eq!(stage.replace(&disabled, &enabled).await, Replaced::Done);
    assert_eq!(stage.found(&webhook.id).await, Some(enabled));
    let failure = Event {
        kind: EventType::RunTimedOut,
        ..event(7)
    };
    assert!(stage.triggered(&failure).await.is_empty());
    let second = dispatch(&webhook, &failure);
    assert_eq!(stage.fire(&second).await, Firing::Another);
    assert_eq!(stage.triggered(&event(7)).await, [id(1)]);
}

#[tokio::test]
async fn a_webhook_that_is_switched_off_says_why_and_is_triggered_no_more() {
    let stage = Stage::new().await;
    stage.define(&webhook(1)).await;
    stage.register(&[&ad_hoc(2, 1)]).await;
    for failing in [webhook(1), ad_hoc(2, 1)] {
        assert_eq!(disable(&stage, &failing, "gone").await, Replaced::Done);
        let off = Webhook {
            state: WebhookState::Disabled,
            disabled_because: Some("gone".to_owned()),
            ..changed(&failing)
        };
        assert_eq!(stage.found(&failing.id).await.as_ref(), Some(&off));
        // Another worker comes to the same end, or this one repeats itself.
        let again = disable(&stage, &failing, "other").await;
        assert_eq!(again, Replaced::ChangedMeanwhile);
        assert_eq!(stage.found(&failing.id).await, Some(off));
    }
    assert!(stage.triggered(&event(1)).await.is_empty());
    let lines = stage.waiting(&event(1)).await;
    assert_eq!(lines.len(), 2);
    assert!(lines.iter().all(|line| !line.enabled), "{lines:?}");
}

#[tokio::test]
async fn a_webhook_that_its_owner_has_changed_meanwhile_is_not_switched_off() {
    let stage = Stage::new().await;
    let (mended, deleted) = (webhook(1), webhook(2));
    for webhook in [&mended, &deleted] {
        stage.define(webhook).await;
    }
    let after = changed(&mended);
    assert_eq!(stage.replace(&mended, &after).await, Replaced::Done);
    assert!(stage.delete(&deleted.id).await);
    for read in [&mended, &deleted] {
        let disabled = disable(&stage, read, "gone").await;
        assert_eq!(disabled, Replaced::ChangedMeanwhile);
    }
    assert_eq!(stage.found(&mended.id).await, Some(after));
    assert_eq!(stage.found(&deleted.id).await, None);
    assert_eq!(stage.triggered(&event(1)).await, [id(1)]);
}

/// Switches a webhook off as it was read, at the time of [`changed`].
async fn disable(stage: &Stage, read: &Webhook, because: &str) -> Replaced {
    let found = Found {
        webhook: read,
        trace: None,
    };
    let disabled = stage.store.disable_webhook(found, because, at(90)).await;
    disabled.unwrap()
}
