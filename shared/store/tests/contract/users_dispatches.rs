//! Reading all of a user's dispatches, of whatever webhooks, page by page.

use std::collections::HashSet;

use domain::dispatch::Dispatch;
use domain::dispatch_id::AD_HOC_SHARDS;
use domain::event::Event;
use futures::{StreamExt, stream};
use store::{DispatchPage, Page};

use crate::samples::{ALL, ad_hoc, alice, at, dispatch, event, trial, webhook};
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
    // One that counts and one that reads.
    let before = queries(&stage);
    let webhook = webhook(1);
    let list = stage.store.dispatches_of_webhook(&webhook, first_five);
    assert_eq!(list.await.unwrap().total, 600);
    assert_eq!(queries(&stage) - before, 2);
    // The same for each partition, and one that lists the webhooks.
    let partitions = 1 + u64::from(AD_HOC_SHARDS);
    for (offset, items) in [(0, 5), (20, 5)] {
        let before = queries(&stage);
        let page = Page {
            offset,
            ..first_five
        };
        assert_eq!(read(&stage, page).await.items.len(), items);
        assert_eq!(queries(&stage) - before, 1 + 2 * partitions);
    }
    // A page far behind reads what lies before it, and no more.
    let before = queries(&stage);
    let far = Page {
        offset: 545,
        ..first_five
    };
    let expected = [54, 53, 52, 51, 50].map(of_one);
    assert_eq!(read(&stage, far).await.items, expected);
    let at_once = 550u64.div_ceil(partitions);
    let further = 550u64.div_ceil(at_once) - 1;
    assert_eq!(queries(&stage) - before, 1 + 2 * partitions + further);
}

/// Dispatches of three standing webhooks, one of them deleted since, and of many ad hoc ones, at equal times and at different ones. In
/// the order of a list.
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
    all.push(trial(&standing[0], 5));
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
}

async fn read(stage: &Stage, page: Page) -> DispatchPage {
    stage
        .store
        .dispatches_of_user(&alice(), page)
        .await
        .unwrap()
}

/// How many queries the store has made.
fn queries(stage: &Stage) -> u64 {
    let calls = stage.platform.calls().into_iter();
    let queries = calls.filter(|(call, _)| call.operation == "Query");
    queries.map(|(_, count)| count).sum()
}
