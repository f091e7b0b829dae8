//! Lists of webhooks: what they show, and that they read no more than that.

use domain::condition::Condition;
use domain::id::ActorId;
use domain::webhook::Webhook;
use store::{Firing, Page, WebhookPage};

use crate::samples::{ALL, ad_hoc, alice, at, dispatch, event, id, webhook};
use crate::stage::{Stage, WEBHOOKS};

#[tokio::test]
async fn ad_hoc_webhooks_that_have_not_fired_are_listed_among_the_others_by_time() {
    let stage = Stage::new().await;
    let (mut all, mut fired) = (Vec::new(), Vec::new());
    for number in 1..=12 {
        let at = at(u32::from(number) * 10);
        let standing = Webhook {
            created_at: at,
            ..webhook(number)
        };
        let [waits, fires] = [100, 200].map(|more| Webhook {
            created_at: at.after(std::time::Duration::from_secs(more / 100)),
            ..ad_hoc(number + u8::try_from(more).unwrap(), number.into())
        });
        stage.define(&standing).await;
        // One kind through the API, one with the run.
        stage.register(&[&waits]).await;
        stage.define(&fires).await;
        all.extend([standing, waits]);
        fired.push(fires);
    }
    for (fires, number) in fired.iter().zip(1..) {
        let dispatch = dispatch(fires, &event(number));
        assert_eq!(stage.fire(&dispatch).await, Firing::Ours);
    }
    for newest_first in [true, false] {
        if newest_first {
            all.reverse();
        }
        let mut listed = Vec::new();
        for offset in (0..all.len()).step_by(7) {
            let page = read(&stage, offset, 7, newest_first).await;
            let shown = page.items.into_iter().map(|(webhook, _)| webhook);
            listed.extend(shown);
        }
        assert_eq!(listed, all);
        if newest_first {
            all.reverse();
        }
    }
    // What has fired was taken out when a list came upon it.
    let entries = stage.items(WEBHOOKS, "U#alice#L").await;
    assert_eq!(entries.len(), all.len() + 1);
    assert_eq!(read(&stage, 0, 1, false).await.total, all.len());
}

#[tokio::test]
async fn what_is_deleted_is_listed_no_longer_and_what_is_repeated_only_once() {
    let stage = Stage::new().await;
    let (standing, waits) = (webhook(1), ad_hoc(2, 7));
    stage.define(&standing).await;
    stage.register(&[&waits]).await;
    // The event comes again, later.
    let again = Webhook {
        created_at: at(5),
        ..waits.clone()
    };
    stage.register(&[&again]).await;
    let mut both = [standing, waits];
    both.sort_by_key(|webhook| (webhook.created_at, webhook.id.clone()));
    let list = stage.store.webhook_page(&alice(), None, ALL).await.unwrap();
    let shown: Vec<_> = list.items.into_iter().map(|(webhook, _)| webhook).collect();
    assert_eq!(shown, both);
    for webhook in &both {
        assert!(stage.delete(&webhook.id).await);
    }
    assert!(stage.listed(&alice()).await.is_empty());
}

#[tokio::test]
async fn a_page_reads_the_definitions_that_it_shows_and_no_other() {
    let stage = Stage::new().await;
    for number in 1..=60 {
        stage.define(&webhook(number)).await;
        stage
            .register(&[&ad_hoc(number + 100, number.into())])
            .await;
    }
    for number in 1..=20 {
        assert!(stage.delete(&id(number)).await);
    }
    for (limit, batches) in [(1, 2), (10, 2), (100, 4)] {
        let (queries, gets) = (stage.calls("Query"), stage.calls("BatchGetItem"));
        let page = read(&stage, 0, limit, true).await;
        assert_eq!((page.total, page.items.len()), (100, limit));
        // Standing ones and ad hoc ones.
        assert_eq!(stage.calls("Query") - queries, 2);
        // Definitions, and what they have done.
        let gets = stage.calls("BatchGetItem") - gets;
        assert!(gets <= batches + limit as u64 / 50, "{limit}: {gets}");
    }
    let queries = stage.calls("Query");
    let condition = Condition::Actor(ActorId::parse("actor").unwrap());
    let user = alice();
    let page = stage.store.webhook_page(&user, Some(&condition), ALL);
    assert_eq!(page.await.unwrap().total, 40);
    assert_eq!(stage.calls("Query") - queries, 1);
}

#[tokio::test]
async fn webhooks_that_are_older_than_lists_of_entries_are_entered() {
    let stage = Stage::new().await;
    let webhooks = [1, 2, 3].map(webhook);
    for webhook in &webhooks {
        stage.define(webhook).await;
    }
    let left = dispatch(&webhooks[2], &event(1));
    stage.claim(&left).await;
    assert!(stage.delete(&id(3)).await);
    for entry in stage.items(WEBHOOKS, "U#alice#L").await {
        let sk = entry["sk"].as_s().unwrap();
        stage.remove(WEBHOOKS, ("U#alice#L", sk)).await;
    }
    // The first thing that happens is another definition.
    stage.define(&webhook(4)).await;
    let expected = [&webhooks[..2], &[webhook(4)]].concat();
    for _ in 0..2 {
        assert_eq!(stage.listed(&alice()).await, expected);
        let dispatches = stage.store.dispatches_of_user(&alice(), None, ALL).await;
        assert_eq!(dispatches.unwrap().items, std::slice::from_ref(&left));
    }
}

async fn read(stage: &Stage, offset: usize, limit: usize, newest_first: bool) -> WebhookPage {
    let page = Page {
        offset,
        limit,
        newest_first,
    };
    let page = stage.store.webhook_page(&alice(), None, page).await;
    page.unwrap()
}
