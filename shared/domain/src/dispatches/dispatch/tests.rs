use std::time::Duration;

use super::*;
use crate::outcome::Trouble;

const NOW: i64 = 1_700_000_000_000;

fn decide(attempt: u32, outcome: &Outcome, do_not_retry: bool) -> Next {
    let schedule = Schedule::parse("60,120,240,480,960,1920").unwrap();
    after(
        attempt,
        outcome,
        do_not_retry,
        &schedule,
        Timestamp::from_millis(NOW).unwrap(),
        0.5,
    )
}

fn answered(status: u16) -> Outcome {
    Outcome::Answered {
        status,
        body: None,
        retry_after: None,
    }
}

#[test]
fn a_2xx_answer_is_the_end() {
    assert_eq!(decide(1, &answered(204), false), Next::Succeeded);
}

#[test]
fn each_failure_waits_for_its_step_of_the_schedule() {
    for (attempt, minutes) in [(1, 1), (2, 2), (3, 4), (4, 8), (5, 16), (6, 32)] {
        let at = Timestamp::from_millis(NOW + minutes * 60_000).unwrap();
        for outcome in [
            answered(500),
            answered(404),
            answered(301),
            Outcome::Unanswered(Trouble::Connect),
            Outcome::Unanswered(Trouble::Unknown),
        ] {
            assert_eq!(decide(attempt, &outcome, false), Next::Retry { at });
        }
    }
}

#[test]
fn after_the_last_retry_and_after_the_longest_wait_the_dispatch_is_exhausted() {
    let schedule = Schedule::parse("1").unwrap();
    let now = Timestamp::from_millis(NOW).unwrap();
    let waited = Obstacle::EndpointDead(Duration::from_secs(5 * 24 * 60 * 60));
    for (attempt, outcome, reason) in [
        (2, answered(500), "The only retry failed"),
        (
            1,
            Outcome::NotSent(waited),
            "The endpoint has not answered for 5 days.",
        ),
    ] {
        let next = after(attempt, &outcome, false, &schedule, now, 0.5);
        let reason = reason.to_owned();
        assert_eq!(next, Next::Exhausted { reason });
    }
}

#[test]
fn a_webhook_that_is_not_to_be_retried_is_not_and_says_what_is_known() {
    let time = Duration::from_secs(120);
    for (outcome, reason) in [
        (answered(500), NOT_RETRIED),
        (Outcome::Unanswered(Trouble::Connect), NOT_RETRIED),
        (
            Outcome::Unanswered(Trouble::TimeoutBeforeSent(time)),
            NOT_RETRIED,
        ),
        (
            Outcome::Unanswered(Trouble::TimeoutAfterSent(time)),
            UNKNOWN,
        ),
        (Outcome::Unanswered(Trouble::BrokenAnswer), UNKNOWN),
        (Outcome::Unanswered(Trouble::Unknown), UNKNOWN),
    ] {
        let reason = reason.to_owned();
        let next = decide(1, &outcome, true);
        assert_eq!(next, Next::Failed { reason }, "{outcome:?}");
    }
    assert_eq!(decide(1, &answered(200), true), Next::Succeeded);
}

#[test]
fn a_receiver_that_is_gone_is_not_tried_again() {
    let next = decide(1, &answered(410), false);
    let reason = GONE.to_owned();
    assert_eq!(next, Next::Failed { reason });
}

#[test]
fn retry_after_makes_a_wait_longer_and_never_shorter() {
    let asks = |status, value: &str| Outcome::Answered {
        status,
        body: None,
        retry_after: Some(value.to_owned()),
    };
    for (outcome, seconds) in [
        (asks(429, "600"), 600),
        (asks(503, "600"), 600),
        (asks(503, "5"), 60),
        (asks(503, "nonsense"), 60),
        (asks(500, "600"), 60),
        (asks(503, "9999999"), 24 * 60 * 60),
    ] {
        let at = Timestamp::from_millis(NOW + seconds * 1000).unwrap();
        assert_eq!(
            decide(1, &outcome, false),
            Next::Retry { at },
            "{outcome:?}"
        );
    }
}

#[test]
fn what_was_not_sent_is_given_up_with_its_reason() {
    let next = decide(1, &Outcome::NotSent(Obstacle::WebhookRemoved), false);
    assert_eq!(
        next,
        Next::Failed {
            reason: "Webhook was removed.".to_owned()
        }
    );
}

#[test]
fn of_the_first_sixty_attempts_the_answers_body_is_kept() {
    let now = Timestamp::from_millis(NOW).unwrap();
    let outcome = Outcome::Answered {
        status: 500,
        body: Some("body".to_owned()),
        retry_after: None,
    };
    let body = |attempt| Call::new(attempt, &outcome, now, now).response_body;
    assert_eq!(
        (body(1), body(60)),
        (Some("body".to_owned()), Some("body".to_owned()))
    );
    assert_eq!(body(61), None);
    let headers = |attempt| {
        let details = CallDetails {
            version: Some(3),
            response_headers: Some("a: b\n".to_owned()),
            ..CallDetails::default()
        };
        let call = Call::new(attempt, &outcome, now, now).with(attempt, details);
        (call.details.version, call.details.response_headers)
    };
    assert_eq!(headers(60), (Some(3), Some("a: b\n".to_owned())));
    assert_eq!(headers(61), (Some(3), None));
}
