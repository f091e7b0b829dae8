//! Whatever people wrote is text in a page.

use std::time::Duration;

use domain::dispatch::DispatchState;
use domain::grant::Grant;
use domain::notice::Change;
use domain::webhook::{Label, Webhook, WebhookState};
use maud::{Markup, html};

use super::form::{Form, Problems, fields};
use super::state::{Trouble, badge, explained};
use super::{ContentPolicy, chart, request, timeline, webhooks};
use crate::samples::{at, call, dispatch, notices, webhook};

const HOSTILE: &str = "\"><script>alert('1')</script></textarea><img src=x onerror=\"alert(1)\">";

/// A webhook of which everything that is a text is hostile.
fn hostile() -> Webhook {
    let webhook = webhook();
    Webhook {
        label: Label {
            title: Some(HOSTILE.to_owned()),
            description: Some(HOSTILE.to_owned()),
            is_apify_integration: false,
        },
        state: WebhookState::Disabled,
        disabled_because: Some(HOSTILE.to_owned()),
        ..webhook
    }
}

fn assert_text(page: &Markup) {
    let page = &page.0;
    assert!(page.contains("&lt;script&gt;"), "{page}");
    for forbidden in ["<script", "<img", "</textarea><img"] {
        assert!(!page.contains(forbidden), "{forbidden}: {page}");
    }
}

#[test]
fn what_an_owner_has_written_is_text() {
    let webhook = hostile();
    assert_text(&html! { (webhooks::name(&webhook)) });
    assert_text(&explained(&webhook, Trouble::default(), at()).unwrap());
    assert_text(&fields(
        &Form::of(&webhook),
        &Problems::default(),
        &Grant::full(),
        false,
    ));
    assert!(badge(&webhook, Trouble::default()).0.contains("Off"));
}

#[test]
fn what_somebody_types_comes_back_as_text() {
    let typed = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("payloadTemplate", HOSTILE)
        .append_pair("requestUrl", HOSTILE)
        .append_pair("resourceId", HOSTILE)
        .finish();
    assert_text(&fields(
        &Form::read(typed.as_bytes()),
        &Problems::default(),
        &Grant::full(),
        true,
    ));
}

#[test]
fn what_a_receiver_has_said_is_text() {
    let failed = domain::dispatch::Call {
        error_message: Some(HOSTILE.to_owned()),
        ..call()
    };
    let state = DispatchState::Failed {
        reason: HOSTILE.to_owned(),
    };
    let dispatch = dispatch(state, vec![failed]);
    assert_text(&timeline::progress(&dispatch));
    assert_text(&request::body(HOSTILE));
    assert_text(&request::body(
        &serde_json::json!({ "a": HOSTILE }).to_string(),
    ));
    assert!(chart::bars(&[dispatch]).0.contains("1 failed"));
}

#[test]
fn a_line_break_at_the_start_of_a_template_is_not_lost() {
    let typed = "payloadTemplate=%0D%0A%0D%0A%7B%7D";
    let form = Form::read(typed.as_bytes());
    assert_eq!(form.text("payloadTemplate"), "\n\n{}");
    let page = fields(&form, &Problems::default(), &Grant::full(), true).0;
    assert!(page.contains(">\n\n\n{}</textarea>"), "{page}");
}

#[test]
fn a_form_makes_the_webhook_that_it_shows() {
    let webhook = webhook();
    let body = Form::of(&webhook).body();
    assert_eq!(body["requestUrl"], webhook.definition.request_url.as_str());
    assert_eq!(body["condition"], serde_json::json!({"actorId": "a"}));
    assert_eq!(body["isAdHoc"], false);
    let names: Vec<_> = webhook.definition.event_types.names().collect();
    let read =
        |name: &serde_json::Value| domain::event_type::EventType::parse(name.as_str().unwrap());
    let same = body["eventTypes"].as_array().unwrap().iter().map(read);
    assert!(same.eq(names.into_iter().map(domain::event_type::EventType::parse)));
}

#[test]
fn origins_that_would_change_the_policy_let_nobody_in() {
    let policy = |origins| ContentPolicy::of(origins).0.to_str().unwrap().to_owned();
    let good = policy("'self' https://platform.example");
    assert!(good.ends_with("frame-ancestors 'self' https://platform.example"));
    for bad in ["https://a.example; script-src *", "a,b", "https://a\n"] {
        assert!(policy(bad).ends_with("frame-ancestors 'none'"), "{bad}");
    }
}

#[test]
fn what_a_notice_says_is_text_and_leads_to_what_it_tells_of() {
    let hostile = notices().into_iter().map(|mut notice| {
        notice.reason = HOSTILE.to_owned();
        if let Change::EndpointPaused { paused, .. } = &mut notice.change {
            paused.host = HOSTILE.to_owned();
        }
        notice
    });
    let webhook = webhook().id;
    for notice in hostile {
        let page = super::notices::list(&webhook, std::slice::from_ref(&notice), at());
        assert_text(&page);
        let link = match &notice.change {
            Change::DispatchExhausted { dispatch_ids, .. } => {
                assert!(page.0.contains("12 dispatches"), "{page:?}");
                assert!(page.0.contains("?status=FAILED"), "{page:?}");
                format!("href=\"/console/dispatches/{}\"", dispatch_ids[0])
            }
            Change::RedeliveryFinished { job_id, .. } => {
                format!("href=\"/console/webhooks/{webhook}/jobs/{job_id}\"")
            }
            _ => continue,
        };
        assert!(page.0.contains(&link), "{page:?}");
    }
    let none = super::notices::list(&webhook, &[], at());
    assert!(none.0.contains("No notices"), "{none:?}");
}

#[test]
fn a_webhook_that_is_known_to_be_failing_says_so_until_it_has_delivered() {
    let failing = Webhook {
        failing_since: Some(at()),
        ..webhook()
    };
    let (unknown, later) = (Trouble::default(), at().after(Duration::from_secs(7200)));
    assert!(badge(&failing, unknown).0.contains("Failing"));
    let words = explained(&failing, unknown, later).unwrap().0;
    assert!(
        words.contains("failing for <time") && words.contains(">2 h<"),
        "{words}"
    );
    let off = Webhook {
        state: WebhookState::Disabled,
        ..failing
    };
    assert!(badge(&off, unknown).0.contains("Off"));
    assert!(badge(&webhook(), unknown).0.contains("On"));
    assert!(explained(&webhook(), unknown, later).is_none());
}
