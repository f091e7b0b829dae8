//! What is known of endpoints: what all workers have seen of one comes together, and of many that act on it at once one does.

use std::collections::HashMap;
use std::slice;

use domain::endpoint::{Endpoint, Health, Lane, Way};
use futures::future::{join, join_all};

use crate::samples::{alice, at};
use crate::stage::Stage;

#[tokio::test]
async fn nothing_is_known_of_a_new_endpoint() {
    let stage = Stage::new().await;
    let (known, new) = (endpoint("known:443"), endpoint("known:8443"));
    let failing = fail(&stage, &known, false, 1).await;
    let healths = stage.store.healths(&[known.clone(), new]).await.unwrap();
    assert_eq!(healths, HashMap::from([(known, failing)]));
    assert!(stage.store.healths(&[]).await.unwrap().is_empty());
}

#[tokio::test]
async fn attempts_without_an_answer_are_counted_from_the_first_failure_on() {
    let stage = Stage::new().await;
    let dead = endpoint("dead:443");
    for unanswered in 1..=3 {
        let expected = Health {
            failing_since: Some(at(1)),
            unanswered,
            ..Health::default()
        };
        assert_eq!(fail(&stage, &dead, false, unanswered).await, expected);
        assert_eq!(known(&stage, &dead).await, expected);
    }
}

#[tokio::test]
async fn failures_at_once_are_all_counted() {
    let stage = Stage::new().await;
    let dead = endpoint("dead:443");
    join_all((0..20).map(|_| fail(&stage, &dead, false, 1))).await;
    assert_eq!(known(&stage, &dead).await.unanswered, 20);
}

#[tokio::test]
async fn an_answer_ends_the_count_and_the_pause_but_not_the_failing() {
    let stage = Stage::new().await;
    let endpoint = endpoint("alive:443");
    let dead = fail(&stage, &endpoint, false, 1).await;
    assert!(pause(&stage, &endpoint, &dead, 60).await);
    let failing = Health {
        failing_since: Some(at(1)),
        ..Health::default()
    };
    assert_eq!(fail(&stage, &endpoint, true, 2).await, failing);
    assert_eq!(known(&stage, &endpoint).await, failing);
}

#[tokio::test]
async fn a_success_ends_every_trouble() {
    let stage = Stage::new().await;
    let endpoint = endpoint("back:443");
    let dead = fail(&stage, &endpoint, false, 1).await;
    assert!(pause(&stage, &endpoint, &dead, 60).await);
    succeed(&stage, &endpoint, false).await;
    assert_eq!(known(&stage, &endpoint).await, Health::default());
    // What fails after that begins anew.
    let again = fail(&stage, &endpoint, false, 9).await;
    assert_eq!((again.failing_since, again.unanswered), (Some(at(9)), 1));
}

#[tokio::test]
async fn of_many_who_pause_an_endpoint_at_once_one_does() {
    let stage = Stage::new().await;
    let dead = endpoint("dead:443");
    let mut read = fail(&stage, &dead, false, 1).await;
    // The first time, and the next one, which is for whoever finds the first one over.
    for pauses in 1..=2 {
        let asked = (1..=20).map(|number| pause(&stage, &dead, &read, pauses * 100 + number));
        let done = join_all(asked).await;
        let made: Vec<u32> = (1..=20)
            .zip(done)
            .filter(|(_, done)| *done)
            .map(|(number, _)| pauses * 100 + number)
            .collect();
        let [made] = made[..] else {
            panic!("one is made: {made:?}")
        };
        read = Health {
            paused_until: Some(at(made)),
            pauses,
            ..read
        };
        assert_eq!(known(&stage, &dead).await, read);
    }
}

#[tokio::test]
async fn a_pause_that_an_answer_has_ended_is_not_prolonged() {
    let stage = Stage::new().await;
    let endpoint = endpoint("alive:443");
    let dead = fail(&stage, &endpoint, false, 1).await;
    assert!(pause(&stage, &endpoint, &dead, 60).await);
    let paused = known(&stage, &endpoint).await;
    let alive = fail(&stage, &endpoint, true, 2).await;
    assert!(!pause(&stage, &endpoint, &paused, 180).await);
    assert_eq!(known(&stage, &endpoint).await, alive);
}

#[tokio::test]
async fn a_slow_endpoint_stays_slow_until_a_success_was_quick() {
    let stage = Stage::new().await;
    let slow = endpoint("slow:443");
    fail(&stage, &slow, false, 1).await;
    let noted = stage.store.note_slow(&slow, at(3600), at(2)).await;
    noted.unwrap();
    succeed(&stage, &slow, true).await;
    let expected = Health {
        slow_until: Some(at(3600)),
        ..Health::default()
    };
    assert_eq!(known(&stage, &slow).await, expected);
    succeed(&stage, &slow, false).await;
    assert_eq!(known(&stage, &slow).await, Health::default());
}

#[tokio::test]
async fn of_many_who_begin_a_trial_at_once_one_does_and_the_next_when_its_time_is_over() {
    let stage = Stage::new().await;
    let new = endpoint("new:443");
    for (now, begun) in [(0, 1), (2, 0), (3, 1)] {
        let trials = (0..20).map(|_| stage.store.begin_trial(&new, at(now + 3), at(now)));
        let trials = join_all(trials).await;
        let done = trials.into_iter().map(Result::unwrap).filter(|done| *done);
        assert_eq!(done.count(), begun, "{now}");
    }
}

#[tokio::test]
async fn a_trial_that_is_refused_changes_nothing() {
    let stage = Stage::new().await;
    let new = endpoint("new:443");
    assert!(begin_trial(&stage, &new, 0, 3).await);
    let on_trial = known(&stage, &new).await;
    assert_eq!(on_trial.trial_until, Some(at(3)));
    assert!(!begin_trial(&stage, &new, 2, 5).await);
    assert_eq!(known(&stage, &new).await, on_trial);
}

#[tokio::test]
async fn a_trial_is_over_as_soon_as_its_outcome_is_noted() {
    let stage = Stage::new().await;
    for authority in ["accepts:443", "answers:443", "hangs:443"] {
        let tried = endpoint(authority);
        assert!(begin_trial(&stage, &tried, 0, 3).await);
        if authority == "accepts:443" {
            succeed(&stage, &tried, false).await;
        } else {
            fail(&stage, &tried, authority == "answers:443", 1).await;
        }
        assert_eq!(known(&stage, &tried).await.trial_until, None, "{authority}");
        assert!(begin_trial(&stage, &tried, 1, 4).await, "{authority}");
    }
}

#[tokio::test]
async fn trust_and_a_trial_that_begins_at_the_same_time_are_both_kept() {
    let stage = Stage::new().await;
    for number in 0..20 {
        let new = endpoint(&format!("new{number}:443"));
        let trust = stage.store.note_trust(&new, at(3600), at(1));
        let (noted, begun) = join(trust, begin_trial(&stage, &new, 1, 4)).await;
        noted.unwrap();
        assert!(begun);
        let both = Health {
            trusted_until: Some(at(3600)),
            trial_until: Some(at(4)),
            ..Health::default()
        };
        assert_eq!(known(&stage, &new).await, both);
    }
}

#[tokio::test]
async fn trust_that_is_noted_late_does_not_make_a_slow_endpoint_quick() {
    let stage = Stage::new().await;
    let slow = endpoint("slow:443");
    let noted = stage.store.note_slow(&slow, at(60), at(2)).await;
    noted.unwrap();
    let noted = stage.store.note_trust(&slow, at(3600), at(2)).await;
    noted.unwrap();
    let health = known(&stage, &slow).await;
    assert_eq!(health.way(Lane::Fast, at(59)), Way::SlowLane);
}

#[tokio::test]
async fn an_endpoint_is_trusted_until_it_is_slow() {
    let stage = Stage::new().await;
    let endpoint = endpoint("quick:443");
    let noted = stage.store.note_trust(&endpoint, at(3600), at(1)).await;
    noted.unwrap();
    succeed(&stage, &endpoint, false).await;
    let trusted = Health {
        trusted_until: Some(at(3600)),
        ..Health::default()
    };
    assert_eq!(known(&stage, &endpoint).await, trusted);
    let noted = stage.store.note_slow(&endpoint, at(60), at(2)).await;
    noted.unwrap();
    let slow = Health {
        slow_until: Some(at(60)),
        ..Health::default()
    };
    assert_eq!(known(&stage, &endpoint).await, slow);
}

fn endpoint(authority: &str) -> Endpoint {
    Endpoint {
        user: alice(),
        authority: authority.to_owned(),
    }
}

/// What is known of an endpoint of which something is.
async fn known(stage: &Stage, endpoint: &Endpoint) -> Health {
    let healths = stage.store.healths(slice::from_ref(endpoint)).await;
    healths.unwrap().remove(endpoint).unwrap()
}

async fn fail(stage: &Stage, endpoint: &Endpoint, answered: bool, now: u32) -> Health {
    let noted = stage.store.note_failure(endpoint, answered, at(now)).await;
    noted.unwrap()
}

async fn begin_trial(stage: &Stage, endpoint: &Endpoint, now: u32, until: u32) -> bool {
    let begun = stage.store.begin_trial(endpoint, at(until), at(now)).await;
    begun.unwrap()
}

async fn succeed(stage: &Stage, endpoint: &Endpoint, is_slow: bool) {
    let noted = stage.store.note_success(endpoint, is_slow, at(5)).await;
    noted.unwrap();
}

async fn pause(stage: &Stage, endpoint: &Endpoint, read: &Health, until: u32) -> bool {
    let paused = stage.store.pause(endpoint, read, at(until), at(5)).await;
    paused.unwrap()
}
