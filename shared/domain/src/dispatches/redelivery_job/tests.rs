//! What a job does about each dispatch, and when it goes on.

use super::*;
use crate::redelivery::tests::{at, dispatch, failed};

fn job() -> Job {
    Job {
        id: JobId::from_bytes([1; 16]),
        user: UserId::parse("u").unwrap(),
        webhook: WebhookId::from_bytes([0; 16]),
        since: None,
        until: at(100),
        started_at: at(100),
        progress: Progress::default(),
        state: JobState::Running,
    }
}

#[test]
fn a_failed_dispatch_is_redelivered_and_no_other() {
    assert_eq!(job().step(&failed(12)), JobStep::Redeliver);
    assert_eq!(job().step(&failed(0)), JobStep::Redeliver);
    let active = DispatchState::Active { next_at: None };
    for state in [DispatchState::Succeeded, active] {
        assert_eq!(job().step(&dispatch(state, 1)), JobStep::Pass);
    }
}

#[test]
fn a_trial_is_its_owners_business() {
    let test = Dispatch {
        subject: Subject::Test,
        ..failed(4)
    };
    assert_eq!(job().step(&test), JobStep::Pass);
}

#[test]
fn a_dispatch_whose_record_is_full_is_passed_over() {
    assert_eq!(job().step(&failed(299)), JobStep::Redeliver);
    assert_eq!(job().step(&failed(300)), JobStep::Pass);
}

#[test]
fn what_the_job_has_redelivered_is_never_redelivered_by_it_again() {
    let begun = failed(3).redelivered(at(5), Some(job().id));
    assert_eq!(job().step(&begun), JobStep::AskAgain);
    for state in [
        failed(0).state,
        DispatchState::Succeeded,
        DispatchState::Active { next_at: None },
    ] {
        let attempted = Dispatch {
            state,
            redelivery: begun.redelivery.clone(),
            ..failed(4)
        };
        assert_eq!(job().step(&attempted), JobStep::Count);
    }
}

#[test]
fn what_another_job_has_redelivered_in_vain_is_redelivered() {
    let other = JobId::from_bytes([2; 16]);
    let in_vain = Dispatch {
        redelivery: failed(3).redelivered(at(5), Some(other)).redelivery,
        ..failed(4)
    };
    assert_eq!(job().step(&in_vain), JobStep::Redeliver);
}

#[test]
fn a_job_has_its_share_once_in_a_minute_until_it_ends() {
    let cursor = Some("somewhere".to_owned());
    let now = at(100);
    assert!(job().may_go_on(now));
    let later = job().after_part(7, cursor.clone(), now);
    assert_eq!((later.progress.redelivered, later.progress.parts), (7, 1));
    assert!(!later.may_go_on(now));
    assert!(later.may_go_on(at(160)));
    let ended = later.after_part(2, None, at(160));
    assert_eq!(ended.state, JobState::Finished { at: at(160) });
    assert_eq!(ended.progress.redelivered, 9);
    assert!(!ended.may_go_on(at(220)));
    assert!(
        !later
            .stopped(Refusal::WebhookRemoved, now)
            .may_go_on(at(220))
    );
}

#[test]
fn a_repeated_request_means_the_job_that_runs() {
    assert!(job().is_for(None, None));
    assert!(job().is_for(None, Some(at(100))));
    assert!(!job().is_for(Some(at(1)), None));
    assert!(!job().is_for(None, Some(at(99))));
    let bounded = Job {
        since: Some(at(1)),
        until: at(50),
        ..job()
    };
    assert!(bounded.is_for(Some(at(1)), Some(at(50))));
    assert!(!bounded.is_for(Some(at(1)), None));
}
