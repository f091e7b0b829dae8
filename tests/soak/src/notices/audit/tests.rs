use serde_json::{Value, json};

use super::super::tables::Webhook;
use super::*;

/// What was told: a change each, with its place as its time and id.
fn told(notices: &[Value]) -> (Notices, Tables) {
    let (mut all, mut tables) = (Notices::default(), Tables::default());
    for (place, notice) in notices.iter().enumerate() {
        let id = format!("n{place}");
        let mut body = json!({
            "id": id, "userId": "u", "createdAt": format!("t{place}"), "reason": "so",
        });
        if let (Value::Object(body), Value::Object(notice)) = (&mut body, notice) {
            body.extend(notice.clone());
        }
        if body.get("webhookId").is_some() {
            tables.laid_out.insert(id);
        }
        all.take(&body.to_string());
    }
    (all, tables)
}

/// How many notices are missing, and how many are without cause.
fn counts((notices, tables): &(Notices, Tables), due: &Due) -> (usize, usize) {
    let wrong = wrong(notices, due, tables);
    (wrong.missing.len(), wrong.without_cause.len())
}

fn of_webhook(kind: &str) -> Value {
    json!({ "type": format!("webhook.{kind}"), "webhookId": "w" })
}

#[test]
fn every_exhaustion_is_counted_once() {
    let notice = json!({ "type": "dispatch.exhausted", "webhookId": "w", "count": 2 });
    let exhausted = |dispatches: &[(&str, usize)]| {
        let item = |(id, attempts): &(&str, usize)| ("w".to_owned(), (*id).to_owned(), *attempts);
        Due {
            exhausted: dispatches.iter().map(item).collect(),
            ..Due::default()
        }
    };
    let told = told(&[notice]);
    assert_eq!(counts(&told, &exhausted(&[("d", 7), ("e", 7)])), (0, 0));
    assert_eq!(counts(&told, &exhausted(&[("d", 7), ("d", 14)])), (0, 0));
    assert_eq!(counts(&told, &exhausted(&[("d", 7)])), (0, 1));
    let three = exhausted(&[("d", 7), ("d", 14), ("e", 7)]);
    assert_eq!(counts(&told, &three), (1, 0));
}

#[test]
fn a_webhook_is_switched_off_and_on_by_turns() {
    let enabled_once = || Due {
        enabled: BTreeMap::from([("w".to_owned(), 1)]),
        ..Due::default()
    };
    let off = |tables: &mut Tables| {
        let webhook = Webhook {
            is_off: true,
            ..Webhook::default()
        };
        tables.webhooks.insert("w".to_owned(), webhook);
    };
    let mut right = told(&["disabled", "enabled", "disabled"].map(of_webhook));
    off(&mut right.1);
    assert_eq!(counts(&right, &enabled_once()), (0, 0));
    let mut silent = told(&["disabled", "enabled"].map(of_webhook));
    off(&mut silent.1);
    assert_eq!(counts(&silent, &enabled_once()), (1, 0));
    let mut twice = told(&["disabled", "disabled"].map(of_webhook));
    off(&mut twice.1);
    // It is without a change, and one too many.
    assert_eq!(counts(&twice, &Due::default()), (0, 2));
}

#[test]
fn a_webhook_that_fails_recovers_or_is_switched_off_or_still_fails() {
    let recovered = json!({ "type": "webhook.recovered", "webhookId": "w", "failingSince": "t0" });
    let over = told(&[of_webhook("failing"), recovered.clone()]);
    assert_eq!(counts(&over, &Due::default()), (0, 0));
    let of_nothing = told(&[recovered]);
    assert_eq!(counts(&of_nothing, &Due::default()), (0, 1));
    let mut open = told(&[of_webhook("failing")]);
    assert_eq!(counts(&open, &Due::default()), (1, 0));
    let failing = |since: &str| Webhook {
        failing_since: Some(since.to_owned()),
        ..Webhook::default()
    };
    open.1.webhooks.insert("w".to_owned(), failing("t0"));
    assert_eq!(counts(&open, &Due::default()), (0, 0));
    let mut untold = told(&[]);
    untold.1.webhooks.insert("w".to_owned(), failing("t0"));
    assert_eq!(counts(&untold, &Due::default()), (1, 0));
}

#[test]
fn what_is_paused_is_resumed_or_still_paused() {
    let of_scope = |kind: &str| json!({ "type": format!("endpoint.{kind}"), "scope": "s" });
    let over = told(&[of_scope("paused"), of_scope("resumed")]);
    assert_eq!(counts(&over, &Due::default()), (0, 0));
    let mut open = told(&[of_scope("paused")]);
    assert_eq!(counts(&open, &Due::default()), (0, 1));
    open.1.paused.insert(("u".to_owned(), "s".to_owned()));
    assert_eq!(counts(&open, &Due::default()), (0, 0));
}

#[test]
fn what_ends_or_comes_to_nothing_is_told_of_and_what_was_written_down_is_sent() {
    let job = json!({ "type": "redelivery.finished", "jobId": "j", "count": 3 });
    let rejected = json!({ "type": "adHocWebhook.rejected", "runId": "r", "count": 1 });
    let mut told = told(&[job, rejected]);
    assert_eq!(counts(&told, &Due::default()), (0, 2));
    told.1.ended_jobs.insert("j".to_owned(), 3);
    let due = Due {
        rejected: BTreeSet::from(["r".to_owned()]),
        ..Due::default()
    };
    assert_eq!(counts(&told, &due), (0, 0));
    told.1.unsent.push("N#".to_owned());
    assert_eq!(counts(&told, &due), (1, 0));
}
