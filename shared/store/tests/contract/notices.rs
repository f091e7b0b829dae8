//! What owners are told: it is written down with the change, by whoever makes the change, and by
//! nobody else.

use domain::dispatch::Next;
use domain::due::Minute;
use domain::endpoint::Health;
use domain::notice::{Found, Notice, SHARDS, not_counted_yet};
use domain::webhook::{Webhook, WebhookState};
use futures::future::join_all;
use store::{Attempt, Recorded, Replaced};

use crate::samples::{alice, at, bob, changed, dispatch, event, failed_call, id, message, webhook};
use crate::stage::Stage;
use crate::subject::Subject;

/// Types of all that is to be told now, sorted.
async fn pending(stage: &Stage) -> Vec<&'static str> {
    let mut kinds = Vec::new();
    for shard in 0..SHARDS {
        for pending in stage.store.pending_notices(shard).await.unwrap() {
            kinds.push(pending.unwrap().change.name());
        }
    }
    kinds.sort_unstable();
    kinds
}

/// Notices about dispatches, once those that were exhausted before a minute are counted.
async fn exhausted(stage: &Stage, before: Minute) -> Vec<Notice> {
    let mut all = Vec::new();
    for shard in 0..SHARDS {
        let failures = stage.store.count_exhausted(shard, before).await.unwrap();
        assert!(failures.is_empty(), "{failures:?}");
    }
    for shard in 0..SHARDS {
        let found = stage.store.pending_notices(shard).await.unwrap();
        all.extend(found.into_iter().map(Result::unwrap));
    }
    all
}

fn of(webhook: &Webhook) -> Found<'_> {
    let trace = None;
    Found { webhook, trace }
}

#[tokio::test]
async fn of_many_who_find_a_webhook_failing_one_tells_and_the_same_of_its_recovery() {
    let stage = Stage::new().await;
    let read = webhook(1);
    stage.define(&read).await;
    let notice = Notice::failing(of(&read), at(1), at(9)).unwrap();
    let noted = join_all((0..5).map(|_| stage.store.note_failing(&read, &notice))).await;
    let done = |noted: Vec<Result<Replaced, _>>| {
        let done = noted.into_iter().map(Result::unwrap);
        done.filter(|noted| *noted == Replaced::Done).count()
    };
    assert_eq!(done(noted), 1);
    assert_eq!(pending(&stage).await, ["webhook.failing"]);
    let failing = stage.found(&read.id).await.unwrap();
    assert_eq!(failing.failing_since, Some(at(9)));
    assert_eq!(failing.version, read.version);
    // Whoever has read it before, changes nothing over this.
    let stale = stage.replace(&read, &changed(&read)).await;
    assert_eq!(stale, Replaced::ChangedMeanwhile);

    let notice = Notice::recovered(of(&failing), at(20)).unwrap();
    let noted = join_all((0..5).map(|_| stage.store.note_recovered(&failing, &notice))).await;
    assert_eq!(done(noted), 1);
    assert_eq!(
        pending(&stage).await,
        ["webhook.failing", "webhook.recovered"]
    );
    assert_eq!(stage.found(&read.id).await, Some(read));
}

#[tokio::test]
async fn a_webhook_that_is_switched_off_is_not_failing_any_more() {
    let stage = Stage::new().await;
    let read = webhook(1);
    stage.define(&read).await;
    let notice = Notice::failing(of(&read), at(1), at(9)).unwrap();
    let noted = stage.store.note_failing(&read, &notice).await.unwrap();
    assert_eq!(noted, Replaced::Done);
    let failing = stage.found(&read.id).await.unwrap();
    let off = stage
        .store
        .disable_webhook(of(&failing), "gone", at(30))
        .await;
    assert_eq!(off.unwrap(), Replaced::Done);
    let off = stage.found(&read.id).await.unwrap();
    assert_eq!(
        (off.state, off.failing_since),
        (WebhookState::Disabled, None)
    );
    // What is off is not switched off again.
    let again = stage.store.disable_webhook(of(&off), "gone", at(31)).await;
    assert_eq!(again.unwrap(), Replaced::ChangedMeanwhile);
    assert_eq!(
        pending(&stage).await,
        ["webhook.disabled", "webhook.failing"]
    );
    // A failure that was found before tells nobody.
    let late = stage.store.note_failing(&read, &notice).await.unwrap();
    assert_eq!(late, Replaced::ChangedMeanwhile);
}

#[tokio::test]
async fn of_many_pauses_of_an_outage_the_first_is_told_of_and_its_end_by_whoever_finds_it() {
    let subject = Subject::new().await;
    let dead = subject.silence(1).await;
    join_all((60..80).map(|until| subject.pause(&dead, until))).await;
    assert_eq!(pending(&subject.stage).await, ["endpoint.paused"]);
    let paused = subject.known().await.outages[&subject.scopes.url].clone();
    assert!(subject.pause(&paused, 200).await);
    assert_eq!(pending(&subject.stage).await, ["endpoint.paused"]);
    // They all began when nothing was known of a pause.
    join_all((0..5).map(|_| subject.succeed(false))).await;
    let told = ["endpoint.paused", "endpoint.resumed"];
    assert_eq!(pending(&subject.stage).await, told);
    assert_eq!(subject.known().await, Health::default());
    subject.succeed(false).await;
    assert_eq!(pending(&subject.stage).await, told);
}

#[tokio::test]
async fn exhausted_dispatches_are_recorded_beside_others_and_counted_by_webhook_and_minute() {
    let stage = Stage::new().await;
    stage.define(&webhook(1)).await;
    let mut dispatches = Vec::new();
    for number in 1..=12 {
        let made = dispatch(&webhook(1), &event(number));
        stage.keep(&[&event(number)]).await;
        stage.claim(&made).await;
        dispatches.push(made);
    }
    let reason = "The only retry failed".to_owned();
    let attempts: Vec<Attempt> = dispatches
        .iter()
        .enumerate()
        .map(|(place, made)| Attempt {
            message: message(made, 1),
            call: failed_call(1),
            next: match place % 4 {
                0 => Next::Retry { at: at(60) },
                _ => Next::Exhausted {
                    reason: reason.clone(),
                },
            },
            trace: None,
        })
        .collect();
    let recorded = stage.store.record(&attempts).await;
    assert!(
        recorded
            .iter()
            .all(|one| matches!(one, Ok(Recorded::Written)))
    );
    // Of those that are on record already, nothing is told again.
    let again = stage.store.record(&attempts).await;
    assert!(
        again
            .iter()
            .all(|one| matches!(one, Ok(Recorded::AlreadyThere)))
    );
    let finished = failed_call(1).finished_at;
    let minute = Minute::of(finished);
    assert!(exhausted(&stage, minute).await.is_empty(), "it is not over");
    assert!(not_counted_yet(finished) <= minute);
    let [pending] = &exhausted(&stage, Minute::of(minute.end())).await[..] else {
        panic!("one notice")
    };
    let json: serde_json::Value = serde_json::from_str(&pending.to_json().unwrap()).unwrap();
    assert_eq!(
        (&json["type"], &json["count"]),
        (&"dispatch.exhausted".into(), &9.into())
    );
    stage.store.note_sent(&[pending]).await.unwrap();
    assert!(exhausted(&stage, Minute::of(minute.end())).await.is_empty());
}

#[tokio::test]
async fn owners_read_the_last_notices_of_a_webhook_and_nobody_elses() {
    let stage = Stage::new().await;
    let of_bob = Webhook {
        user: bob(),
        ..webhook(1)
    };
    let told =
        |webhook: &Webhook, seconds| Notice::failing(of(webhook), at(1), at(seconds)).unwrap();
    let [first, second, third] = [10, 20, 30].map(|seconds| told(&webhook(1), seconds));
    let others = [told(&webhook(2), 15), told(&of_bob, 16)];
    let all = [&third, &first, &second, &others[0], &others[1]];
    for _ in 0..2 {
        stage.store.lay_out(&all).await.unwrap();
    }
    let read = stage.store.notices(&alice(), &id(1), 2).await.unwrap();
    assert_eq!(read, [third.clone(), second.clone()]);
    let read = stage.store.notices(&alice(), &id(1), 9).await.unwrap();
    assert_eq!(read, [third, second, first]);
    let read = stage.store.notices(&bob(), &id(2), 9).await.unwrap();
    assert_eq!(read, [] as [Notice; 0]);
}
