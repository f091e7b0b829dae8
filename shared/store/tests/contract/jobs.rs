//! Redelivery jobs: one at a time for a webhook, and each sees what has failed in its range, part
//! by part.

use domain::dispatch::{Dispatch, DispatchState};
use domain::id::JobId;
use domain::redelivery::Refusal;
use domain::redelivery_job::{Job, JobState, Progress};
use domain::webhook::Webhook;
use futures::future::join_all;
use store::{Moved, Revived, Started};

use crate::samples::{alice, at, bob, dispatch, event, id, test_dispatch, webhook};
use crate::stage::{DISPATCHES, Stage};

#[tokio::test]
async fn a_job_that_runs_is_the_only_one_of_its_webhook() {
    let stage = Stage::new().await;
    let started = join_all((1..=9).map(|number| start(&stage, job(number)))).await;
    let new = started.iter().filter(|started| **started == Started::New);
    assert_eq!(new.count(), 1);
    let running = stage.store.running_jobs().await.unwrap();
    assert_eq!(running.len(), 1);
    for started in started {
        match started {
            Started::New => {}
            Started::Running(found) => assert_eq!(*found, running[0]),
        }
    }
}

#[tokio::test]
async fn jobs_of_other_webhooks_and_users_run_beside_it() {
    let stage = Stage::new().await;
    let others = [
        Job {
            webhook: id(2),
            ..job(2)
        },
        Job {
            user: bob(),
            ..job(1)
        },
    ];
    assert_eq!(start(&stage, job(1)).await, Started::New);
    for other in &others {
        assert_eq!(start(&stage, other.clone()).await, Started::New);
    }
    assert_eq!(stage.store.running_jobs().await.unwrap().len(), 3);
    let found = stage.store.job(&bob(), &id(1), &job(1).id).await.unwrap();
    assert_eq!(found.as_ref(), Some(&others[1]));
    let not_his = stage.store.job(&bob(), &id(2), &job(2).id).await.unwrap();
    assert_eq!(not_his, None);
}

#[tokio::test]
async fn a_job_is_moved_on_once_for_each_part_and_makes_room_when_it_ends() {
    let stage = Stage::new().await;
    let first = job(1);
    assert_eq!(start(&stage, first.clone()).await, Started::New);
    let second = first.after_part(3, Some("D#1".to_owned()), at(60));
    assert_eq!(moved(&stage, &first, &second).await, Moved::Done);
    assert_eq!(moved(&stage, &first, &second).await, Moved::ByAnother);
    let running = stage.store.running_jobs().await.unwrap();
    assert_eq!(running, std::slice::from_ref(&second));
    let last = second.after_part(1, None, at(120));
    assert_eq!(moved(&stage, &second, &last).await, Moved::Done);
    assert_eq!(moved(&stage, &last, &last).await, Moved::ByAnother);
    assert_eq!(stage.store.running_jobs().await.unwrap(), []);
    let found = stage.store.job(&alice(), &id(1), &first.id).await.unwrap();
    assert_eq!(found, Some(last));
    assert_eq!(start(&stage, job(2)).await, Started::New);
    let stopped = job(2).stopped(Refusal::WebhookDisabled, at(180));
    assert_eq!(moved(&stage, &job(2), &stopped).await, Moved::Done);
    let found = stage.store.job(&alice(), &id(1), &job(2).id).await.unwrap();
    assert_eq!(found, Some(stopped));
}

#[tokio::test]
async fn a_mark_without_a_job_is_in_nobodys_way() {
    let stage = Stage::new().await;
    for number in [1, 2] {
        assert_eq!(start(&stage, job(number)).await, Started::New);
        let pk = format!("U#alice#W#{}", id(1));
        let sk = format!("J#{}", job(number).id);
        stage.remove(DISPATCHES, (&pk, &sk)).await;
    }
    assert_eq!(stage.store.running_jobs().await.unwrap(), []);
    assert!(stage.items(DISPATCHES, "J").await.is_empty());
}

#[tokio::test]
async fn a_job_comes_to_all_that_has_failed_in_its_range_part_by_part() {
    let stage = Stage::new().await;
    let failed: Vec<Dispatch> = (1..=7).map(|number| failed(&webhook(1), number)).collect();
    for claimed in &failed {
        stage.claim(claimed).await;
    }
    let trial = Dispatch {
        state: failed[0].state.clone(),
        ..test_dispatch(&webhook(1), 3)
    };
    let delivered = Dispatch {
        state: DispatchState::Succeeded,
        ..dispatch(&webhook(1), &event(30))
    };
    let others = self::failed(&webhook(2), 4);
    for none_of_its_business in [&trial, &delivered, &others] {
        stage.claim(none_of_its_business).await;
    }
    for (since, until, expected) in [
        (None, 100, &failed[..]),
        (Some(2), 100, &failed[1..]),
        (None, 6, &failed[..5]),
        (Some(3), 5, &failed[2..4]),
        (Some(50), 60, &[]),
    ] {
        let mut job = Job {
            since: since.map(at),
            until: at(until),
            ..job(1)
        };
        let mut seen = Vec::new();
        while job.state == JobState::Running {
            let left = stage.store.left_of(&job).await.unwrap();
            assert_eq!(left, expected.len() - seen.len());
            let part = stage.store.next_part(&job, 2).await.unwrap();
            assert!(part.dispatches.len() <= 2);
            job = job.after_part(0, part.cursor, at(200));
            seen.extend(part.dispatches);
        }
        assert_eq!(seen, expected, "{since:?} {until}");
    }
}

#[tokio::test]
async fn what_a_job_has_set_going_stays_in_its_part_and_is_not_left_any_more() {
    let stage = Stage::new().await;
    let dispatches = [1, 2].map(|number| failed(&webhook(1), number));
    for claimed in &dispatches {
        stage.claim(claimed).await;
    }
    let begun = dispatches[0].redelivered(at(60), Some(job(1).id));
    let revived = stage.store.revive(&dispatches[0], &begun, at(60)).await;
    assert_eq!(revived.unwrap(), Revived::Done);
    let expected = [begun, dispatches[1].clone()];
    let part = stage.store.next_part(&job(1), 10).await.unwrap();
    assert_eq!((&part.dispatches[..], part.cursor), (&expected[..], None));
    assert_eq!(stage.store.left_of(&job(1)).await.unwrap(), 1);
    // To another job it is a dispatch that is going, like any other.
    let part = stage.store.next_part(&job(2), 10).await.unwrap();
    assert_eq!(part.dispatches, dispatches[1..]);
}

/// Alice's job number `number` of her first webhook.
fn job(number: u8) -> Job {
    Job {
        id: JobId::from_bytes([number; 16]),
        user: alice(),
        webhook: id(1),
        since: None,
        until: at(100),
        started_at: at(0),
        progress: Progress::default(),
        state: JobState::Running,
    }
}

/// A dispatch of event `number` that was given up.
fn failed(webhook: &Webhook, number: u32) -> Dispatch {
    let reason = "given up".to_owned();
    Dispatch {
        state: DispatchState::Failed { reason },
        ..dispatch(webhook, &event(number))
    }
}

async fn start(stage: &Stage, job: Job) -> Started {
    stage.store.start_job(&job).await.unwrap()
}

async fn moved(stage: &Stage, read: &Job, moved: &Job) -> Moved {
    stage.store.move_job(read, moved).await.unwrap()
}
