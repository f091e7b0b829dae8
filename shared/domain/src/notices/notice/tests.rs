use super::*;
use crate::ad_hoc::Rejected;
use crate::condition::Condition;
use crate::definition::{Definition, Templates};
use crate::due::Minute;
use crate::endpoint::{Endpoint, Scopes};
use crate::event::EventKey;
use crate::event_type::{EventType, EventTypes};
use crate::id::ActorId;
use crate::redelivery::Refusal;
use crate::redelivery_job::{Job, JobState};
use crate::request_url::RequestUrl;
use crate::signature::SecretVersions;
use crate::spread::Spread;
use crate::webhook::Label;
use crate::webhook::{Lifetime, WebhookState};
use crate::{action_type::ActionType, ad_hoc::Rejection};
use serde_json::{Value, json};

const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000 + seconds * 1000).unwrap()
}

fn user() -> UserId {
    UserId::parse("alice").unwrap()
}

fn webhook() -> Webhook {
    Webhook {
        id: WebhookId::from_bytes([7; 16]),
        user: user(),
        condition: Condition::Actor(ActorId::parse("a").unwrap()),
        lifetime: Lifetime::Standing,
        definition: Definition {
            event_types: EventTypes::parse([EventType::RunSucceeded.name()]).unwrap(),
            action_type: ActionType::HttpRequest,
            request_url: RequestUrl::parse("https://example.com/hook?token=secret").unwrap(),
            templates: Templates::default(),
            ignore_ssl_errors: false,
            do_not_retry: false,
            sign_with_ed25519: false,
        },
        label: Label::default(),
        idempotency_key: None,
        version: 3,
        secret: SecretVersions::default(),
        state: WebhookState::Enabled,
        disabled_because: None,
        failing_since: None,
        hears_from: None,
        spread: Spread::default(),
        created_at: at(0),
        modified_at: at(60),
    }
}

fn of(webhook: &Webhook) -> Found<'_> {
    let trace = None;
    Found { webhook, trace }
}

fn as_json(notice: &Notice) -> Value {
    let text = notice.to_json().unwrap();
    assert_eq!(&Notice::from_json(&text).unwrap(), notice);
    serde_json::from_str(&text).unwrap()
}

#[test]
fn a_notice_is_one_flat_object() {
    let trace = TraceContext::parse(TRACE).unwrap();
    let webhook = webhook();
    let found = Found {
        webhook: &webhook,
        trace: Some(&trace),
    };
    let notice = Notice::failing(found, at(1), at(3601)).unwrap();
    let expected = json!({
        "id": notice.id.as_str(),
        "type": "webhook.failing",
        "since": at(1),
        "userId": "alice",
        "webhookId": webhook.id,
        "createdAt": at(3601),
        "reason": format!("Its endpoint has accepted nothing since {}", at(1)),
        "traceparent": TRACE,
    });
    assert_eq!(as_json(&notice), expected);
}

/// One notice of each type, in the order of [`Notice::TYPES`].
fn all() -> Vec<Notice> {
    let webhook = webhook();
    let failing = Webhook {
        failing_since: Some(at(9)),
        ..webhook.clone()
    };
    let off = Webhook {
        state: WebhookState::Disabled,
        disabled_because: Some("It is gone".to_owned()),
        version: 4,
        ..webhook.clone()
    };
    let endpoint = Endpoint::of(&user(), &webhook.definition.request_url);
    let scopes = Scopes::of(&webhook.definition.request_url, true);
    let here = (&endpoint, &scopes.connection);
    let dispatch = DispatchId::parse("A50PsRbHTn0123456789ab").unwrap();
    let job = Job {
        id: JobId::from_bytes([1; 16]),
        user: user(),
        webhook: webhook.id.clone(),
        since: None,
        until: at(5),
        started_at: at(5),
        progress: Default::default(),
        state: JobState::Finished { at: at(7) },
    };
    let run = RunId::parse("run").unwrap();
    let event = EventKey {
        created_at: at(2),
        hash: "0123456789ab".to_owned(),
    };
    let mut rejected = Rejected::default();
    rejected.add(Some(0), "[0].requestUrl: is required".to_owned());
    vec![
        Notice::failing(of(&webhook), at(1), at(2)).unwrap(),
        Notice::recovered(of(&failing), at(10)).unwrap(),
        Notice::of_change(&webhook, &off, None).unwrap(),
        Notice::of_change(&off, &webhook, None).unwrap(),
        Notice::exhausted(
            (&user(), &webhook.id),
            Minute::of(at(0)),
            &exhausted(vec![dispatch], 1),
        ),
        Notice::finished(&job).unwrap(),
        Notice::paused(of(&webhook), here, (10, at(60)), at(0)),
        Notice::resumed(of(&webhook), here, at(60), at(61)),
        Notice::rejected((&user(), &run), &event, &rejected, None, at(3)),
    ]
}

#[test]
fn every_type_is_written_as_the_list_has_it_and_read_back() {
    let types: Vec<_> = all()
        .iter()
        .map(|notice| {
            let json = as_json(notice);
            assert_eq!(json["type"], notice.change.name());
            assert!(!notice.reason.is_empty());
            assert_eq!(json["userId"], "alice");
            json["type"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(types, Notice::TYPES);
}

#[test]
fn no_notice_says_what_may_be_secret_of_a_url() {
    for notice in all() {
        assert!(!notice.to_json().unwrap().contains("secret"), "{notice:?}");
    }
}

#[test]
fn every_change_has_an_id_of_its_own_and_the_same_when_it_is_told_again() {
    let ids: std::collections::BTreeSet<_> = all().into_iter().map(|notice| notice.id).collect();
    assert_eq!(ids.len(), Notice::TYPES.len());
    let again: std::collections::BTreeSet<_> = all().into_iter().map(|notice| notice.id).collect();
    assert_eq!(ids, again);
    let webhook = webhook();
    let failing = |seconds| {
        let notice = Notice::failing(of(&webhook), at(1), at(seconds));
        notice.unwrap().id
    };
    assert_ne!(failing(2), failing(3));
}

#[test]
fn only_a_standing_webhook_in_force_begins_to_fail_and_only_once() {
    let run = RunId::parse("run").unwrap();
    let others = [
        Webhook {
            lifetime: Lifetime::AdHoc(run),
            ..webhook()
        },
        Webhook {
            state: WebhookState::Disabled,
            ..webhook()
        },
        Webhook {
            failing_since: Some(at(1)),
            ..webhook()
        },
    ];
    for webhook in &others {
        assert_eq!(Notice::failing(of(webhook), at(1), at(2)), None);
    }
    assert_eq!(Notice::recovered(of(&webhook()), at(2)), None);
}

#[test]
fn a_webhook_that_its_owner_switches_off_is_not_told_of() {
    let off = Webhook {
        state: WebhookState::Disabled,
        ..webhook()
    };
    assert_eq!(Notice::of_change(&webhook(), &off, None), None);
    assert_eq!(Notice::of_change(&off, &off, None), None);
    let deleted = Webhook {
        state: WebhookState::Removed,
        ..webhook()
    };
    assert_eq!(Notice::of_change(&off, &deleted, None), None);
}

#[test]
fn the_ids_of_what_is_paused_and_resumes_are_joined_by_the_scope() {
    let [paused, resumed] = [6, 7].map(|place| as_json(&all()[place]));
    assert_eq!(paused["scope"], resumed["scope"]);
    assert_eq!(
        (&paused["host"], &paused["covers"]),
        (&json!("example.com"), &json!("port"))
    );
    assert_eq!(paused["until"], json!(at(60)));
}

#[test]
fn what_was_forgotten_for_another_urls_room_is_of_no_webhook() {
    let (webhook, other) = (
        webhook(),
        RequestUrl::parse("https://example.com/other").unwrap(),
    );
    let endpoint = Endpoint::of(&user(), &other);
    let scope = Scopes::of(&other, true).url;
    let resumed = Notice::resumed(of(&webhook), (&endpoint, &scope), at(60), at(61));
    let json = as_json(&resumed);
    assert_eq!((json.get("webhookId"), json.get("covers")), (None, None));
    assert_eq!(json["scope"], json!(scope));
}

#[test]
fn dispatches_are_counted_and_the_first_of_them_named() {
    let ids: Vec<_> = (0..12)
        .map(|number| DispatchId::parse(&format!("A50PsRbHTn0123456789{number:02}")).unwrap())
        .collect();
    let told = |ids: Vec<_>, count| {
        let webhook = webhook().id;
        let exhausted = exhausted(ids, count);
        Notice::exhausted((&user(), &webhook), Minute::of(at(0)), &exhausted)
    };
    let notice = told(ids.clone(), 12);
    let json = as_json(&notice);
    assert_eq!(json["count"], 12);
    assert_eq!(
        json["dispatchIds"].as_array().unwrap().len(),
        MOST_DISPATCHES
    );
    assert_eq!(notice.created_at, Minute::of(at(0)).end());
    // What is noted too late for it is told by another.
    assert_ne!(told(ids[1..].to_vec(), 1).id, notice.id);
}

fn exhausted(dispatches: Vec<DispatchId>, count: usize) -> Exhausted {
    Exhausted {
        dispatches,
        attempt: 12,
        count,
        trace: None,
    }
}

#[test]
fn a_job_is_told_of_when_it_has_ended_and_says_how() {
    let job = |state| Job {
        id: JobId::from_bytes([1; 16]),
        user: user(),
        webhook: webhook().id,
        since: None,
        until: at(5),
        started_at: at(5),
        progress: crate::redelivery_job::Progress {
            redelivered: 1,
            ..Default::default()
        },
        state,
    };
    assert_eq!(Notice::finished(&job(JobState::Running)), None);
    let stopped = JobState::Stopped {
        at: at(8),
        refusal: Refusal::WebhookDisabled,
    };
    let reasons = [JobState::Finished { at: at(8) }, stopped].map(|state| {
        let notice = Notice::finished(&job(state)).unwrap();
        (notice.created_at, notice.reason)
    });
    let expected = [
        "1 dispatch redelivered",
        "Stopped after 1 dispatch, because the webhook is switched off",
    ];
    assert_eq!(reasons, expected.map(|reason| (at(8), reason.to_owned())));
}

#[test]
fn of_many_rejected_definitions_the_first_reasons_are_given_and_the_rest_is_counted() {
    let run = RunId::parse("run").unwrap();
    let event = EventKey {
        created_at: at(2),
        hash: "0123456789ab".to_owned(),
    };
    let rejected = Rejected {
        count: 30,
        reasons: (0..20)
            .map(|position| Rejection {
                position: Some(position),
                reason: format!("[{position}] is bad"),
            })
            .collect(),
    };
    let notice = Notice::rejected((&user(), &run), &event, &rejected, None, at(3));
    let expected = "[0] is bad; [1] is bad; [2] is bad; [3] is bad; [4] is bad; and 25 more";
    assert_eq!(notice.reason, expected);
}
