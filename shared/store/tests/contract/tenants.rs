//! Two users with the same ids everywhere never see or touch each other's items.

use domain::delivery_message::DeliveryMessage;
use domain::dispatch::{Dispatch, Next};
use domain::event::{Event, SubjectId};
use domain::id::UserId;
use domain::webhook::Webhook;
use store::{Created, Firing, Recorded};

use crate::samples::{
    ALL, ad_hoc, alice, at, bob, dispatch, event, failed_call, message, run, texts, webhook,
};
use crate::stage::Stage;

/// What a user has: a standing webhook, an ad hoc webhook, an event that has triggered both.
struct Estate {
    standing: Webhook,
    ad_hoc: Webhook,
    event: Event,
    dispatches: [Dispatch; 2],
}

impl Estate {
    /// The same ids, whosever it is.
    fn of(user: &UserId) -> Self {
        let standing = Webhook {
            user: user.clone(),
            ..webhook(1)
        };
        let ad_hoc = Webhook {
            user: user.clone(),
            ..ad_hoc(2, 1)
        };
        let event = Event {
            user: user.clone(),
            ..event(1)
        };
        let dispatches = [dispatch(&standing, &event), dispatch(&ad_hoc, &event)];
        Self {
            standing,
            ad_hoc,
            event,
            dispatches,
        }
    }

    fn webhooks(&self) -> [&Webhook; 2] {
        [&self.standing, &self.ad_hoc]
    }

    async fn build(&self, stage: &Stage) {
        let created = stage
            .store
            .create_webhook(&self.standing, Some("key"), 1)
            .await
            .unwrap();
        assert_eq!(created, Created::New);
        stage.register(&[&self.ad_hoc]).await;
        stage.keep(&[&self.event]).await;
        let firing = stage.store.fire(&self.dispatches[1], &run(1)).await;
        assert_eq!(firing.unwrap(), Firing::Ours);
        for dispatch in &self.dispatches {
            stage.claim(dispatch).await;
        }
    }
}

#[tokio::test]
async fn what_is_another_users_cannot_be_read() {
    let stage = Stage::new().await;
    let (alices, bobs) = (Estate::of(&alice()), Estate::of(&bob()));
    alices.build(&stage).await;
    assert!(stage.store.webhooks(&bob()).await.unwrap().is_empty());
    assert!(stage.waiting(&bobs.event).await.is_empty());
    let run = SubjectId::Run(run(1));
    let events = stage.store.kept_events(&bob(), &run).await.unwrap();
    assert!(events.is_empty());
    for webhook in bobs.webhooks() {
        let found = stage.store.webhook(&bob(), &webhook.id).await.unwrap();
        assert_eq!(found, None);
        assert_eq!(stage.store.dispatches(webhook, ALL).await.unwrap().total, 0);
    }
    // Also with the very ids of Alice's dispatches.
    for dispatch in alices.dispatches.iter().chain(&bobs.dispatches) {
        let found = stage.store.dispatch(&bob(), &dispatch.id).await.unwrap();
        assert_eq!(found, None);
        let message = DeliveryMessage {
            user: bob(),
            ..message(dispatch, 1)
        };
        let load = stage.load(&message).await;
        assert!(
            load.webhook.is_none() && load.event.is_none() && load.dispatch.is_none(),
            "{load:?}"
        );
    }
}

#[tokio::test]
async fn what_is_another_users_cannot_be_changed() {
    let stage = Stage::new().await;
    let alices = Estate::of(&alice());
    alices.build(&stage).await;
    for webhook in alices.webhooks() {
        let deleted = stage.store.delete_webhook(&bob(), &webhook.id, at(9)).await;
        assert!(!deleted.unwrap());
    }
    for dispatch in &alices.dispatches {
        let message = DeliveryMessage {
            user: bob(),
            ..message(dispatch, 1)
        };
        let recorded = stage
            .store
            .record(&message, &failed_call(1), &Next::Succeeded)
            .await
            .unwrap();
        assert_eq!(recorded, Recorded::AlreadyThere);
    }
    assert_has(&stage, &alices).await;
}

#[tokio::test]
async fn users_who_have_the_same_ids_each_have_their_own() {
    let stage = Stage::new().await;
    let (alices, bobs) = (Estate::of(&alice()), Estate::of(&bob()));
    // The same idempotency key too, and room for one webhook each.
    alices.build(&stage).await;
    bobs.build(&stage).await;
    assert_has(&stage, &alices).await;
    assert_has(&stage, &bobs).await;
    for webhook in alices.webhooks() {
        assert!(stage.delete(&webhook.id).await);
    }
    assert_has(&stage, &bobs).await;
}

/// Everything is there, once, and as it was built.
async fn assert_has(stage: &Stage, estate: &Estate) {
    let user = &estate.event.user;
    let standing = stage.store.webhooks(user).await.unwrap();
    assert_eq!(standing, std::slice::from_ref(&estate.standing));
    let triggered = stage.triggered(&estate.event).await;
    assert_eq!(
        triggered,
        estate.webhooks().map(|webhook| webhook.id.clone())
    );
    let subject = estate.event.subject.id();
    let events = stage.store.kept_events(user, &subject).await.unwrap();
    assert_eq!(texts(&events), texts([&estate.event]));
    for (webhook, dispatch) in estate.webhooks().into_iter().zip(&estate.dispatches) {
        let found = stage.store.webhook(user, &webhook.id).await.unwrap();
        assert_eq!(found.as_ref(), Some(webhook));
        let list = stage.store.dispatches(webhook, ALL).await.unwrap();
        assert_eq!(list.items, std::slice::from_ref(dispatch));
        let load = stage.load(&message(dispatch, 1)).await;
        assert_eq!(load.webhook.as_ref(), Some(webhook));
        assert_eq!(texts(&load.event), texts([&estate.event]));
        assert_eq!(load.dispatch.as_ref(), Some(dispatch));
    }
}
