use super::*;
use crate::outcome::TlsFault;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000 + seconds * 1000).unwrap()
}

fn endpoint(url: &str) -> String {
    let user = UserId::parse("u").unwrap();
    Endpoint::of(&user, &RequestUrl::parse(url).unwrap()).authority
}

#[test]
fn an_endpoint_is_a_host_and_a_port() {
    for (url, authority) in [
        ("https://example.com/a?b", "example.com:443"),
        ("http://user:word@Example.com/", "example.com:80"),
        ("https://example.com:8443", "example.com:8443"),
        ("http://[::1]/", "[::1]:80"),
    ] {
        assert_eq!(endpoint(url), authority);
    }
}

#[test]
fn an_endpoint_that_is_not_known_to_answer_is_tried_by_one_batch() {
    let unknown = Health::default();
    assert_eq!(unknown.way(Lane::Fast, at(0)), Way::Trial);
    assert_eq!(unknown.way(Lane::Slow, at(0)), Way::Attempt);
    let on_trial = Health {
        trial_until: Some(at(3)),
        ..Health::default()
    };
    assert_eq!(on_trial.way(Lane::Fast, at(2)), Way::SlowLane);
    assert_eq!(on_trial.way(Lane::Slow, at(2)), Way::Attempt);
    assert_eq!(on_trial.way(Lane::Fast, at(3)), Way::Trial);
}

#[test]
fn a_slow_endpoint_is_called_in_the_slow_lane_for_an_hour() {
    let slow = Health {
        slow_until: Some(at(3600)),
        ..Health::default()
    };
    assert_eq!(slow.way(Lane::Fast, at(3599)), Way::SlowLane);
    assert_eq!(slow.way(Lane::Slow, at(3599)), Way::Attempt);
    assert_eq!(slow.way(Lane::Fast, at(3600)), Way::Trial);
}

#[test]
fn a_dead_endpoint_is_left_alone_then_probed() {
    let dead = Health {
        paused_until: Some(at(60)),
        slow_until: Some(at(3600)),
        ..Health::default()
    };
    for lane in [Lane::Fast, Lane::Slow] {
        assert_eq!(dead.way(lane, at(59)), Way::Wait(at(60)));
        assert_eq!(dead.way(lane, at(60)), Way::Probe);
    }
}

#[test]
fn an_endpoint_that_is_trusted_is_called_by_all_unless_it_is_slow() {
    let trusted = Health {
        trusted_until: Some(at(60)),
        trial_until: Some(at(60)),
        ..Health::default()
    };
    assert_eq!(trusted.way(Lane::Fast, at(59)), Way::Attempt);
    assert_eq!(trusted.way(Lane::Fast, at(60)), Way::Trial);
    assert_eq!(trusted.troubles(), Health::default());
    let slow = Health {
        slow_until: Some(at(60)),
        ..trusted
    };
    assert_eq!(slow.way(Lane::Fast, at(59)), Way::SlowLane);
}

#[test]
fn the_pauses_of_a_dead_endpoint_double_up_to_16_minutes() {
    let pause = |unanswered, pauses| {
        let health = Health {
            unanswered,
            pauses,
            ..Health::default()
        };
        health.pause().map(|pause| pause.as_secs() / 60)
    };
    assert_eq!(pause(9, 0), None);
    let pauses = [0, 1, 2, 3, 4, 5, 1000].map(|pauses| pause(10, pauses).unwrap());
    assert_eq!(pauses, [1, 2, 4, 8, 16, 16, 16]);
}

#[test]
fn only_an_answer_is_a_sign_of_life() {
    let answered = |status| Outcome::Answered {
        status,
        body: None,
        retry_after: None,
    };
    assert_eq!(Sign::of(&answered(204)), Sign::Good);
    for status in [302, 404, 410, 500] {
        assert_eq!(Sign::of(&answered(status)), Sign::Alive);
    }
    for trouble in [
        Trouble::Dns,
        Trouble::Connect,
        Trouble::Tls(TlsFault::Expired),
        Trouble::TimeoutBeforeSent(TRIAL),
        Trouble::TimeoutAfterSent(TRIAL),
        Trouble::BrokenAnswer,
        Trouble::BrokenTls(TlsFault::Broken),
    ] {
        assert_eq!(Sign::of(&Outcome::Unanswered(trouble)), Sign::Dead);
    }
    assert_eq!(Sign::of(&Outcome::Unanswered(Trouble::Unknown)), Sign::None);
}
