//! Events, webhooks and dispatches to play with. Those of one number belong together: event `n` is the success of run `n`.

use domain::action_type::ActionType;
use domain::condition::Condition;
use domain::definition::{Definition, Templates};
use domain::delivery_message::DeliveryMessage;
use domain::dispatch::{Call, CallDetails, Dispatch};
use domain::event::{Event, Subject};
use domain::event_type::{EventType, EventTypes};
use domain::id::{ActorId, RunId, TaskId, UserId, WebhookId};
use domain::matching::MatchEntry;
use domain::request_url::RequestUrl;
use domain::signature::SecretVersions;
use domain::spread::Spread;
use domain::timestamp::Timestamp;
use domain::webhook::{Label, Lifetime, Webhook, WebhookState};
use store::{Limits, Page};

/// How many webhooks there may be, where that is not what a test is about.
pub(crate) const AMPLE: Limits = Limits {
    standing_per_user: 100,
    ad_hoc_per_run: 100,
};

/// A whole list, the oldest first.
pub(crate) const ALL: Page = Page {
    offset: 0,
    limit: 1000,
    newest_first: false,
};

/// A moment that many seconds after a beginning. All of them lie far ahead: nothing expires while a test runs.
pub(crate) fn at(seconds: u32) -> Timestamp {
    Timestamp::from_millis(4_000_000_000_000 + i64::from(seconds) * 1000).unwrap()
}

/// Until when records are kept.
pub(crate) fn until() -> Timestamp {
    at(30 * 24 * 60 * 60)
}

pub(crate) fn alice() -> UserId {
    UserId::parse("alice").unwrap()
}

pub(crate) fn bob() -> UserId {
    UserId::parse("bob").unwrap()
}

pub(crate) fn run(number: u32) -> RunId {
    RunId::parse(&format!("run{number}")).unwrap()
}

/// A webhook's id.
pub(crate) fn id(number: u8) -> WebhookId {
    WebhookId::from_bytes([number; 16])
}

/// Alice's run `number` of the actor `actor` and the task `task` has succeeded, `number` seconds after the beginning. Its resource has
/// what a careless copy loses: the order of keys, digits of numbers, escapes.
pub(crate) fn event(number: u32) -> Event {
    let resource = r#"{"z":1.10,"a":12345678901234567890,"e":1E400,"s":"\u00e9 é \u0000"}"#;
    Event {
        user: alice(),
        kind: EventType::RunSucceeded,
        created_at: at(number),
        subject: Subject::Run {
            actor_id: ActorId::parse("actor").unwrap(),
            actor_task_id: Some(TaskId::parse("task").unwrap()),
            actor_run_id: run(number),
        },
        platform_id: None,
        has_null_task: false,
        trace: None,
        chain_depth: 0,
        resource: serde_json::from_str(resource).unwrap(),
    }
}

/// The success of Alice's run `number`, with so many characters that nothing compresses much.
pub(crate) fn large_event(number: u32, characters: usize) -> Event {
    let mut state = u64::from(number);
    let noise = std::iter::repeat_with(|| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+-"[(state >> 58) as usize]
            as char
    });
    let noise: String = noise.take(characters).collect();
    Event {
        resource: serde_json::from_str(&format!("{{\"noise\":\"{noise}\"}}")).unwrap(),
        ..event(number)
    }
}

/// The events, as comparable text: all that they are.
pub(crate) fn texts<'a>(events: impl IntoIterator<Item = &'a Event>) -> Vec<String> {
    let text = |event: &Event| event.to_message().unwrap();
    events.into_iter().map(text).collect()
}

/// Alice's standing webhook for every success of the actor, defined `number` seconds after the beginning.
pub(crate) fn webhook(number: u8) -> Webhook {
    Webhook {
        id: id(number),
        user: alice(),
        condition: Condition::Actor(ActorId::parse("actor").unwrap()),
        lifetime: Lifetime::Standing,
        definition: Definition {
            event_types: EventTypes::parse(["ACTOR.RUN.SUCCEEDED", "ACTOR.RUN.TIMED-OUT"]).unwrap(),
            action_type: ActionType::HttpRequest,
            request_url: RequestUrl::parse("https://user:word@example.com/hook?q=é#f").unwrap(),
            templates: Templates::parse(
                Some(r#"{"run": {{resource.id}}}"#),
                Some(r#"{"Authorization": "Bearer {{userId}}"}"#),
                true,
            )
            .unwrap(),
            ignore_ssl_errors: true,
            do_not_retry: false,
            sign_with_ed25519: false,
        },
        label: Label {
            title: Some("title".to_owned()),
            description: Some(String::new()),
            is_apify_integration: true,
        },
        idempotency_key: None,
        version: 1,
        secret: SecretVersions::default(),
        state: WebhookState::Enabled,
        disabled_because: None,
        failing_since: None,
        hears_from: None,
        spread: Spread::default(),
        created_at: at(number.into()),
        modified_at: at(number.into()),
    }
}

/// Alice's ad hoc webhook for run `run_number`.
pub(crate) fn ad_hoc(number: u8, run_number: u32) -> Webhook {
    Webhook {
        condition: Condition::Run(run(run_number)),
        lifetime: Lifetime::AdHoc(run(run_number)),
        label: Label::default(),
        ..webhook(number)
    }
}

/// A webhook that is made with an idempotency key.
pub(crate) fn keyed(webhook: Webhook, key: &str) -> Webhook {
    Webhook {
        idempotency_key: Some(key.to_owned()),
        ..webhook
    }
}

/// The next version of a webhook, which still is as it was.
pub(crate) fn changed(webhook: &Webhook) -> Webhook {
    Webhook {
        version: webhook.version + 1,
        modified_at: at(90),
        ..webhook.clone()
    }
}

/// A webhook as its record is when it was deleted nine seconds after the beginning.
pub(crate) fn removed(webhook: &Webhook) -> Webhook {
    Webhook {
        state: WebhookState::Removed,
        modified_at: at(9),
        ..changed(webhook)
    }
}

/// A webhook as those of dispatches are read.
pub(crate) fn without_templates(webhook: &Webhook) -> Webhook {
    let mut webhook = webhook.clone();
    let templates = &mut webhook.definition.templates;
    (templates.payload, templates.headers) = (None, None);
    webhook
}

/// The dispatch that an event makes of a webhook.
pub(crate) fn dispatch(webhook: &Webhook, event: &Event) -> Dispatch {
    let entry = MatchEntry {
        webhook: webhook.id.clone(),
        events: webhook.definition.event_types.mask(),
        enabled: true,
        lifetime: webhook.lifetime.clone(),
        fired_by: None,
        hears_from: None,
        spread: webhook.spread.clone(),
        is_removed: false,
    };
    Dispatch::new(&entry, event)
}

/// A test delivery of a webhook, asked for so many seconds after the beginning.
pub(crate) fn test_dispatch(webhook: &Webhook, seconds: u32) -> Dispatch {
    let event = Event::test(&webhook.user, at(seconds)).unwrap();
    Dispatch::test(webhook, &event)
}

/// The message that asks for that attempt of a dispatch.
pub(crate) fn message(dispatch: &Dispatch, attempt: u32) -> DeliveryMessage {
    DeliveryMessage {
        attempt,
        ..DeliveryMessage::next_of(dispatch)
    }
}

/// A call that failed, `number` seconds after the beginning.
pub(crate) fn failed_call(number: u32) -> Call {
    Call {
        started_at: at(number),
        finished_at: at(number + 1),
        error_message: Some("Endpoint responded with HTTP status code 500".to_owned()),
        response_status: Some(500),
        response_body: Some("out of order: \u{0} é".to_owned()),
        details: CallDetails {
            version: Some(number),
            signed_at: Some(at(number)),
            remote: Some("2001:db8::1".parse().unwrap()),
            response_headers: Some("Server: é\nX-Odd\n".to_owned()),
        },
    }
}
