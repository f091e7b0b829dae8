//! Retries that wait longer than a queue can hold them: each is found when its minute is taken, and
//! no minute is passed over.

use domain::due::{Minute, SHARDS};
use domain::timestamp::Timestamp;
use futures::future::join_all;
use store::{ParkedRetry, Store};

use crate::samples::{at, dispatch, event, message, webhook};
use crate::stage::{DISPATCHES, Stage, text};

#[tokio::test]
async fn a_parked_retry_is_found_in_its_minute_and_in_no_other() {
    let stage = Stage::new().await;
    let (sooner, later) = (retry(1, at(3600)), retry(2, at(3660)));
    for retry in [&sooner, &later] {
        park(&stage.store, retry, at(0)).await;
    }
    let minute = Minute::of(sooner.at);
    assert!(due_in(&stage, minute.previous()).await.is_empty());
    assert_eq!(due_in(&stage, minute).await, [sooner]);
    let next = Minute::of(later.at);
    assert_eq!(next.previous(), minute);
    assert_eq!(due_in(&stage, next).await, [later]);
    let after = Minute::from_number(next.number() + 1);
    assert!(due_in(&stage, after).await.is_empty());
}

#[tokio::test]
async fn a_retry_that_is_parked_twice_is_there_once() {
    let stage = Stage::new().await;
    let parked = retry(1, at(3600));
    let following = ParkedRetry {
        message: parked.message.following(),
        ..parked.clone()
    };
    for retry in [&parked, &following, &parked] {
        park(&stage.store, retry, at(0)).await;
    }
    let mut found = due_in(&stage, Minute::of(parked.at)).await;
    found.sort_by_key(|due| due.message.attempt);
    assert_eq!(found, [parked, following]);
}

#[tokio::test]
async fn all_retries_of_a_minute_are_found_over_all_its_shards() {
    let stage = Stage::new().await;
    let minute = Minute::of(at(3600));
    let retries: Vec<ParkedRetry> = (1..=50).map(|number| retry(number, at(3600))).collect();
    join_all(retries.iter().map(|due| park(&stage.store, due, at(0)))).await;
    for shard in 0..SHARDS {
        let items = stage.items(DISPATCHES, &bucket(minute, shard)).await;
        assert!(!items.is_empty(), "shard {shard}");
    }
    let mut found = due_in(&stage, minute).await;
    found.sort_by_key(|due| due.message.event.created_at);
    assert_eq!(found, retries);
}

#[tokio::test]
async fn a_retry_that_cannot_be_read_holds_up_no_other() {
    let stage = Stage::new().await;
    let retries: Vec<ParkedRetry> = (1..=3).map(|number| retry(number, at(3600))).collect();
    for due in &retries {
        park(&stage.store, due, at(0)).await;
    }
    for (due, attribute) in retries.iter().zip(["message", "at"]) {
        spoil(&stage, due, attribute).await;
    }
    let found = stage.store.due_in(Minute::of(at(3600))).await.unwrap();
    let (read, unreadable): (Vec<_>, Vec<_>) = found.into_iter().partition(Result::is_ok);
    assert_eq!(unreadable.len(), 2);
    let read: Vec<ParkedRetry> = read.into_iter().map(Result::unwrap).collect();
    assert_eq!(read, retries[2..]);
}

#[tokio::test]
async fn the_sweeper_begins_in_the_minute_in_which_the_first_retry_is_parked() {
    let stage = Stage::new().await;
    assert_eq!(stage.store.taken_minute().await.unwrap(), None);
    park(&stage.store, &retry(1, at(3600)), at(30)).await;
    let before = Some(Minute::of(at(30)).previous());
    assert_eq!(stage.store.taken_minute().await.unwrap(), before);
}

#[tokio::test]
async fn parking_never_takes_a_minute_from_a_sweeper_that_is_behind() {
    let stage = Stage::new().await;
    park(&stage.store, &retry(1, at(3600)), at(0)).await;
    let before = stage.store.taken_minute().await.unwrap();
    // By the same process, and by one that has just begun.
    for store in [&stage.store, &another_process(&stage)] {
        park(store, &retry(2, at(9 * 3600)), at(8 * 3600)).await;
        assert_eq!(stage.store.taken_minute().await.unwrap(), before);
    }
}

#[tokio::test]
async fn of_two_sweepers_the_one_that_is_further_says_what_was_taken() {
    let stage = Stage::new().await;
    let minutes = [7, 9, 8, 9, 1].map(Minute::from_number);
    for (minute, expected) in minutes.into_iter().zip([7, 9, 9, 9, 9]) {
        stage.store.note_taken(minute).await.unwrap();
        let taken = stage.store.taken_minute().await.unwrap();
        assert_eq!(taken.map(Minute::number), Some(expected));
    }
    let sweepers = [&stage.store, &another_process(&stage)];
    let notes = (10..30).map(|number| {
        let sweeper = sweepers[usize::from(number % 3 == 0)];
        sweeper.note_taken(Minute::from_number(number))
    });
    assert!(join_all(notes).await.iter().all(Result::is_ok));
    let taken = stage.store.taken_minute().await.unwrap();
    assert_eq!(taken, Some(Minute::from_number(29)));
}

/// The second attempt of the dispatch of event `number`.
fn retry(number: u32, at: Timestamp) -> ParkedRetry {
    ParkedRetry {
        message: message(&dispatch(&webhook(1), &event(number)), 2),
        at,
    }
}

async fn park(store: &Store, due: &ParkedRetry, now: Timestamp) {
    store.park(due, now).await.unwrap();
}

async fn due_in(stage: &Stage, minute: Minute) -> Vec<ParkedRetry> {
    let found = stage.store.due_in(minute).await.unwrap();
    found.into_iter().map(Result::unwrap).collect()
}

fn another_process(stage: &Stage) -> Store {
    stage.store_at(&stage.platform.endpoints().dynamodb)
}

fn bucket(minute: Minute, shard: u8) -> String {
    format!("Q#{}#{shard}", minute.number())
}

async fn spoil(stage: &Stage, due: &ParkedRetry, attribute: &str) {
    let shard = domain::due::shard(&due.message.dispatch);
    let pk = bucket(Minute::of(due.at), shard);
    let sk = format!("{}#{}", due.message.dispatch, due.message.attempt);
    let nonsense = text("nonsense");
    stage
        .change(DISPATCHES, (&pk, &sk), attribute, nonsense)
        .await;
}
