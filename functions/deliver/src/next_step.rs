//! What a dispatch's record says about a delivery message. Pure: this is where crashes, repeats and
//! clocks that disagree are thought about.

use std::time::Duration;

use domain::delivery_message::DeliveryMessage;
use domain::dispatch::{Dispatch, DispatchState};
use domain::timestamp::Timestamp;

/// How early an attempt may be: clocks of two machines differ.
const TOLERANCE: Duration = Duration::from_secs(1);

/// What is to be done about a message.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NextStep {
    /// Attempt this, now.
    Attempt(DeliveryMessage),
    /// Make sure that this is on its way, to arrive at its time.
    Reschedule {
        message: DeliveryMessage,
        at: Timestamp,
    },
    /// Nothing: the dispatch has ended, its record has expired, or another message looks after it.
    Nothing,
}

/// Decides what is to be done about a message whose dispatch has this record.
pub(crate) fn next_step(
    message: &DeliveryMessage,
    dispatch: Option<&Dispatch>,
    now: Timestamp,
) -> NextStep {
    let Some(dispatch) = dispatch else {
        return NextStep::Nothing;
    };
    let DispatchState::Active { next_at } = dispatch.state else {
        return NextStep::Nothing;
    };
    let recorded = dispatch.attempts();
    // The last attempt on record was a later message's. That message is acknowledged only when the
    // next one is on its way, so what follows is in its hands.
    if recorded > message.attempt {
        return NextStep::Nothing;
    }
    let mut next = DeliveryMessage::next_of(dispatch);
    if next.attempt == message.attempt {
        next.put_off_since = message.put_off_since;
    }
    let wait = next_at.map_or(Duration::ZERO, |at| now.until(at));
    // Either the last attempt on record was this very message's, and whoever made it may have died
    // before the next one was scheduled. If not, that one is now on its way twice, and the second
    // finds its work done. Or the message comes too early, because no queue could hold it back for
    // all of the wait.
    if recorded == message.attempt || wait > TOLERANCE {
        return NextStep::Reschedule {
            message: next,
            at: next_at.unwrap_or(now),
        };
    }
    // The record decides which attempt is next. A message that is further than the record can only
    // mean that the table was restored to an earlier time.
    NextStep::Attempt(next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::dispatch::{Call, CallDetails};
    use domain::dispatch_id::DispatchId;
    use domain::event::{EventKey, Subject};
    use domain::event_type::EventType;
    use domain::id::{ActorId, RunId, UserId, WebhookId};
    use domain::webhook::Lifetime;

    const NOW: i64 = 1_700_000_000_000;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(NOW + millis).unwrap()
    }

    /// An active dispatch with so many calls, whose next attempt is due after so many milliseconds.
    fn dispatch(calls: usize, due: Option<i64>) -> Dispatch {
        let id = DispatchId::parse("A50PsRbHTn0123456789ab").unwrap();
        let call = Call {
            started_at: at(0),
            finished_at: at(0),
            error_message: Some("Endpoint responded with HTTP status code 500".to_owned()),
            response_status: Some(500),
            response_body: None,
            details: CallDetails::default(),
        };
        Dispatch {
            user: UserId::parse("u").unwrap(),
            webhook: WebhookId::from_bytes([1; 16]),
            lifetime: Lifetime::AdHoc(RunId::parse("r").unwrap()),
            subject: Subject::Run {
                actor_id: ActorId::parse("a").unwrap(),
                actor_task_id: None,
                actor_run_id: RunId::parse("r").unwrap(),
            },
            event: EventKey {
                created_at: id.created_at(),
                hash: "0123456789ab".to_owned(),
            },
            id,
            event_type: EventType::RunSucceeded,
            state: DispatchState::Active {
                next_at: due.map(at),
            },
            calls: vec![call; calls],
            redelivery: None,
        }
    }

    fn message(attempt: u32) -> DeliveryMessage {
        DeliveryMessage {
            attempt,
            ..DeliveryMessage::next_of(&dispatch(0, None))
        }
    }

    fn later(attempt: u32, millis: i64) -> NextStep {
        NextStep::Reschedule {
            message: message(attempt),
            at: at(millis),
        }
    }

    fn decide(attempt: u32, dispatch: &Dispatch) -> NextStep {
        next_step(&message(attempt), Some(dispatch), at(0))
    }

    #[test]
    fn the_next_attempt_is_made_when_it_is_due() {
        assert_eq!(decide(1, &dispatch(0, None)), NextStep::Attempt(message(1)));
        for due in [-60_000, 0, 1_000] {
            assert_eq!(
                decide(3, &dispatch(2, Some(due))),
                NextStep::Attempt(message(3))
            );
        }
    }

    #[test]
    fn it_is_known_since_when_an_attempt_is_put_off_and_forgotten_for_the_next_one() {
        let since = |attempt| DeliveryMessage {
            put_off_since: Some(at(-90_000)),
            ..message(attempt)
        };
        let decide = |attempt, dispatch| next_step(&since(attempt), Some(&dispatch), at(0));
        assert_eq!(decide(1, dispatch(0, None)), NextStep::Attempt(since(1)));
        assert_eq!(decide(2, dispatch(2, Some(30_000))), later(3, 30_000));
    }

    #[test]
    fn an_attempt_that_comes_too_early_is_put_off() {
        assert_eq!(decide(3, &dispatch(2, Some(1_001))), later(3, 1_001));
        assert_eq!(
            decide(3, &dispatch(2, Some(3_600_000))),
            later(3, 3_600_000)
        );
    }

    #[test]
    fn after_an_attempt_that_is_on_record_the_next_one_is_scheduled_again() {
        assert_eq!(decide(2, &dispatch(2, Some(30_000))), later(3, 30_000));
        assert_eq!(decide(2, &dispatch(2, Some(-30_000))), later(3, -30_000));
    }

    #[test]
    fn a_message_that_others_have_overtaken_is_done() {
        for due in [-30_000, 30_000] {
            let step = decide(1, &dispatch(2, Some(due)));
            assert_eq!(step, NextStep::Nothing);
        }
    }

    #[test]
    fn a_message_of_an_ended_dispatch_is_done() {
        let reason = "All 1 retries failed".to_owned();
        for state in [DispatchState::Succeeded, DispatchState::Failed { reason }] {
            for attempt in 0..4 {
                let ended = Dispatch {
                    state: state.clone(),
                    ..dispatch(2, None)
                };
                assert_eq!(decide(attempt, &ended), NextStep::Nothing);
            }
        }
    }

    #[test]
    fn a_message_without_a_record_is_done() {
        assert_eq!(next_step(&message(1), None, at(0)), NextStep::Nothing);
    }

    #[test]
    fn a_message_that_is_further_than_the_record_asks_for_what_the_record_says() {
        assert_eq!(
            decide(5, &dispatch(2, Some(0))),
            NextStep::Attempt(message(3))
        );
    }

    #[test]
    fn a_message_without_a_number_never_leads_to_an_attempt() {
        assert_eq!(decide(0, &dispatch(0, None)), later(1, 0));
        assert_eq!(decide(0, &dispatch(1, Some(0))), NextStep::Nothing);
    }
}
