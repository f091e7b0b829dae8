//! What owners of webhooks are told when something has changed: each kind of notice, and that there
//! is none of anything else.

mod crashes;
mod queue;

use std::time::Duration;

use serde_json::{Value, json};

use crate::mortal::Mortal;
use crate::receiver::Answer;
use crate::run::{Run, USER, ad_hoc};
use crate::stage::{Stage, types};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const OK: [Answer; 1] = [Answer::Status(200)];
const DOWN: [Answer; 1] = [Answer::Status(500)];

/// A platform with these parameters, and a standing webhook for what succeeds.
async fn stage(parameters: &[(&str, &str)]) -> (Stage, String) {
    let stage = Stage::with(parameters).await;
    let id = stage
        .webhook(&["SUCCEEDED"], json!({"actorId": "actor1"}), "/hook")
        .await;
    (stage, id)
}

/// One more run succeeds, and what follows has come to rest.
async fn succeed(stage: &Stage, number: usize) {
    let second = u32::try_from(number).expect("a second");
    let run = Run::new(&format!("run{number}"));
    stage.send(&run.event("SUCCEEDED", second)).await;
    stage.drained("EventQueue").await;
    stage.attempted().await;
}

/// What every notice of a webhook has.
fn assert_is_of(notice: &Value, webhook: &str) {
    assert_eq!(
        (&notice["userId"], &notice["webhookId"]),
        (&json!(USER), &json!(webhook)),
        "{notice}"
    );
    for field in ["id", "createdAt", "reason"] {
        assert!(notice[field].is_string(), "{field}: {notice}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_what_goes_well_nobody_is_told() {
    let (stage, _) = stage(&[]).await;
    for number in 1..=5 {
        succeed(&stage, number).await;
    }
    stage.receiver.wait_for(5).await;
    stage.settled().await;
    assert!(stage.all_notices().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_has_failed_for_long_enough_is_told_of_once_and_so_is_its_recovery() {
    let parameters = [
        ("RetryScheduleSeconds", "60000"),
        ("FailingAfterMinutes", "30"),
    ];
    let (stage, id) = stage(&parameters).await;
    stage.receiver.script("/hook", &DOWN);
    succeed(&stage, 1).await;
    stage.advance(20 * MINUTE);
    succeed(&stage, 2).await;
    assert!(stage.notices().await.is_empty(), "it is too early");
    stage.advance(11 * MINUTE);
    for number in 3..=5 {
        succeed(&stage, number).await;
    }
    let notices = stage.notices().await;
    assert_eq!(types(&notices), ["webhook.failing"]);
    assert_is_of(&notices[0], &id);
    let since = notices[0]["since"].as_str().expect("a time");
    let reason = notices[0]["reason"].as_str().expect("a reason");
    assert!(reason.contains(since), "{reason}");

    stage.receiver.script("/hook", &OK);
    for number in 6..=8 {
        succeed(&stage, number).await;
    }
    let notices = stage.notices().await;
    assert_eq!(types(&notices), ["webhook.recovered"]);
    assert_is_of(&notices[0], &id);
    // What fails after that begins anew.
    stage.receiver.script("/hook", &DOWN);
    succeed(&stage, 9).await;
    assert!(stage.notices().await.is_empty());
    stage.advance(31 * MINUTE);
    succeed(&stage, 10).await;
    assert_eq!(types(&stage.notices().await), ["webhook.failing"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_is_told_that_a_webhook_is_disabled_after_a_410_and_that_it_is_enabled() {
    let (stage, id) = stage(&[]).await;
    stage.receiver.script("/hook", &[Answer::Status(410)]);
    succeed(&stage, 1).await;
    let notices = stage.notices().await;
    assert_eq!(types(&notices), ["webhook.disabled"]);
    assert_is_of(&notices[0], &id);
    let path = format!("/v2/webhooks/{id}");
    let (_, shown) = stage.api("GET", &path, None).await;
    assert_eq!(notices[0]["reason"], shown["data"]["disabledReason"]);

    let enable = |is_enabled: bool| json!({"isEnabled": is_enabled});
    for (is_enabled, told) in [
        (true, Some("webhook.enabled")),
        (true, None),
        // That, its owner knows.
        (false, None),
        (true, Some("webhook.enabled")),
    ] {
        let (status, _) = stage.api("PUT", &path, Some(&enable(is_enabled))).await;
        assert_eq!(status, 200);
        let notices = stage.notices().await;
        assert_eq!(types(&notices), told.into_iter().collect::<Vec<_>>());
        notices.iter().for_each(|notice| assert_is_of(notice, &id));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_is_told_that_a_webhook_is_disabled_after_days_without_a_success() {
    let parameters = [("RetryScheduleSeconds", "60"), ("DisableAfterDays", "2")];
    let (stage, id) = stage(&parameters).await;
    stage.receiver.script("/hook", &DOWN);
    succeed(&stage, 1).await;
    stage.advance(DAY);
    succeed(&stage, 2).await;
    stage.advance(DAY + MINUTE);
    succeed(&stage, 3).await;
    stage.settled().await;
    let notices = stage.all_notices().await;
    let mut kinds = types(&notices);
    kinds.retain(|kind| *kind != "dispatch.exhausted");
    // Notices of one sweep come in any order.
    kinds.sort_unstable();
    assert_eq!(kinds, ["webhook.disabled", "webhook.failing"]);
    let disabled = notices
        .iter()
        .find(|notice| notice["type"] == "webhook.disabled")
        .expect("a notice");
    assert_is_of(disabled, &id);
    assert_eq!(
        disabled["reason"],
        "Its endpoint has accepted nothing for 2 days"
    );
    // Switched on again, it is not failing until it has failed for an hour.
    let path = format!("/v2/webhooks/{id}");
    let on = json!({"isEnabled": true});
    assert_eq!(stage.api("PUT", &path, Some(&on)).await.0, 200);
    assert_eq!(types(&stage.notices().await), ["webhook.enabled"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn exhausted_dispatches_of_a_minute_are_told_of_together_and_counted() {
    let (stage, id) = stage(&[("RetryScheduleSeconds", "1")]).await;
    let other = json!({
        "eventTypes": ["ACTOR.RUN.FAILED"], "condition": {"actorId": "actor1"},
        "requestUrl": stage.receiver.url("/other"), "doNotRetry": true,
    });
    assert_eq!(stage.api("POST", "/v2/webhooks", Some(&other)).await.0, 201);
    stage.receiver.script("/hook", &DOWN);
    stage.receiver.script("/other", &DOWN);
    // Of a test delivery, and of what is not to be retried, nobody is told.
    let test = format!("/v2/webhooks/{id}/test");
    assert_eq!(stage.api("POST", &test, None).await.0, 201);
    stage.send(&Run::new("run0").event("FAILED", 0)).await;
    let ids = async |stage: &Stage| {
        let dispatches = stage.dispatches().await;
        let failed = dispatches.into_iter().filter(|one| {
            one.reason.as_deref() == Some("The only retry failed") && one.attempts == 2
        });
        failed.map(|one| one.id).collect::<Vec<_>>()
    };
    let mut counted = 0;
    for many in [12, 3] {
        for number in 1..=many {
            succeed(&stage, counted + number).await;
        }
        counted += many;
        stage.advance(2 * MINUTE);
        stage.settled().await;
        let notices = stage.all_notices().await;
        // They may have been exhausted in two minutes.
        assert!((1..=2).contains(&notices.len()), "{notices:?}");
        let mut told = 0;
        for notice in &notices {
            assert_eq!(notice["type"], "dispatch.exhausted");
            assert_is_of(notice, &id);
            told += notice["count"].as_u64().expect("a count");
            let known = ids(&stage).await;
            let named = notice["dispatchIds"].as_array().expect("dispatches");
            assert!(!named.is_empty() && named.len() <= 10);
            for dispatch in named {
                let dispatch = dispatch.as_str().expect("an id").to_owned();
                assert!(known.contains(&dispatch), "{dispatch}");
            }
        }
        assert_eq!(told, many as u64, "{notices:?}");
    }
}

/// No SDK repeats a transaction that is throttled.
#[tokio::test(flavor = "multi_thread")]
async fn a_last_attempt_whose_record_is_throttled_is_recorded_later_and_not_made_again() {
    let (stage, id) = stage(&[("RetryScheduleSeconds", "1")]).await;
    stage.receiver.script("/hook", &DOWN);
    let throttled = stage.throttled("deliver", &["TransactWriteItems"]);
    stage.send(&Run::new("run1").event("SUCCEEDED", 1)).await;
    stage.receiver.wait_for(2).await;
    let is_refused = || {
        let calls = stage.platform.calls();
        let mut calls = calls.keys();
        calls.any(|call| call.caller == "deliver" && call.operation == "TransactWriteItems")
    };
    while !is_refused() {
        tokio::task::yield_now().await;
    }
    drop(throttled);
    stage.settled().await;
    assert_eq!(stage.receiver.received().len(), 2);
    let notices = stage.all_notices().await;
    assert_eq!(types(&notices), ["dispatch.exhausted"]);
    assert_is_of(&notices[0], &id);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_is_told_when_a_redelivery_of_all_that_has_failed_has_ended() {
    let (stage, id) = stage(&[("RetryScheduleSeconds", "1")]).await;
    stage.receiver.script("/hook", &DOWN);
    for number in 1..=3 {
        succeed(&stage, number).await;
    }
    stage.advance(2 * MINUTE);
    stage.settled().await;
    let _ = stage.all_notices().await;
    stage.receiver.script("/hook", &OK);
    let path = format!("/v2/webhooks/{id}/redeliver-failed");
    let (status, job) = stage.api("POST", &path, None).await;
    assert_eq!(status, 202, "{job}");
    let mut notices = Vec::new();
    for _ in 0..4 {
        notices.extend(stage.notices().await);
        stage.advance(MINUTE);
    }
    assert_eq!(types(&notices), ["redelivery.finished"]);
    assert_is_of(&notices[0], &id);
    assert_eq!(
        (&notices[0]["jobId"], &notices[0]["count"]),
        (&job["data"]["id"], &json!(3))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_is_told_that_an_endpoint_is_paused_and_that_it_has_resumed() {
    let schedule = "60,60,60,60,60,60,60,60,60,60,60";
    let stage = Stage::with(&[("RetryScheduleSeconds", schedule)]).await;
    let endpoint = Mortal::start().await;
    let definition = json!({
        "eventTypes": ["ACTOR.RUN.SUCCEEDED"], "condition": {"actorId": "actor1"}, "requestUrl": endpoint.url,
    });
    let (_, made) = stage.api("POST", "/v2/webhooks", Some(&definition)).await;
    let id = made["data"]["id"].as_str().expect("an id");
    for number in 0..10 {
        succeed(&stage, number).await;
    }
    let paused = stage.notices().await;
    assert_eq!(types(&paused), ["endpoint.paused"]);
    assert_is_of(&paused[0], id);
    assert_eq!(
        (&paused[0]["host"], &paused[0]["covers"]),
        (&json!("127.0.0.1"), &json!("url"))
    );
    assert!(paused[0]["until"].is_string());
    // It is asked now and then, in vain, and left alone for longer: that is no news.
    for _ in 0..3 {
        stage.advance(3 * MINUTE);
        stage.attempted().await;
    }
    assert!(stage.notices().await.is_empty());
    endpoint.revive();
    for _ in 0..12 {
        stage.advance(5 * MINUTE);
        assert!(stage.sweep().await);
        stage.attempted().await;
    }
    let resumed = stage.notices().await;
    assert_eq!(types(&resumed), ["endpoint.resumed"]);
    assert_is_of(&resumed[0], id);
    assert_eq!(resumed[0]["scope"], paused[0]["scope"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_starts_a_run_with_bad_ad_hoc_webhooks_is_told_why_they_came_to_nothing() {
    let stage = Stage::new().await;
    let good = ad_hoc(&["CREATED"], &stage.receiver.url("/hook"));
    let bad = json!({"eventTypes": ["ACTOR.RUN.CREATED"]});
    let mut event = Run::new("run1").created_with(&json!([good, bad]));
    let traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    event["traceparent"] = json!(traceparent);
    for _ in 0..3 {
        stage.send(&event).await;
    }
    stage.receiver.wait_for(1).await;
    stage.settled().await;
    let notices = stage.all_notices().await;
    assert_eq!(types(&notices), ["adHocWebhook.rejected"]);
    let told = &notices[0];
    assert_eq!(
        (&told["userId"], &told["runId"], &told["count"]),
        (&json!(USER), &json!("run1"), &json!(1))
    );
    let reason = told["reason"].as_str().expect("a reason");
    assert!(reason.contains("[1].requestUrl"), "{reason}");
    assert_eq!(told["traceparent"], traceparent);
    // The event comes once more, when the notice was sent: it is no news.
    stage.send(&event).await;
    stage.settled().await;
    assert!(stage.all_notices().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_belongs_to_the_trace_of_the_event_whose_delivery_has_shown_it() {
    let (stage, _) = stage(&[]).await;
    stage.receiver.script("/hook", &[Answer::Status(410)]);
    let mut event = Run::new("run1").event("SUCCEEDED", 1);
    event["traceparent"] = json!("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    stage.send(&event).await;
    stage.receiver.wait_for(1).await;
    stage.settled().await;
    let notices = stage.notices().await;
    let post = &stage.receiver.received()[0];
    assert_eq!(notices[0]["traceparent"], post.header("traceparent"));
}
