use super::*;
use crate::outcome::{Outcome, TlsFault, Trouble};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000 + seconds * 1000).unwrap()
}

fn url(text: &str) -> RequestUrl {
    RequestUrl::parse(text).unwrap()
}

fn scopes(text: &str) -> Scopes {
    Scopes::of(&url(text), true)
}

fn way(health: &Health, allowance: &Allowance, lane: Lane, now: i64) -> Way {
    health.way(&scopes("https://example.com/"), allowance, lane, at(now))
}

fn lane(health: &Health, now: i64) -> Way {
    way(health, &Allowance::default(), Lane::Fast, now)
}

#[test]
fn an_endpoint_is_a_host_whatever_its_ports_and_paths() {
    let user = UserId::parse("u").unwrap();
    for (text, host) in [
        ("https://example.com/a?b", "example.com"),
        ("http://user:word@Example.com/", "example.com"),
        ("https://example.com:8443", "example.com"),
        ("http://[::1]/", "[::1]"),
    ] {
        assert_eq!(Endpoint::of(&user, &url(text)).host, host);
    }
}

#[test]
fn a_user_has_one_trial_of_an_unknown_host_at_a_time() {
    let unknown = Health::default();
    let on_trial = Allowance {
        trial_until: Some(at(3)),
        ..Allowance::default()
    };
    assert_eq!(lane(&unknown, 0), Way::Trial);
    assert_eq!(way(&unknown, &on_trial, Lane::Fast, 2), Way::SlowLane);
    assert_eq!(way(&unknown, &on_trial, Lane::Slow, 2), Way::Attempt);
    assert_eq!(way(&unknown, &on_trial, Lane::Fast, 3), Way::Trial);
}

#[test]
fn a_slow_host_is_called_in_the_slow_lane_for_an_hour() {
    let slow = Health {
        slow_until: Some(at(3600)),
        ..Health::default()
    };
    assert_eq!(lane(&slow, 3599), Way::SlowLane);
    assert_eq!(lane(&slow, 3600), Way::Trial);
    let none = Allowance::default();
    assert_eq!(way(&slow, &none, Lane::Slow, 3599), Way::Attempt);
}

#[test]
fn a_trusted_host_is_called_by_all_unless_it_is_slow_or_its_user_is_held() {
    let trusted = Health {
        trusted_until: Some(at(60)),
        ..Health::default()
    };
    let on_trial = Allowance {
        trial_until: Some(at(60)),
        ..Allowance::default()
    };
    assert_eq!(way(&trusted, &on_trial, Lane::Fast, 59), Way::Attempt);
    assert_eq!(lane(&trusted, 60), Way::Trial);
    let held = |hangs| Allowance {
        hangs,
        hangs_since: Some(at(0)),
        ..Allowance::default()
    };
    assert_eq!(way(&trusted, &held(2), Lane::Fast, 59), Way::Attempt);
    assert_eq!(way(&trusted, &held(3), Lane::Fast, 59), Way::SlowLane);
    let slow = Health {
        slow_until: Some(at(60)),
        ..trusted
    };
    assert_eq!(lane(&slow, 59), Way::SlowLane);
    assert!(held(3).is_held(at(599)) && !held(3).is_held(at(600)));
}

#[test]
fn what_is_dead_is_left_alone_then_probed_and_its_neighbours_are_not() {
    let mut health = Health {
        trusted_until: Some(at(3600)),
        ..Health::default()
    };
    let dead = Outage {
        paused_until: Some(at(60)),
        ..Outage::default()
    };
    let bad = scopes("https://example.com/bad?x");
    health.outages.insert(bad.url.clone(), dead.clone());
    let ask = |health: &Health, text: &str, now| {
        let scopes = Scopes::of(&url(text), !text.ends_with("lax"));
        health.way(&scopes, &Allowance::default(), Lane::Fast, at(now))
    };
    assert_eq!(
        ask(&health, "https://example.com/bad?y", 59),
        Way::Wait(at(60))
    );
    assert_eq!(
        ask(&health, "https://example.com/bad", 60),
        Way::Probe(bad.url.clone())
    );
    for good in [
        "https://example.com/good",
        "https://example.com:444/bad",
        "http://example.com/bad",
    ] {
        assert_eq!(ask(&health, good, 59), Way::Attempt, "{good}");
    }
    health.outages = BTreeMap::from([(bad.certificate.clone().unwrap(), dead.clone())]);
    assert_eq!(
        ask(&health, "https://example.com/good", 59),
        Way::Wait(at(60))
    );
    assert_eq!(ask(&health, "https://example.com/lax", 59), Way::Attempt);
    health.outages = BTreeMap::from([(bad.connection.clone(), dead)]);
    for (text, expected) in [
        ("https://example.com/lax", Way::Wait(at(60))),
        ("https://example.com/good", Way::Wait(at(60))),
        ("https://example.com:444/good", Way::Attempt),
    ] {
        assert_eq!(ask(&health, text, 59), expected, "{text}");
    }
}

#[test]
fn a_probe_takes_the_lane_that_its_host_has_earned() {
    let scopes = scopes("https://example.com/");
    let paused = Outage {
        paused_until: Some(at(60)),
        ..Outage::default()
    };
    let unknown = Health {
        outages: BTreeMap::from([(scopes.url.clone(), paused)]),
        ..Health::default()
    };
    assert_eq!(lane(&unknown, 60), Way::SlowLane);
    let none = Allowance::default();
    let probe = Way::Probe(scopes.url);
    assert_eq!(way(&unknown, &none, Lane::Slow, 60), probe);
    let trusted = Health {
        trusted_until: Some(at(100)),
        ..unknown
    };
    assert_eq!(lane(&trusted, 60), probe);
}

#[test]
fn the_pauses_of_what_is_dead_double_up_to_16_minutes() {
    let pause = |unanswered, pauses| {
        let outage = Outage {
            unanswered,
            pauses,
            ..Outage::default()
        };
        outage.pause().map(|pause| pause.as_secs() / 60)
    };
    assert_eq!(pause(9, 0), None);
    let pauses = [0, 1, 2, 3, 4, 5, 1000].map(|pauses| pause(10, pauses).unwrap());
    assert_eq!(pauses, [1, 2, 4, 8, 16, 16, 16]);
}

#[test]
fn a_failure_concerns_what_it_tells_about() {
    let answered = |status| Outcome::Answered {
        status,
        body: None,
        retry_after: None,
    };
    assert_eq!(Sign::of(&answered(204)), Sign::Good);
    for status in [302, 404, 410, 500] {
        assert_eq!(Sign::of(&answered(status)), Sign::Alive);
    }
    for (trouble, failed) in [
        (Trouble::Dns, Failed::Connection),
        (Trouble::Connect, Failed::Connection),
        (Trouble::TimeoutBeforeSent(TRIAL), Failed::Connection),
        (Trouble::Tls(TlsFault::Expired), Failed::Handshake),
        (Trouble::Tls(TlsFault::NotTls), Failed::Handshake),
        (Trouble::TimeoutAfterSent(TRIAL), Failed::Answer),
        (Trouble::BrokenAnswer, Failed::Answer),
        (Trouble::BrokenTls(TlsFault::Broken), Failed::Answer),
    ] {
        assert_eq!(Sign::of(&Outcome::Unanswered(trouble)), Sign::Dead(failed));
    }
    assert_eq!(Sign::of(&Outcome::Unanswered(Trouble::Unknown)), Sign::None);
}

#[test]
fn what_came_before_a_failure_has_worked() {
    let strict = scopes("https://example.com/");
    let (connection, certificate) = (&strict.connection, strict.certificate.as_ref().unwrap());
    assert_eq!(strict.passed(Failed::Connection), [] as [&ScopeId; 0]);
    assert_eq!(strict.passed(Failed::Handshake), [connection]);
    assert_eq!(strict.passed(Failed::Answer), [connection, certificate]);
    let lax = Scopes::of(&url("https://example.com/"), false);
    // Without a certificate to check, a handshake that fails concerns the URL.
    assert_eq!(lax.failed(Failed::Handshake), &lax.url);
    assert_eq!(lax.passed(Failed::Handshake), [connection]);
}
