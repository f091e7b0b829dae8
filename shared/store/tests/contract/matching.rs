//! Which webhooks wait for an event.

use domain::condition::Condition;
use domain::event::{Event, Subject};
use domain::event_type::EventTypes;
use domain::id::{ActorId, RunId, TaskId, WebhookId};
use domain::matching::MatchEntry;
use domain::spread::Spread;
use domain::webhook::{Lifetime, Webhook, WebhookState};
use store::StoreError;

use crate::samples::{event, id, run, webhook};
use crate::stage::{Stage, WEBHOOKS, text};

#[tokio::test]
async fn an_event_finds_the_webhooks_of_its_actor_of_its_task_and_of_its_run() {
    let stage = Stage::new().await;
    let conditions = [
        Condition::Actor(actor("actor")),
        Condition::Task(task("task")),
        Condition::Run(run(1)),
        // Neighbours, whose names are the same but for the kind, or begin the same.
        Condition::Actor(actor("task")),
        Condition::Task(task("run1")),
        Condition::Run(RunId::parse("actor").unwrap()),
        Condition::Run(run(11)),
    ];
    for (condition, number) in conditions.into_iter().zip(1..) {
        stage.define(&waiting_at(condition, number)).await;
    }
    assert_eq!(stage.triggered(&event(1)).await, [id(1), id(2), id(3)]);
    assert_eq!(stage.triggered(&event(2)).await, [id(1), id(2)]);
}

#[tokio::test]
async fn an_entry_says_which_events_trigger_its_webhook_and_whether_it_is_in_force() {
    let stage = Stage::new().await;
    let mut switched_off = Webhook {
        state: WebhookState::Disabled,
        ..webhook(1)
    };
    switched_off.definition.event_types =
        EventTypes::parse(["ACTOR.RUN.FAILED", "ACTOR.BUILD.CREATED"]).unwrap();
    stage.define(&switched_off).await;
    let expected = MatchEntry {
        webhook: switched_off.id,
        events: switched_off.definition.event_types.mask(),
        enabled: false,
        lifetime: Lifetime::Standing,
        fired_by: None,
        hears_from: None,
        spread: Spread::default(),
        is_removed: false,
    };
    assert_eq!(stage.waiting(&event(1)).await, [expected]);
}

#[tokio::test]
async fn a_match_document_that_cannot_be_read_fails_its_own_events_and_no_other() {
    let stage = Stage::new().await;
    for number in 1..=3 {
        let condition = Condition::Run(run(number.into()));
        stage.define(&waiting_at(condition, number)).await;
    }
    let entry = format!("w_{}", webhook(2).id);
    stage
        .change(WEBHOOKS, ("U#alice#R#run2", "M"), &entry, text("garbage"))
        .await;
    let events = [event(1), event(2), event(3)];
    let answers = stage.store.waiting_for(&events.each_ref()).await;
    assert_eq!(ids(answers[0].as_ref().unwrap()), [id(1)]);
    assert!(matches!(answers[1], Err(StoreError::Item { .. })));
    assert_eq!(ids(answers[2].as_ref().unwrap()), [id(3)]);
}

#[tokio::test]
async fn more_events_than_one_call_reads_for_find_their_webhooks_in_order() {
    let stage = Stage::new().await;
    let own_actor = |number: u8| actor(&format!("actor{number}"));
    // Three keys each: two calls. Only every other actor has a webhook.
    let mut events = Vec::new();
    for number in 1..=60 {
        let subject = Subject::Run {
            actor_id: own_actor(number),
            actor_task_id: Some(task(&format!("task{number}"))),
            actor_run_id: run(number.into()),
        };
        events.push(Event {
            subject,
            ..event(number.into())
        });
        if number % 2 == 0 {
            let condition = Condition::Actor(own_actor(number));
            stage.define(&waiting_at(condition, number)).await;
        }
    }
    let answers = stage
        .store
        .waiting_for(&events.iter().collect::<Vec<_>>())
        .await;
    assert_eq!(answers.len(), 60);
    for (answer, number) in answers.iter().zip(1..) {
        let own = (number % 2 == 0).then(|| id(number));
        assert_eq!(ids(answer.as_ref().unwrap()), Vec::from_iter(own));
    }
}

#[tokio::test]
async fn events_that_share_a_document_both_find_what_is_in_it() {
    let stage = Stage::new().await;
    stage.define(&webhook(1)).await;
    let events = [event(1), event(1), event(2)];
    for answer in stage.store.waiting_for(&events.each_ref()).await {
        assert_eq!(ids(&answer.unwrap()), [id(1)]);
    }
}

/// Alice's standing webhook with this condition.
fn waiting_at(condition: Condition, number: u8) -> Webhook {
    Webhook {
        condition,
        ..webhook(number)
    }
}

fn ids(entries: &[MatchEntry]) -> Vec<WebhookId> {
    entries.iter().map(|entry| entry.webhook.clone()).collect()
}

fn actor(name: &str) -> ActorId {
    ActorId::parse(name).unwrap()
}

fn task(name: &str) -> TaskId {
    TaskId::parse(name).unwrap()
}
