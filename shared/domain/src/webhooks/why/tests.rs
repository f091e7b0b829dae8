//! Each reason, and which one counts where there are several.

use super::*;
use crate::action_type::ActionType;
use crate::condition::Condition;
use crate::definition::{Definition, Templates};
use crate::event_message::parse;
use crate::event_type::EventTypes;
use crate::id::{ActorId, RunId, UserId, WebhookId};
use crate::matching::MatchEntry;
use crate::request_url::RequestUrl;
use crate::signature::SecretVersions;
use crate::spread::Spread;
use crate::timestamp::Timestamp;
use crate::webhook::{Label, Lifetime};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000 + seconds * 1000).unwrap()
}

/// What happened to run `r` of actor `a` ten seconds after the beginning.
fn event(kind: &str) -> Event {
    let message = serde_json::json!({
        "eventType": format!("ACTOR.RUN.{kind}"), "createdAt": at(10).to_string(), "userId": "u",
        "eventData": {"actorId": "a", "actorRunId": "r"}, "resource": {}
    });
    parse(&message.to_string(), 0).unwrap().event
}

/// A standing webhook for the successes of actor `a`, defined at the beginning.
fn standing() -> Webhook {
    Webhook {
        id: WebhookId::from_bytes([1; 16]),
        user: UserId::parse("u").unwrap(),
        condition: Condition::Actor(ActorId::parse("a").unwrap()),
        lifetime: Lifetime::Standing,
        definition: Definition {
            event_types: EventTypes::parse(["ACTOR.RUN.SUCCEEDED"]).unwrap(),
            action_type: ActionType::HttpRequest,
            request_url: RequestUrl::parse("https://example.com").unwrap(),
            templates: Templates::parse(None, None, false).unwrap(),
            ignore_ssl_errors: false,
            do_not_retry: false,
            sign_with_ed25519: false,
        },
        label: Label::default(),
        idempotency_key: None,
        version: 1,
        secret: SecretVersions::default(),
        state: WebhookState::Enabled,
        disabled_because: None,
        failing_since: None,
        hears_from: None,
        spread: Spread::default(),
        created_at: at(0),
        modified_at: at(0),
    }
}

fn ad_hoc() -> Webhook {
    Webhook {
        condition: Condition::Run(RunId::parse("r").unwrap()),
        lifetime: Lifetime::AdHoc(RunId::parse("r").unwrap()),
        created_at: at(20),
        modified_at: at(20),
        ..standing()
    }
}

fn dispatch(webhook: &Webhook, event: &Event) -> Dispatch {
    let entry = MatchEntry {
        webhook: webhook.id.clone(),
        events: webhook.definition.event_types.mask(),
        enabled: true,
        lifetime: webhook.lifetime.clone(),
        fired_by: None,
        hears_from: None,
        spread: Spread::default(),
        is_removed: false,
    };
    Dispatch::new(&entry, event)
}

/// Why the success of the run has not triggered this webhook.
fn unexplained(webhook: &Webhook) -> Why {
    why(webhook, &event("SUCCEEDED"), true, None, None)
}

#[test]
fn what_is_on_record_counts_whatever_the_webhook_is_now() {
    let event = event("SUCCEEDED");
    let on_record = dispatch(&standing(), &event);
    for state in [
        WebhookState::Enabled,
        WebhookState::Disabled,
        WebhookState::Removed,
    ] {
        let condition = Condition::Actor(ActorId::parse("other").unwrap());
        let webhook = Webhook {
            state,
            condition,
            ..standing()
        };
        let found = why(&webhook, &event, true, Some(&on_record), None);
        assert_eq!(found, Why::Triggered);
    }
}

#[test]
fn an_event_that_was_recorded_and_not_sent_met_a_disabled_webhook() {
    let event = event("SUCCEEDED");
    let reason = "Webhook was disabled.".to_owned();
    let skipped = Dispatch {
        state: DispatchState::Failed { reason },
        ..dispatch(&standing(), &event)
    };
    let found = why(&standing(), &event, true, Some(&skipped), None);
    assert_eq!(found, Why::Disabled);
}

#[test]
fn a_webhook_of_other_runs_is_told_apart() {
    for condition in [
        Condition::Actor(ActorId::parse("b").unwrap()),
        Condition::Run(RunId::parse("s").unwrap()),
    ] {
        let state = WebhookState::Removed;
        let webhook = Webhook {
            condition,
            state,
            ..standing()
        };
        assert_eq!(unexplained(&webhook), Why::OtherCondition);
    }
}

#[test]
fn a_webhook_that_waits_for_other_events_says_so() {
    let found = why(&standing(), &event("FAILED"), true, None, None);
    assert_eq!(found, Why::TypeNotAwaited);
}

#[test]
fn an_ad_hoc_webhook_names_the_dispatch_that_has_used_it_up() {
    let other = dispatch(&ad_hoc(), &event("FAILED")).id;
    let found = why(&ad_hoc(), &event("SUCCEEDED"), true, None, Some(&other));
    assert_eq!(found, Why::FiredByAnother(other.clone()));
    assert!(found.message().contains(other.as_str()));
    let own = dispatch(&ad_hoc(), &event("SUCCEEDED")).id;
    let found = why(&ad_hoc(), &event("SUCCEEDED"), true, None, Some(&own));
    assert_eq!(found, Why::NotYet);
}

#[test]
fn a_webhook_that_is_off_or_gone_says_so() {
    for (state, expected) in [
        (WebhookState::Disabled, Why::Disabled),
        (WebhookState::Removed, Why::Removed),
    ] {
        let webhook = Webhook {
            state,
            modified_at: at(30),
            ..standing()
        };
        assert_eq!(unexplained(&webhook), expected);
    }
}

#[test]
fn a_standing_webhook_does_not_hear_of_what_was_before_it() {
    let later = Webhook {
        created_at: at(20),
        modified_at: at(20),
        ..standing()
    };
    assert_eq!(unexplained(&later), Why::DefinedLater);
    let changed = Webhook {
        modified_at: at(20),
        ..standing()
    };
    assert_eq!(unexplained(&changed), Why::ChangedLater);
}

#[test]
fn what_nothing_speaks_against_is_about_to_happen() {
    assert_eq!(unexplained(&standing()), Why::NotYet);
    assert_eq!(unexplained(&ad_hoc()), Why::NotYet);
}

#[test]
fn an_ad_hoc_webhook_that_came_late_does_not_hear_of_what_holds_no_longer() {
    let past = |webhook: &Webhook| why(webhook, &event("SUCCEEDED"), false, None, None);
    assert_eq!(past(&ad_hoc()), Why::DefinedLater);
    let changed = Webhook {
        created_at: at(0),
        ..ad_hoc()
    };
    assert_eq!(past(&changed), Why::ChangedLater);
    // It was there: its dispatch is about to be made.
    let there = Webhook {
        created_at: at(0),
        modified_at: at(0),
        ..ad_hoc()
    };
    assert_eq!(past(&there), Why::NotYet);
}
