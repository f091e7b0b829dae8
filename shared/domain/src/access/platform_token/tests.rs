use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::condition::Condition;

/// 2019-01-09T15:59:56Z.
const NOW: i64 = 1_547_049_596;

fn now() -> Timestamp {
    Timestamp::from_millis(NOW * 1000).unwrap()
}

/// A good token's claims, with these on top.
fn claims(changes: Value) -> Result<Claims, String> {
    let mut claims =
        json!({"sub": "user1", "exp": NOW + 3600, "iss": "i", "aud": "a", "other": []});
    let changes = changes.as_object().unwrap().clone();
    claims.as_object_mut().unwrap().extend(changes);
    serde_json::from_value(claims).map_err(|error| error.to_string())
}

fn accepted(changes: Value) -> Result<(UserId, Grant), Unacceptable> {
    claims(changes).unwrap().accept(now())
}

#[test]
fn a_token_is_its_users_and_without_a_scope_it_allows_everything() {
    let (user, grant) = accepted(json!({})).unwrap();
    assert_eq!((user.as_str(), grant), ("user1", Grant::full()));
}

#[test]
fn a_scope_takes_away_what_it_does_not_name() {
    for (scope, expected) in [
        ("webhooks:read", Some(Scope::Read)),
        ("openid webhooks:write", Some(Scope::Write)),
        ("openid", None),
        ("", None),
    ] {
        let (_, grant) = accepted(json!({"scope": scope})).unwrap();
        assert_eq!(grant, Grant::of(expected), "{scope:?}");
    }
}

#[test]
fn a_token_can_be_for_one_detail_page() {
    let page = |changes| accepted(changes).map(|(_, grant)| grant.page().cloned());
    let (actor, task) = (ActorId::parse("a1"), TaskId::parse("t1"));
    let actor = Condition::Actor(actor.unwrap());
    let task = Condition::Task(task.unwrap());
    assert_eq!(page(json!({})), Ok(None));
    assert_eq!(page(json!({"actorId": "a1"})), Ok(Some(actor)));
    assert_eq!(page(json!({"actorTaskId": "t1"})), Ok(Some(task)));
    let both = page(json!({"actorId": "a1", "actorTaskId": "t1"}));
    assert_eq!(both, Err(TwoPages.into()));
}

#[test]
fn what_is_no_id_is_refused() {
    for claim in ["sub", "actorId", "actorTaskId"] {
        for id in ["", "a b", "me~actor", &"x".repeat(65)] {
            let refused = accepted(json!({ claim: id }));
            assert!(
                matches!(refused, Err(Unacceptable::Id(_))),
                "{claim}: {id:?}"
            );
        }
    }
}

#[test]
fn a_claim_of_another_type_is_no_claim_that_is_missing() {
    for (claim, value) in [
        ("sub", Value::Null),
        ("sub", json!(5)),
        ("exp", Value::Null),
        ("exp", json!("1547053196")),
        ("exp", json!({})),
        ("nbf", Value::Null),
        ("nbf", json!("0")),
        ("scope", Value::Null),
        ("scope", json!(["webhooks:read"])),
        ("actorId", Value::Null),
        ("actorId", json!(["a1"])),
        ("actorTaskId", Value::Null),
        ("actorTaskId", json!(1)),
    ] {
        assert!(claims(json!({ claim: value })).is_err(), "{claim}: {value}");
    }
    for missing in ["sub", "exp"] {
        let mut claims = json!({"sub": "user1", "exp": NOW + 3600});
        claims.as_object_mut().unwrap().remove(missing);
        assert!(serde_json::from_value::<Claims>(claims).is_err());
    }
    // Which of the two would count?
    let twice = r#"{"sub": "user1", "exp": 1547053196, "actorId": "a1", "actorId": "a2"}"#;
    assert!(serde_json::from_str::<Claims>(twice).is_err());
}

#[test]
fn a_token_holds_from_nbf_to_exp_and_a_minute_is_forgiven() {
    const DAY: i64 = 24 * 60 * 60;
    use Unacceptable::{Expired, LivesTooLong, NotYetValid};
    let outcome = |changes| accepted(changes).map(|_| ());
    for (exp, expected) in [
        (NOW - 60, Err(Expired)),
        (NOW - 59, Ok(())),
        (NOW, Ok(())),
        (NOW + DAY, Ok(())),
        (NOW + DAY + 60, Ok(())),
        (NOW + DAY + 61, Err(LivesTooLong)),
        (i64::MAX, Err(LivesTooLong)),
        (i64::MIN, Err(Expired)),
    ] {
        assert_eq!(outcome(json!({"exp": exp})), expected, "exp {exp}");
    }
    for (nbf, expected) in [
        (0, Ok(())),
        (NOW + 60, Ok(())),
        (NOW + 61, Err(NotYetValid)),
    ] {
        assert_eq!(outcome(json!({"nbf": nbf})), expected, "nbf {nbf}");
    }
    // A time may have a fraction, and may be absurd.
    assert_eq!(outcome(json!({"exp": NOW as f64 + 0.5})), Ok(()));
    assert_eq!(outcome(json!({"exp": 1e300})), Err(LivesTooLong));
    assert_eq!(outcome(json!({"exp": -1e300})), Err(Expired));
}

proptest! {
    #[test]
    fn no_times_make_a_token_hold_for_more_than_a_day(exp: f64, later in 86_521_i64..i64::MAX / 2000) {
        let Ok(claims) = claims(json!({"exp": exp})) else { return Ok(()) };
        let Some(then) = Timestamp::from_millis((NOW + later) * 1000) else { return Ok(()) };
        prop_assert!(claims.clone().accept(now()).is_err() || claims.accept(then).is_err());
    }
}
