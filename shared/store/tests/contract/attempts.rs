//! Recording attempts: each once, in order, until the dispatch has ended.

use domain::dispatch::{Call, CallDetails, Dispatch, DispatchState, Next, ROOM};
use domain::outcome::Outcome;
use futures::future::join_all;
use store::Recorded;

use crate::samples::{alice, at, dispatch, event, failed_call, message, webhook};
use crate::stage::{DISPATCHES, Stage};

#[tokio::test]
async fn every_attempt_is_appended_and_moves_the_dispatch_on() {
    let stage = Stage::new().await;
    let claimed = claimed(&stage).await;
    let delivered = Call {
        error_message: None,
        response_status: Some(204),
        response_body: None,
        ..failed_call(90)
    };
    let unanswered = Call {
        response_status: None,
        response_body: None,
        ..failed_call(60)
    };
    let calls = [failed_call(1), unanswered, delivered];
    let waits = |seconds| {
        (
            Next::Retry { at: at(seconds) },
            DispatchState::Active {
                next_at: Some(at(seconds)),
            },
        )
    };
    let steps = [
        waits(60),
        waits(90),
        (Next::Succeeded, DispatchState::Succeeded),
    ];
    for (place, (next, state)) in steps.into_iter().enumerate() {
        let attempt = u32::try_from(place).unwrap() + 1;
        assert_eq!(
            record(&stage, &claimed, attempt, &calls[place], &next).await,
            Recorded::Written
        );
        let expected = Dispatch {
            state,
            calls: calls[..=place].to_vec(),
            ..claimed.clone()
        };
        assert_eq!(found(&stage, &claimed).await, expected);
    }
}

#[tokio::test]
async fn an_attempt_that_is_on_record_is_not_recorded_again() {
    let stage = Stage::new().await;
    let claimed = claimed(&stage).await;
    let retry = Next::Retry { at: at(60) };
    assert_eq!(
        record(&stage, &claimed, 1, &failed_call(1), &retry).await,
        Recorded::Written
    );
    let before = found(&stage, &claimed).await;
    for next in [retry, Next::Succeeded, failed("late")] {
        assert_eq!(
            record(&stage, &claimed, 1, &failed_call(9), &next).await,
            Recorded::AlreadyThere
        );
    }
    assert_eq!(found(&stage, &claimed).await, before);
}

#[tokio::test]
async fn an_attempt_out_of_order_is_not_recorded() {
    let stage = Stage::new().await;
    let claimed = claimed(&stage).await;
    assert_eq!(
        record(&stage, &claimed, 2, &failed_call(1), &Next::Succeeded).await,
        Recorded::AlreadyThere
    );
    assert_eq!(found(&stage, &claimed).await, claimed);
}

#[tokio::test]
async fn a_dispatch_that_has_ended_takes_no_further_calls() {
    for (end, state) in [
        (Next::Succeeded, DispatchState::Succeeded),
        (
            failed("given up"),
            DispatchState::Failed {
                reason: "given up".to_owned(),
            },
        ),
    ] {
        let stage = Stage::new().await;
        let claimed = claimed(&stage).await;
        assert_eq!(
            record(&stage, &claimed, 1, &failed_call(1), &end).await,
            Recorded::Written
        );
        let retry = Next::Retry { at: at(60) };
        assert_eq!(
            record(&stage, &claimed, 2, &failed_call(2), &retry).await,
            Recorded::AlreadyThere
        );
        let expected = Dispatch {
            state,
            calls: vec![failed_call(1)],
            ..claimed.clone()
        };
        assert_eq!(found(&stage, &claimed).await, expected);
    }
}

#[tokio::test]
async fn a_success_is_added_to_a_dispatch_that_was_given_up_meanwhile() {
    let stage = Stage::new().await;
    let claimed = claimed(&stage).await;
    let delivered = Call {
        error_message: None,
        response_status: Some(204),
        ..failed_call(2)
    };
    let steps = [
        (1, failed_call(1), failed("given up"), Recorded::Written),
        (
            2,
            failed_call(2),
            failed("given up again"),
            Recorded::AlreadyThere,
        ),
        (2, delivered.clone(), Next::Succeeded, Recorded::Written),
        // Now it is delivered, and nobody adds anything.
        (
            3,
            delivered.clone(),
            Next::Succeeded,
            Recorded::AlreadyThere,
        ),
        (3, failed_call(3), failed("late"), Recorded::AlreadyThere),
    ];
    for (attempt, call, next, expected) in steps {
        let recorded = record(&stage, &claimed, attempt, &call, &next).await;
        assert_eq!(recorded, expected, "{next:?}");
    }
    let expected = Dispatch {
        state: DispatchState::Succeeded,
        calls: vec![failed_call(1), delivered],
        ..claimed.clone()
    };
    assert_eq!(found(&stage, &claimed).await, expected);
    let partition = format!("U#alice#W#{}", claimed.webhook);
    let items = stage.items(DISPATCHES, &partition).await;
    assert!(!items[0].contains_key("reason"));
}

#[tokio::test]
async fn of_twenty_workers_that_record_the_same_attempt_at_once_one_writes_it() {
    let stage = Stage::new().await;
    let claimed = claimed(&stage).await;
    let record = |number| {
        let (stage, claimed) = (&stage, &claimed);
        async move {
            record(
                stage,
                claimed,
                1,
                &failed_call(number),
                &Next::Retry { at: at(60) },
            )
            .await
        }
    };
    let answers = join_all((0..20).map(record)).await;
    assert_eq!(
        answers
            .iter()
            .filter(|answer| **answer == Recorded::Written)
            .count(),
        1
    );
    assert_eq!(found(&stage, &claimed).await.attempts(), 1);
}

#[tokio::test]
async fn an_attempt_of_a_dispatch_that_is_not_there_makes_none() {
    let stage = Stage::new().await;
    let unknown = dispatch(&webhook(1), &event(1));
    assert_eq!(
        record(&stage, &unknown, 1, &failed_call(1), &Next::Succeeded).await,
        Recorded::AlreadyThere
    );
    assert_eq!(
        stage.store.dispatch(&alice(), &unknown.id).await.unwrap(),
        None
    );
}

/// As many as there can be, with the longest that is kept of each: DynamoDB takes no more than 400
/// KB.
#[tokio::test]
async fn a_record_has_room_for_all_its_attempts() {
    // The last redelivery begins just below the bound, and its attempts are one and eleven retries.
    const ALL: u32 = ROOM - 1 + 12;
    let stage = Stage::new().await;
    let outcome = Outcome::Answered {
        status: 500,
        body: Some("x".repeat(2048)),
        retry_after: None,
    };
    let details = CallDetails {
        version: Some(u32::MAX),
        signed_at: Some(at(1)),
        remote: Some(std::net::Ipv6Addr::from([0xffff; 8]).into()),
        response_headers: Some("x".repeat(1024)),
    };
    let call = |attempt| {
        let call = Call::new(attempt, &outcome, at(0), at(1));
        call.with(attempt, details.clone())
    };
    let claimed = Dispatch {
        calls: (1..ALL).map(call).collect(),
        ..dispatch(&webhook(1), &event(1))
    };
    stage.claim(&claimed).await;
    let last = record(&stage, &claimed, ALL, &call(ALL), &failed("All failed")).await;
    assert_eq!(last, Recorded::Written);
    assert_eq!(found(&stage, &claimed).await.attempts(), ALL);
}

async fn claimed(stage: &Stage) -> Dispatch {
    let dispatch = dispatch(&webhook(1), &event(1));
    stage.claim(&dispatch).await;
    dispatch
}

async fn record(
    stage: &Stage,
    dispatch: &Dispatch,
    attempt: u32,
    call: &Call,
    next: &Next,
) -> Recorded {
    stage
        .record_attempt(&message(dispatch, attempt), call, next)
        .await
        .unwrap()
}

async fn found(stage: &Stage, dispatch: &Dispatch) -> Dispatch {
    stage
        .store
        .dispatch(&alice(), &dispatch.id)
        .await
        .unwrap()
        .unwrap()
}

fn failed(reason: &str) -> Next {
    Next::Failed {
        reason: reason.to_owned(),
    }
}
