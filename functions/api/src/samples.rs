//! A webhook, a dispatch and notices, for tests.

use std::net::Ipv4Addr;

use domain::condition::Condition;
use domain::definition::Definition;
use domain::dispatch::{Call, CallDetails, Dispatch, DispatchState};
use domain::dispatch_id::DispatchId;
use domain::endpoint::ScopeId;
use domain::event::{EventKey, Subject};
use domain::event_type::EventType;
use domain::fields::Fields;
use domain::id::{ActorId, JobId, RunId, UserId, WebhookId};
use domain::notice::{Change, Covers, Notice, NoticeId, Paused};
use domain::signature::SecretVersions;
use domain::spread::Spread;
use domain::timestamp::Timestamp;
use domain::trace_context::TraceContext;
use domain::webhook::{Label, Lifetime, Webhook, WebhookState};
use serde_json::{Value, json};

/// When everything here happened.
pub(crate) const AT: &str = "2019-01-09T15:59:56.408Z";

pub(crate) fn at() -> Timestamp {
    Timestamp::parse(AT).unwrap()
}

/// A standing webhook, in an older spelling.
pub(crate) fn webhook() -> Webhook {
    let definition =
        json!({"eventTypes": ["ACTOR.RUN.TIMEDOUT"], "requestUrl": "https://example.com"});
    let Value::Object(definition) = definition else {
        panic!("no object")
    };
    Webhook {
        id: WebhookId::from_bytes([0; 16]),
        user: UserId::parse("u").unwrap(),
        condition: Condition::Actor(ActorId::parse("a").unwrap()),
        lifetime: Lifetime::Standing,
        definition: Definition::take(&mut Fields::new(definition)).unwrap(),
        label: Label::default(),
        idempotency_key: None,
        version: 1,
        secret: SecretVersions::default(),
        state: WebhookState::Enabled,
        disabled_because: None,
        failing_since: None,
        hears_from: None,
        spread: Spread::default(),
        created_at: at(),
        modified_at: at(),
    }
}

/// A dispatch of that webhook.
pub(crate) fn dispatch(state: DispatchState, calls: Vec<Call>) -> Dispatch {
    let webhook = webhook();
    Dispatch {
        id: DispatchId::parse("A50PsRbHTn0123456789ab").unwrap(),
        lifetime: webhook.lifetime.clone(),
        user: webhook.user,
        webhook: webhook.id,
        subject: Subject::Run {
            actor_id: ActorId::parse("a").unwrap(),
            actor_task_id: None,
            actor_run_id: RunId::parse("r").unwrap(),
        },
        event: EventKey {
            created_at: at(),
            hash: "0123456789ab".to_owned(),
        },
        event_type: EventType::RunTimedOut,
        state,
        calls,
        redelivery: None,
    }
}

/// A call that was answered with 200.
pub(crate) fn call() -> Call {
    Call {
        started_at: at(),
        finished_at: at(),
        error_message: None,
        response_status: Some(200),
        response_body: Some("{\"ok\":true}".to_owned()),
        details: CallDetails {
            version: Some(1),
            signed_at: None,
            remote: Some(Ipv4Addr::new(192, 0, 2, 1).into()),
            response_headers: Some("Content-Type: text/plain\nX-A: 1\nx-a: 2\nodd\n".to_owned()),
        },
    }
}

/// A notice that the webhook was switched off.
pub(crate) fn notice() -> Notice {
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    Notice {
        id: NoticeId::try_from("0123456789abcdefghijkl".to_owned()).unwrap(),
        change: Change::WebhookDisabled,
        user_id: webhook().user,
        webhook_id: Some(webhook().id),
        created_at: at(),
        reason: "Its endpoint is gone".to_owned(),
        traceparent: Some(TraceContext::parse(trace).unwrap()),
    }
}

/// A notice of each type, in the order of [`Notice::TYPES`].
pub(crate) fn notices() -> Vec<Notice> {
    let dispatch = dispatch(DispatchState::Succeeded, Vec::new()).id;
    let paused = Paused {
        host: "example.com".to_owned(),
        scope: ScopeId::parse("01234567").unwrap(),
        covers: Some(Covers::Certificate),
    };
    let forgotten = Paused {
        covers: None,
        ..paused.clone()
    };
    let of = |change| Notice { change, ..notice() };
    let mut rejected = of(Change::AdHocWebhookRejected {
        run_id: RunId::parse("r").unwrap(),
        count: 2,
    });
    rejected.webhook_id = None;
    vec![
        of(Change::WebhookFailing { since: at() }),
        of(Change::WebhookRecovered {
            failing_since: at(),
        }),
        of(Change::WebhookDisabled),
        of(Change::WebhookEnabled),
        of(Change::DispatchExhausted {
            count: 12,
            dispatch_ids: vec![dispatch; 10],
        }),
        of(Change::RedeliveryFinished {
            job_id: JobId::from_bytes([1; 16]),
            count: 7,
        }),
        of(Change::EndpointPaused {
            paused,
            until: at(),
        }),
        of(Change::EndpointResumed { paused: forgotten }),
        rejected,
    ]
}
