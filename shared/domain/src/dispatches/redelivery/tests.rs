//! What follows a request for redelivery, for a dispatch in every state.

use super::*;
use crate::dispatch::{Call, CallDetails};
use crate::dispatch_id::DispatchId;
use crate::event::EventKey;
use crate::event_type::EventType;
use crate::id::{ActorId, RunId, UserId, WebhookId};
use crate::webhook::Lifetime;

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000 + seconds * 1000).unwrap()
}

/// A dispatch in this state, with so many failed calls.
pub(crate) fn dispatch(state: DispatchState, calls: usize) -> Dispatch {
    let call = Call {
        started_at: at(0),
        finished_at: at(0),
        error_message: Some("Endpoint responded with HTTP status code 500".to_owned()),
        response_status: Some(500),
        response_body: None,
        details: CallDetails::default(),
    };
    Dispatch {
        id: DispatchId::parse("A50PsRbHTn0123456789ab").unwrap(),
        user: UserId::parse("u").unwrap(),
        webhook: WebhookId::from_bytes([0; 16]),
        lifetime: Lifetime::Standing,
        subject: Subject::Run {
            actor_id: ActorId::parse("a").unwrap(),
            actor_task_id: None,
            actor_run_id: RunId::parse("r").unwrap(),
        },
        event: EventKey {
            created_at: at(0),
            hash: "0123456789ab".to_owned(),
        },
        event_type: EventType::RunFailed,
        state,
        calls: vec![call; calls],
        redelivery: None,
    }
}

pub(crate) fn failed(calls: usize) -> Dispatch {
    let reason = "All 11 retries failed".to_owned();
    dispatch(DispatchState::Failed { reason }, calls)
}

fn active(next_at: Option<i64>, calls: usize) -> Dispatch {
    let next_at = next_at.map(at);
    dispatch(DispatchState::Active { next_at }, calls)
}

#[test]
fn what_has_ended_begins_anew_and_keeps_its_calls() {
    for ended in [failed(12), dispatch(DispatchState::Succeeded, 12)] {
        let Step::Begin(again) = ended.redelivery_step(at(5)) else {
            panic!("it does not begin")
        };
        let next_at = Some(at(5));
        assert_eq!(again.state, DispatchState::Active { next_at });
        assert_eq!((&again.id, &again.calls), (&ended.id, &ended.calls));
        assert_eq!(again.attempt_in_schedule(13), 1);
        assert_eq!(again.attempt_in_schedule(15), 3);
    }
}

#[test]
fn what_was_never_attempted_begins_with_its_first_attempt() {
    let Step::Begin(again) = failed(0).redelivery_step(at(5)) else {
        panic!("it does not begin")
    };
    assert_eq!(again.attempt_in_schedule(1), 1);
    assert_eq!(again.redelivery_step(at(6)), Step::AskAgain);
}

#[test]
fn a_retry_that_waits_comes_forward_and_its_schedule_goes_on() {
    let Step::BringForward(sooner) = active(Some(3600), 4).redelivery_step(at(5)) else {
        panic!("it does not come forward")
    };
    assert_eq!(*sooner, active(Some(5), 4));
    assert_eq!(sooner.attempt_in_schedule(5), 5);
}

#[test]
fn what_is_due_is_only_asked_for_again() {
    assert_eq!(active(Some(5), 4).redelivery_step(at(5)), Step::AskAgain);
    let again = failed(3).redelivered(at(4), None);
    assert_eq!(again.redelivery_step(at(5)), Step::AskAgain);
}

#[test]
fn a_first_attempt_that_was_just_asked_for_is_looked_after() {
    assert_eq!(active(None, 0).redelivery_step(at(5)), Step::LookAfter);
}

#[test]
fn a_dispatch_that_was_never_redelivered_counts_all_its_attempts() {
    assert_eq!(failed(3).attempt_in_schedule(4), 4);
}

#[test]
fn a_webhook_that_is_gone_has_nothing_redelivered() {
    let removed = Some(Refusal::WebhookRemoved);
    assert_eq!(refusal(None), removed);
    let test = Dispatch {
        subject: Subject::Test,
        ..failed(1)
    };
    for dispatch in [failed(1), test] {
        assert_eq!(dispatch.redelivery_refusal(None), removed);
    }
}

#[test]
fn a_late_success_is_news_unless_it_is_older_than_the_wish_for_another() {
    let delivered = || {
        let mut dispatch = dispatch(DispatchState::Succeeded, 2);
        dispatch.calls[1].error_message = None;
        dispatch
    };
    for (dispatch, attempts_that_are_news) in [
        (delivered(), vec![]),
        (failed(2), vec![1, 2, 3]),
        (active(Some(0), 2), vec![1, 2, 3]),
        // What had failed is delivered after all: then nobody needs another.
        (failed(2).redelivered(at(5), None), vec![1, 2, 3]),
        (delivered().redelivered(at(5), None), vec![3]),
    ] {
        let mut attempts = vec![1, 2, 3];
        attempts.retain(|attempt| dispatch.lacks_success(*attempt));
        assert_eq!(attempts, attempts_that_are_news, "{dispatch:?}");
    }
}

#[test]
fn a_record_without_room_is_not_filled_further() {
    assert!(matches!(failed(299).redelivery_step(at(5)), Step::Begin(_)));
    for full in [failed(300), dispatch(DispatchState::Succeeded, 311)] {
        assert_eq!(full.redelivery_step(at(5)), Step::Refuse);
    }
    // What goes on goes on.
    assert_eq!(active(Some(5), 305).redelivery_step(at(5)), Step::AskAgain);
}
