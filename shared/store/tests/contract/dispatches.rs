//! Reading a webhook's dispatches, page by page.

use domain::dispatch::{Dispatch, DispatchState};
use domain::event::Event;
use domain::webhook::Webhook;
use store::{Firing, Page};

use crate::samples::{ALL, ad_hoc, alice, at, dispatch, event, failed_call, webhook};
use crate::stage::Stage;

#[tokio::test]
async fn pages_in_both_orders_make_up_the_whole_list() {
    let stage = Stage::new().await;
    let mut all = claim_all(&stage, &webhook(1), 1..=23).await;
    claim_all(&stage, &webhook(2), 1..=2).await;
    for newest_first in [false, true] {
        let mut listed = Vec::new();
        for (offset, count) in [(0, 10), (10, 10), (20, 3)] {
            let page = Page {
                offset,
                limit: 10,
                newest_first,
            };
            let page = stage
                .store
                .dispatches_of_webhook(&webhook(1), 23, page)
                .await
                .unwrap();
            assert_eq!((page.total, page.items.len()), (23, count));
            listed.extend(page.items);
        }
        assert_eq!(listed, all);
        all.reverse();
    }
}

#[tokio::test]
async fn past_the_end_of_a_list_there_is_nothing_and_the_total_stays_real() {
    let stage = Stage::new().await;
    claim_all(&stage, &webhook(1), 1..=3).await;
    for (offset, limit, count) in [(3, 10, 0), (1_000_000, 1000, 0), (0, 0, 0), (2, 10, 1)] {
        let page = Page {
            offset,
            limit,
            newest_first: true,
        };
        let page = stage
            .store
            .dispatches_of_webhook(&webhook(1), 3, page)
            .await
            .unwrap();
        assert_eq!(
            (page.total, page.items.len()),
            (3, count),
            "{offset} {limit}"
        );
    }
    let none = stage
        .store
        .dispatches_of_webhook(&webhook(2), 0, ALL)
        .await
        .unwrap();
    assert_eq!((none.total, none.items.len()), (0, 0));
}

#[tokio::test]
async fn a_list_that_is_too_much_for_one_answer_is_counted_and_read_to_its_end() {
    let stage = Stage::new().await;
    let mut all = Vec::new();
    // An answer of DynamoDB holds 1 MB: about 40 of these.
    for number in 1..=60 {
        let mut call = failed_call(number);
        call.response_body = Some("x".repeat(2048));
        let state = DispatchState::Failed {
            reason: "All 11 retries failed".to_owned(),
        };
        let failed = Dispatch {
            state,
            calls: vec![call; 12],
            ..dispatch(&webhook(1), &event(number))
        };
        stage.claim(&failed).await;
        all.push(failed);
    }
    let page = stage
        .store
        .dispatches_of_webhook(&webhook(1), 0, ALL)
        .await
        .unwrap();
    assert_eq!(page.total, 60);
    assert_eq!(page.items, all);
}

#[tokio::test]
async fn an_ad_hoc_webhook_lists_the_one_dispatch_that_it_has_fired() {
    let stage = Stage::new().await;
    let (fired, waits) = (ad_hoc(1, 7), ad_hoc(2, 7));
    stage.register(&[&fired, &waits]).await;
    let dispatch = dispatch(&fired, &event(7));
    assert_eq!(stage.fire(&dispatch).await, Firing::Ours);
    let bound = stage
        .store
        .dispatches_of_webhook(&fired, 0, ALL)
        .await
        .unwrap();
    assert_eq!(
        (bound.total, bound.items.len()),
        (0, 0),
        "it is not claimed yet"
    );
    stage.claim(&dispatch).await;

    let list = stage
        .store
        .dispatches_of_webhook(&fired, 0, ALL)
        .await
        .unwrap();
    assert_eq!((list.total, list.items), (1, vec![dispatch]));
    let past = stage
        .store
        .dispatches_of_webhook(&fired, 0, Page { offset: 1, ..ALL })
        .await
        .unwrap();
    assert_eq!((past.total, past.items.len()), (1, 0));
    let none = stage
        .store
        .dispatches_of_webhook(&waits, 0, ALL)
        .await
        .unwrap();
    assert_eq!((none.total, none.items.len()), (0, 0));
}

#[tokio::test]
async fn a_dispatch_is_found_by_its_id() {
    let stage = Stage::new().await;
    let [first, second] = &claim_all(&stage, &webhook(1), 1..=2).await[..] else {
        panic!("two")
    };
    for claimed in [first, second] {
        let found = stage.store.dispatch(&alice(), &claimed.id).await.unwrap();
        assert_eq!(found.as_ref(), Some(claimed));
    }
    let unknown = dispatch(&webhook(1), &event(3));
    assert_eq!(
        stage.store.dispatch(&alice(), &unknown.id).await.unwrap(),
        None
    );
}

/// Claims the dispatches that these events make of a webhook, not in their order.
async fn claim_all(
    stage: &Stage,
    webhook: &Webhook,
    numbers: impl DoubleEndedIterator<Item = u32>,
) -> Vec<Dispatch> {
    let mut claimed = Vec::new();
    for number in numbers.rev() {
        let dispatch = dispatch(
            webhook,
            &Event {
                created_at: at(number * 1000),
                ..event(number)
            },
        );
        stage.claim(&dispatch).await;
        claimed.push(dispatch);
    }
    claimed.reverse();
    claimed
}
