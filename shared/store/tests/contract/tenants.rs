//! Two users with the same ids everywhere never see or touch each other's items.

use domain::delivery_message::DeliveryMessage;
use domain::dispatch::{Dispatch, Next};
use domain::endpoint::{Allowance, Endpoint, Health, ScopeId, Scopes};
use domain::event::{Event, SubjectId};
use domain::id::UserId;
use domain::notice::Found;
use domain::request_url::RequestUrl;
use domain::webhook::Webhook;
use store::{
    Activity, Counts, Created, Failure, Firing, Limits, Noted, Recorded, Replaced, Success,
};

use crate::samples::{
    ALL, ad_hoc, alice, at, bob, changed, dispatch, event, failed_call, keyed, message, run,
    test_dispatch, texts, until, webhook, without_templates,
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
            ..keyed(webhook(1), "key")
        };
        let ad_hoc = Webhook {
            user: user.clone(),
            ..keyed(ad_hoc(2, 1), "other key")
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
        let limits = Limits {
            standing_per_user: 1,
            ad_hoc_per_run: 1,
        };
        for webhook in self.webhooks() {
            let created = stage.store.create_webhook(webhook, limits).await;
            assert_eq!(created.unwrap(), Created::New);
        }
        stage.register(&[&self.ad_hoc]).await;
        stage.keep(&[&self.event]).await;
        let [of_standing, of_ad_hoc] = &self.dispatches;
        assert_eq!(stage.fire(of_ad_hoc).await, Firing::Ours);
        for dispatch in [of_standing, of_ad_hoc] {
            stage.claim(dispatch).await;
        }
        stage
            .store
            .correct(&Counts::of_new(&[of_standing]))
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn what_is_another_users_cannot_be_read() {
    let stage = Stage::new().await;
    let (alices, bobs) = (Estate::of(&alice()), Estate::of(&bob()));
    alices.build(&stage).await;
    assert!(stage.listed(&bob()).await.is_empty());
    let page = stage
        .store
        .dispatches_of_user(&bob(), None, ALL)
        .await
        .unwrap();
    assert_eq!((page.total, page.items.len()), (0, 0));
    let webhooks = stage.store.webhooks_of(&bobs.dispatches).await.unwrap();
    assert!(webhooks.is_empty());
    let of_bob = bobs.webhooks().map(Clone::clone);
    for (_, activity) in stage.store.activity(&of_bob).await.unwrap() {
        assert_eq!(activity, Activity::default());
    }
    assert!(stage.waiting(&bobs.event).await.is_empty());
    let run = SubjectId::Run(run(1));
    let events = stage.store.kept_events(&bob(), &run).await.unwrap();
    assert!(events.is_empty());
    for webhook in bobs.webhooks() {
        let found = stage.store.webhook(&bob(), &webhook.id).await.unwrap();
        assert_eq!(found, None);
        let list = stage.store.dispatches_of_webhook(webhook, 0, ALL).await;
        assert_eq!(list.unwrap().total, 0);
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
    for webhook in Estate::of(&bob()).webhooks() {
        let replaced = stage.replace(webhook, &changed(webhook)).await;
        assert_eq!(replaced, Replaced::ChangedMeanwhile);
        let deleted = stage.store.delete_webhook(webhook, at(9), until()).await;
        assert_eq!(deleted.unwrap(), Replaced::ChangedMeanwhile);
        stage
            .store
            .note_test(&test_dispatch(webhook, 9))
            .await
            .unwrap();
    }
    for dispatch in Estate::of(&bob()).dispatches {
        stage
            .store
            .correct(&Counts::of_new(&[&dispatch]))
            .await
            .unwrap();
    }
    for dispatch in &alices.dispatches {
        let message = DeliveryMessage {
            user: bob(),
            ..message(dispatch, 1)
        };
        let recorded = stage
            .record_attempt(&message, &failed_call(1), &Next::Succeeded)
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

#[tokio::test]
async fn what_one_users_webhooks_find_of_a_receiver_is_no_other_users_business() {
    let stage = Stage::new().await;
    let [alices, bobs] = [alice(), bob()].map(|user| Endpoint {
        user,
        host: "example.com".to_owned(),
    });
    let scopes = Scopes::of(&RequestUrl::parse("https://example.com/").unwrap(), true);
    let webhook = webhook(1);
    let of = Found {
        webhook: &webhook,
        trace: None,
    };
    let failure = Failure {
        url: &scopes.url,
        dead: None,
        passed: &[],
        of,
    };
    let nothing = Health::default();
    let failing = stage
        .store
        .note_failure(&alices, &nothing, failure, at(1))
        .await;
    let failing = failing.unwrap();
    stage
        .store
        .note_hang(&alice(), at(60), at(1))
        .await
        .unwrap();
    let both = [alices.clone(), bobs.clone()];
    let users = [alice(), bob()];
    let known = stage.store.healths(&both, &users).await.unwrap();
    let (healths, allowances) = (known.endpoints, known.users);
    assert_eq!(
        (&healths[&alices], &healths[&bobs]),
        (&failing, &Health::default())
    );
    assert_ne!(allowances[&alice()], Allowance::default());
    assert_eq!(allowances[&bob()], Allowance::default());
    let noted = stage.store.note_slow(&bobs, at(60), at(2)).await;
    assert_eq!(noted.unwrap(), Noted::First);
    let all: Vec<&ScopeId> = scopes.all().collect();
    let success = Success {
        passed: &all,
        is_slow: false,
        of,
    };
    let noted = stage.store.note_success(&bobs, &nothing, success, at(3));
    noted.await.unwrap();
    let known = stage.store.healths(&both, &users).await.unwrap();
    let healths = known.endpoints;
    assert_eq!(
        (&healths[&alices], &healths[&bobs]),
        (&failing, &Health::default())
    );
}

/// Everything is there, once, and as it was built.
async fn assert_has(stage: &Stage, estate: &Estate) {
    let user = &estate.event.user;
    let standing = stage.listed(user).await;
    assert_eq!(standing, std::slice::from_ref(&estate.standing));
    let triggered = stage.triggered(&estate.event).await;
    assert_eq!(
        triggered,
        estate.webhooks().map(|webhook| webhook.id.clone())
    );
    let subject = estate.event.subject.id();
    let events = stage.store.kept_events(user, &subject).await.unwrap();
    assert_eq!(texts(&events), texts([&estate.event]));
    let page = stage
        .store
        .dispatches_of_user(user, None, ALL)
        .await
        .unwrap();
    assert_eq!((page.total, page.items.len()), (2, 2));
    assert!(estate.dispatches.iter().all(|own| page.items.contains(own)));
    let webhooks = stage.store.webhooks_of(&page.items).await.unwrap();
    let of_user = estate.webhooks().map(Clone::clone);
    let mut activities = stage.store.activity(&of_user).await.unwrap();
    for (webhook, dispatch) in estate.webhooks().into_iter().zip(&estate.dispatches) {
        assert_eq!(webhooks[&webhook.id], without_templates(webhook));
        let activity = activities.remove(&webhook.id).unwrap();
        assert_eq!(activity.total_dispatches, 1);
        assert_eq!(activity.last.as_ref(), Some(dispatch));
        let found = stage.store.webhook(user, &webhook.id).await.unwrap();
        assert_eq!(found.as_ref(), Some(webhook));
        let list = stage
            .store
            .dispatches_of_webhook(webhook, 0, ALL)
            .await
            .unwrap();
        assert_eq!(list.items, std::slice::from_ref(dispatch));
        let load = stage.load(&message(dispatch, 1)).await;
        assert_eq!(load.webhook.as_deref(), Some(webhook));
        assert_eq!(texts(&stage.event_of(&load).await), texts([&estate.event]));
        assert_eq!(load.dispatch.as_ref(), Some(dispatch));
    }
}
