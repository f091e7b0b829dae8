//! Reading all of a user's dispatches, of whatever webhooks, page by page.

use std::collections::HashSet;

use domain::dispatch::Dispatch;
use domain::dispatch_id::AD_HOC_SHARDS;
use domain::event::Event;
use futures::{StreamExt, stream};
use store::{Counts, DispatchPage, Page};

use crate::samples::{ALL, ad_hoc, alice, at, dispatch, event, test_dispatch, webhook};
use crate::stage::Stage;

#[tokio::test]
async fn pages_in_both_orders_make_up_the_whole_list() {
    let stage = Stage::new().await;
    let mut all = mixture(&stage).await;
    let shards: HashSet<_> = all.iter().map(|one| one.id.partition()).collect();
    assert!(shards.len() > 6, "all of few partitions");
    for newest_first in [false, true] {
        for limit in [40, all.len(), 1000] {
            let mut listed = Vec::new();
            for offset in (0..all.len()).step_by(limit) {
                let page = Page {
                    offset,
                    limit,
                    newest_first,
                };
                let page = read(&stage, page).await;
                assert_eq!(page.total, all.len());
                assert_eq!(page.items.len(), limit.min(all.len() - offset));
                listed.extend(page.items);
            }
            assert!(listed == all, "pages of {limit}");
        }
        all.reverse();
    }
}

#[tokio::test]
async fn past_the_end_there_is_nothing_and_the_total_stays_real() {
    let stage = Stage::new().await;
    let none = read(&stage, ALL).await;
    assert_eq!((none.total, none.items.len()), (0, 0));
    claim_all(
        &stage,
        vec![
            dispatch(&webhook(1), &event(1)),
            dispatch(&ad_hoc(2, 2), &event(2)),
        ],
    )
    .await;
    stage.define(&webhook(1)).await;
    for newest_first in [false, true] {
        for (offset, limit, count) in [
            (0, 0, 0),
            (1, 10, 1),
            (2, 10, 0),
            (1_000_000, 1000, 0),
            (usize::MAX, usize::MAX, 0),
        ] {
            let page = Page {
                offset,
                limit,
                newest_first,
            };
            let page = read(&stage, page).await;
            assert_eq!((page.total, page.items.len()), (2, count), "{offset}");
        }
    }
}

#[tokio::test]
async fn a_page_costs_one_query_of_each_partition_however_long_the_list_is() {
    let stage = Stage::new().await;
    stage.define(&webhook(1)).await;
    let of_one = |number| dispatch(&webhook(1), &event(number));
    claim_all(&stage, (0..600).map(of_one).collect()).await;
    let first_five = Page {
        offset: 0,
        limit: 5,
        newest_first: true,
    };
    // What was counted is known: nothing is counted again.
    let before = stage.calls("Query");
    let webhook = webhook(1);
    let list = stage.store.dispatches_of_webhook(&webhook, 600, first_five);
    assert_eq!(list.await.unwrap().total, 600);
    assert_eq!(stage.calls("Query") - before, 1);
    // One of each partition, and one that lists the webhooks.
    let partitions = 1 + u64::from(AD_HOC_SHARDS);
    for (offset, items) in [(0, 5), (20, 5)] {
        let before = stage.calls("Query");
        let page = Page {
            offset,
            ..first_five
        };
        let page = read(&stage, page).await;
        assert_eq!((page.total, page.items.len()), (600, items));
        assert_eq!(stage.calls("Query") - before, 1 + partitions);
    }
    // A page far behind reads what lies before it, and no more.
    let before = stage.calls("Query");
    let far = Page {
        offset: 545,
        ..first_five
    };
    let expected = [54, 53, 52, 51, 50].map(of_one);
    assert_eq!(read(&stage, far).await.items, expected);
    let at_once = 550u64.div_ceil(partitions);
    let further = 550u64.div_ceil(at_once) - 1;
    assert_eq!(stage.calls("Query") - before, 1 + partitions + further);
}

#[tokio::test]
async fn deleted_webhooks_do_not_slow_a_list_that_does_not_come_to_their_dispatches() {
    let stage = Stage::new().await;
    stage.define(&webhook(1)).await;
    let newest = (200..230).map(|number| dispatch(&webhook(1), &event(number)));
    let newest: Vec<_> = newest.collect();
    claim_all(&stage, newest.clone()).await;
    let partitions = 1 + u64::from(AD_HOC_SHARDS);
    let first_ten = Page {
        offset: 0,
        limit: 10,
        newest_first: true,
    };
    // Every second one leaves a dispatch behind.
    let mut left = Vec::new();
    for number in 2..=41 {
        let gone = webhook(number);
        stage.define(&gone).await;
        if number % 2 == 0 {
            left.push(dispatch(&gone, &event(number.into())));
            claim_all(&stage, left[left.len() - 1..].to_vec()).await;
        }
        assert!(stage.delete(&gone.id).await);
    }
    let before = stage.calls("Query");
    let page = read(&stage, first_ten).await;
    assert_eq!(stage.calls("Query") - before, 1 + partitions);
    assert_eq!(page.total, newest.len() + left.len());
    let expected: Vec<_> = newest.into_iter().rev().take(10).collect();
    assert_eq!(page.items, expected);
    // Those that have left something are read where the list comes to it.
    let before = stage.calls("Query");
    let oldest = Page {
        newest_first: false,
        ..first_ten
    };
    assert_eq!(read(&stage, oldest).await.items, left[..10]);
    assert!(stage.calls("Query") - before <= 1 + partitions + 11);
}

#[tokio::test]
async fn a_list_with_a_count_that_is_too_low_goes_on_to_its_end() {
    let stage = Stage::new().await;
    stage.define(&webhook(1)).await;
    // Whoever should have counted them has died.
    let uncounted = (0..90).map(|number| dispatch(&webhook(1), &event(number)));
    for dispatch in uncounted {
        stage.claim(&dispatch).await;
    }
    for (offset, total) in [(0, 31), (30, 61), (60, 90), (90, 90)] {
        let page = Page {
            offset,
            limit: 30,
            newest_first: false,
        };
        let webhook = webhook(1);
        let of_one = stage.store.dispatches_of_webhook(&webhook, 7, page);
        let of_one = of_one.await.unwrap();
        let of_user = read(&stage, page).await;
        let read_all = offset >= 60;
        assert!(
            of_one.total == total || read_all && of_one.total == 91,
            "{offset}"
        );
        assert!(of_user.total > offset + of_user.items.len() || of_user.total >= 90);
        assert_eq!(of_one.items, of_user.items);
    }
}

/// Dispatches of three standing webhooks, one of them deleted since, and of many ad hoc ones, at
/// equal times and at different ones. In the order of a list.
async fn mixture(stage: &Stage) -> Vec<Dispatch> {
    let standing = [1, 2, 3].map(webhook);
    for webhook in &standing {
        stage.define(webhook).await;
    }
    let mut all = Vec::new();
    for number in 1..=40 {
        // Three events at each time.
        let event = at_time(&event(number), number / 3);
        for webhook in standing.iter().take(number as usize % 4) {
            all.push(dispatch(webhook, &event));
        }
        let number = u8::try_from(number).unwrap();
        let ad_hoc = ad_hoc(number + 100, number.into());
        all.push(dispatch(&ad_hoc, &event));
    }
    // One webhook has most.
    all.extend((100..160).map(|number| dispatch(&standing[1], &event(number))));
    all.push(test_dispatch(&standing[0], 5));
    claim_all(stage, all.clone()).await;
    assert!(stage.delete(&standing[2].id).await);
    all.sort_by_key(|one| (one.id.created_at(), one.id.hash().to_owned()));
    all
}

fn at_time(event: &Event, seconds: u32) -> Event {
    Event {
        created_at: at(seconds),
        ..event.clone()
    }
}

async fn claim_all(stage: &Stage, dispatches: Vec<Dispatch>) {
    let claims = stream::iter(&dispatches).map(|dispatch| stage.claim(dispatch));
    claims.buffer_unordered(16).collect::<()>().await;
    let won: Vec<_> = dispatches.iter().collect();
    stage.store.correct(&Counts::of_new(&won)).await.unwrap();
}

async fn read(stage: &Stage, page: Page) -> DispatchPage {
    stage
        .store
        .dispatches_of_user(&alice(), None, page)
        .await
        .unwrap()
}
