//! Whoever dies at whichever call: there is no change without its notice, and no notice without its
//! change. A notice may come twice, with the same id.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use local::gateway::kill::{Kill, Moment};
use serde_json::{Value, json};

use super::{DOWN, MINUTE, OK};
use crate::mortal::Mortal;
use crate::receiver::Answer;
use crate::run::{Run, USER};
use crate::stage::Stage;

const MOMENTS: [Moment; 2] = [Moment::BeforeCall, Moment::AfterCall];
/// How long a worker keeps an attempt to itself, and more.
const LEASE: Duration = Duration::from_secs(181);

/// One of many cases on a stage: an actor, a webhook and a receiver of its own.
struct Case {
    name: String,
    webhook: String,
    /// How many events there were.
    events: u32,
}

impl Case {
    /// With a webhook for what succeeds, at this URL.
    async fn at(stage: &Stage, name: &str, url: &str) -> Self {
        let definition = json!({
            "eventTypes": ["ACTOR.RUN.SUCCEEDED"], "condition": {"actorId": name}, "requestUrl": url,
        });
        let (status, made) = stage.api("POST", "/v2/webhooks", Some(&definition)).await;
        assert_eq!(status, 201, "{made}");
        Self {
            name: name.to_owned(),
            webhook: made["data"]["id"].as_str().expect("an id").to_owned(),
            events: 0,
        }
    }

    /// With a receiver that answers so.
    async fn answered(stage: &Stage, name: &str, answers: &[Answer]) -> Self {
        let path = format!("/{name}");
        stage.receiver.script(&path, answers);
        Self::at(stage, name, &stage.receiver.url(&path)).await
    }

    /// One more run succeeds, while a worker may die of it.
    async fn succeed(&mut self, stage: &Stage) {
        self.events += 1;
        let run = Run {
            actor: self.name.clone(),
            ..Run::new(&format!("{}run{}", self.name, self.events))
        };
        stage.send(&run.event("SUCCEEDED", self.events)).await;
        stage.drained("EventQueue").await;
    }

    /// The same, until everything is done that can be done now.
    async fn succeed_past(&mut self, stage: &Stage, kill: &Kill) {
        self.succeed(stage).await;
        attempted_past(stage, kill).await;
        // Who was killed may have leased the attempt: nobody makes it while that lease lasts.
        stage.advance(LEASE);
        attempted_past(stage, kill).await;
    }

    /// What was told of this case's webhook, each notice once.
    fn told<'n>(&self, notices: &'n [Value]) -> Vec<&'n Value> {
        let own = |notice: &&Value| notice["webhookId"] == json!(self.webhook);
        notices.iter().filter(own).collect()
    }

    /// Types of what was told of it, sorted.
    fn kinds<'n>(&self, notices: &'n [Value]) -> Vec<&'n str> {
        let told = self.told(notices).into_iter();
        let mut kinds: Vec<_> = told.filter_map(|notice| notice["type"].as_str()).collect();
        kinds.sort_unstable();
        kinds
    }

    async fn shown(&self, stage: &Stage) -> Value {
        let path = format!("/v2/webhooks/{}", self.webhook);
        stage.api("GET", &path, None).await.1["data"].clone()
    }

    async fn item(&self, stage: &Stage) -> BTreeMap<String, AttributeValue> {
        let key = |text: String| AttributeValue::S(text);
        let get = stage.dynamodb.get_item().consistent_read(true);
        let get = get.table_name(&stage.platform.endpoints().tables["WebhooksTable"]);
        let get = get.key("pk", key(format!("U#{USER}")));
        let get = get.key("sk", key(format!("W#{}", self.webhook)));
        let item = get.send().await.expect("a table").item;
        item.expect("an item").into_iter().collect()
    }
}

/// Waits until every delivery that is due now was attempted, though a worker may die of it: what it
/// held comes again.
async fn attempted_past(stage: &Stage, kill: &Kill) {
    let give_back = || {
        stage.give_back("DeliveryQueue");
        stage.give_back("SlowDeliveryQueue");
    };
    if !kill.has_fired() {
        tokio::select! {
            () = kill.fired() => {}
            () = stage.attempted() => {}
        }
    }
    if kill.has_fired() {
        give_back();
    }
    stage.attempted().await;
}

/// Kills a function at each of its calls in turn, before the call and after it. `play` is told the
/// name of its case and plays it, from the arming of the kill until nothing is left to do, and says
/// whether the function has died.
async fn at_every_call(
    stage: &Stage,
    function: &str,
    at_least: u32,
    mut play: impl AsyncFnMut(String, Arm<'_>) -> bool,
) {
    for moment in MOMENTS {
        for nth in 1.. {
            let arm = Arm {
                stage,
                function,
                nth,
                moment,
            };
            if !play(format!("case{moment:?}{nth}"), arm).await {
                assert!(nth > at_least, "{function} has died {} times only", nth - 1);
                break;
            }
        }
    }
}

/// A kill that is not armed yet.
struct Arm<'s> {
    stage: &'s Stage,
    function: &'s str,
    nth: u32,
    moment: Moment,
}

impl Arm<'_> {
    fn arm(self) -> Kill {
        self.stage.kill_at(self.function, self.nth, self.moment)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_death_of_deliver_leaves_no_webhook_disabled_without_its_notice() {
    let stage = Stage::new().await;
    let mut cases = Vec::new();
    at_every_call(&stage, "deliver", 3, async |name, arm| {
        let mut case = Case::answered(&stage, &name, &[Answer::Status(410)]).await;
        let kill = arm.arm();
        case.succeed_past(&stage, &kill).await;
        // Where it died before it could switch the webhook off, the next event does.
        case.succeed_past(&stage, &kill).await;
        cases.push(case);
        kill.has_fired()
    })
    .await;
    let notices = stage.all_notices().await;
    for case in &cases {
        assert_eq!(
            case.shown(&stage).await["isEnabled"],
            false,
            "{}",
            case.name
        );
        assert_eq!(case.kinds(&notices), ["webhook.disabled"], "{}", case.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_death_of_deliver_leaves_no_webhook_failing_or_recovered_without_its_notice() {
    let parameters = [
        ("RetryScheduleSeconds", "60000"),
        ("FailingAfterMinutes", "30"),
    ];
    let stage = Stage::with(&parameters).await;
    let mut cases = Vec::new();
    at_every_call(&stage, "deliver", 3, async |name, arm| {
        let mut case = Case::answered(&stage, &name, &DOWN).await;
        case.succeed(&stage).await;
        stage.attempted().await;
        stage.advance(31 * MINUTE);
        let kill = arm.arm();
        case.succeed_past(&stage, &kill).await;
        case.succeed_past(&stage, &kill).await;
        cases.push(case);
        kill.has_fired()
    })
    .await;
    let failing = stage.all_notices().await;
    for case in &cases {
        let item = case.item(&stage).await;
        assert!(item.contains_key("failing_since"), "{}", case.name);
        assert_eq!(case.kinds(&failing), ["webhook.failing"], "{}", case.name);
    }
    let mut recovering = cases.iter_mut();
    at_every_call(&stage, "deliver", 3, async |_, arm| {
        let case = recovering.next().expect("a case that is failing");
        stage.receiver.script(&format!("/{}", case.name), &OK);
        let kill = arm.arm();
        case.succeed_past(&stage, &kill).await;
        case.succeed_past(&stage, &kill).await;
        kill.has_fired()
    })
    .await;
    let recovered = stage.all_notices().await;
    let mut all: Vec<&str> = Vec::new();
    for case in &cases {
        let item = case.item(&stage).await;
        let expected: &[&str] = match item.contains_key("failing_since") {
            true => &[],
            false => &["webhook.recovered"],
        };
        assert_eq!(case.kinds(&recovered), expected, "{}", case.name);
        all.extend(expected);
    }
    assert!(all.len() > 6, "{} webhooks have recovered", all.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_death_of_deliver_leaves_no_dispatch_exhausted_that_is_not_counted_once() {
    let stage = Stage::with(&[("RetryScheduleSeconds", "1")]).await;
    let mut cases = Vec::new();
    at_every_call(&stage, "deliver", 5, async |name, arm| {
        let mut case = Case::answered(&stage, &name, &DOWN).await;
        let kill = arm.arm();
        case.succeed_past(&stage, &kill).await;
        // Its retry, wherever it was left.
        for _ in 0..2 {
            stage.advance(LEASE);
            attempted_past(&stage, &kill).await;
        }
        cases.push(case);
        kill.has_fired()
    })
    .await;
    let notices = stage.all_notices().await;
    for case in &cases {
        let path = format!("/v2/webhooks/{}/dispatches", case.webhook);
        let (_, list) = stage.api("GET", &path, None).await;
        let [dispatch] = &list["data"]["items"].as_array().expect("a list")[..] else {
            panic!("{}: {list}", case.name)
        };
        assert_eq!(dispatch["status"], "FAILED", "{}", case.name);
        let told = case.told(&notices);
        let [notice] = told[..] else {
            panic!("{}: {told:?}", case.name)
        };
        assert_eq!(
            (&notice["type"], &notice["count"], &notice["dispatchIds"]),
            (
                &json!("dispatch.exhausted"),
                &json!(1),
                &json!([dispatch["id"]])
            ),
        );
    }
}

/// On a stage for each case: what waits for one endpoint makes calls of its own, now and then.
#[tokio::test(flavor = "multi_thread")]
async fn a_death_of_deliver_leaves_no_endpoint_paused_or_resumed_without_its_notice() {
    let mut died = [0, 0];
    for moment in MOMENTS {
        for nth in 1..=5 {
            let stage = Stage::with(&[("RetryScheduleSeconds", "60000")]).await;
            let endpoint = Mortal::start().await;
            let mut case = Case::at(&stage, "actor1", &endpoint.url).await;
            for _ in 0..9 {
                case.succeed(&stage).await;
                stage.attempted().await;
            }
            let name = format!("{moment:?} {nth}");
            let kill = stage.kill_at("deliver", nth, moment);
            for _ in 0..2 {
                case.succeed_past(&stage, &kill).await;
            }
            died[0] += u32::from(kill.has_fired());
            drop(kill);
            let paused = stage.all_notices().await;
            assert_eq!(case.kinds(&paused), ["endpoint.paused"], "{name}");
            let scope = case.told(&paused)[0]["scope"].clone();
            let scope = scope.as_str().expect("a scope");

            endpoint.revive();
            // Whatever pause there is, it is over then.
            stage.advance(20 * MINUTE);
            let kill = stage.kill_at("deliver", nth, moment);
            for _ in 0..2 {
                case.succeed_past(&stage, &kill).await;
            }
            died[1] += u32::from(kill.has_fired());
            drop(kill);
            let resumed = stage.all_notices().await;
            let is_paused = health(&stage).await.contains(&format!("p_{scope}"));
            let expected: &[&str] = if is_paused {
                &[]
            } else {
                &["endpoint.resumed"]
            };
            assert_eq!(case.kinds(&resumed), expected, "{name}");
        }
    }
    assert!(
        died.iter().all(|died| *died > 5),
        "deliver has died {died:?} times"
    );
}

/// The attributes of all endpoints' health.
async fn health(stage: &Stage) -> BTreeSet<String> {
    let scan = stage.dynamodb.scan().consistent_read(true);
    let scan = scan.table_name(&stage.platform.endpoints().tables["DispatchesTable"]);
    let items = scan.into_paginator().items().send();
    let items: Vec<_> = items.collect::<Result<_, _>>().await.expect("a table");
    let is_health = |item: &&std::collections::HashMap<String, AttributeValue>| {
        item["sk"].as_s().is_ok_and(|sk| sk == "H")
    };
    let health = items.iter().filter(is_health);
    health.flat_map(|item| item.keys().cloned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_death_of_api_leaves_no_webhook_enabled_without_its_notice() {
    let stage = Stage::new().await;
    let mut cases = Vec::new();
    at_every_call(&stage, "api", 2, async |name, arm| {
        let case = Case::answered(&stage, &name, &OK).await;
        let path = format!("/v2/webhooks/{}", case.webhook);
        let enable = |is_enabled: bool| json!({"isEnabled": is_enabled});
        assert_eq!(stage.api("PUT", &path, Some(&enable(false))).await.0, 200);
        let kill = arm.arm();
        let first = stage.api("PUT", &path, Some(&enable(true))).await.0;
        let has_died = first != 200;
        if has_died {
            kill.fired().await;
        }
        drop(kill);
        assert_eq!(stage.api("PUT", &path, Some(&enable(true))).await.0, 200);
        cases.push(case);
        has_died
    })
    .await;
    let notices = stage.all_notices().await;
    for case in &cases {
        assert_eq!(case.kinds(&notices), ["webhook.enabled"], "{}", case.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_death_of_ingest_leaves_no_rejected_webhook_without_its_notice() {
    let stage = Stage::new().await;
    let mut runs = BTreeSet::new();
    at_every_call(&stage, "ingest", 2, async |name, arm| {
        let bad = json!([{"eventTypes": ["ACTOR.RUN.CREATED"]}]);
        let kill = arm.arm();
        stage.send(&Run::new(&name).created_with(&bad)).await;
        tokio::select! {
            () = kill.fired() => stage.give_back("EventQueue"),
            () = stage.settled() => {}
        }
        stage.settled().await;
        runs.insert(name);
        kill.has_fired()
    })
    .await;
    let notices = stage.all_notices().await;
    let told: Vec<_> = notices
        .iter()
        .map(|notice| notice["runId"].as_str().expect("a run").to_owned())
        .collect();
    assert_eq!(told.len(), runs.len());
    assert_eq!(told.into_iter().collect::<BTreeSet<_>>(), runs);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_death_of_sweep_loses_no_notice_and_repeats_have_the_same_id() {
    let stage = Stage::with(&[("RetryScheduleSeconds", "1")]).await;
    let mut gone = Case::answered(&stage, "gone", &[Answer::Status(410)]).await;
    let mut down = Case::answered(&stage, "down", &DOWN).await;
    gone.succeed(&stage).await;
    for _ in 0..12 {
        down.succeed(&stage).await;
    }
    stage.attempted().await;
    stage.advance(2 * MINUTE);
    stage.settled().await;
    stage.advance(2 * MINUTE);
    let mut taken: BTreeMap<String, Value> = BTreeMap::new();
    let mut died = 0;
    let mut is_over = false;
    'dying: for nth in 1..40 {
        for moment in MOMENTS {
            let kill = stage.kill_at("sweep", nth, moment);
            is_over = stage.sweep().await;
            if !is_over {
                kill.fired().await;
                died += 1;
            }
            drop(kill);
            for notice in stage.take_notices().await {
                let id = notice["id"].as_str().expect("an id").to_owned();
                let before = taken.insert(id, notice.clone());
                assert!(before.is_none_or(|before| before == notice), "{notice}");
            }
            if is_over {
                break 'dying;
            }
        }
    }
    assert!(is_over && died > 10, "sweep has died {died} times");
    assert!(stage.all_notices().await.is_empty(), "nothing is left");
    let all: Vec<_> = taken.into_values().collect();
    assert_eq!(gone.kinds(&all), ["webhook.disabled"]);
    let counts = down.told(&all).into_iter().map(|notice| {
        assert_eq!(notice["type"], "dispatch.exhausted");
        notice["count"].as_u64().expect("a count")
    });
    assert_eq!(counts.sum::<u64>(), 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_death_of_sweep_leaves_no_redelivery_finished_without_its_notice() {
    let stage = Stage::with(&[("RetryScheduleSeconds", "1")]).await;
    let mut jobs = BTreeSet::new();
    at_every_call(&stage, "sweep", 8, async |name, arm| {
        let mut case = Case::answered(&stage, &name, &DOWN).await;
        case.succeed(&stage).await;
        stage.attempted().await;
        stage.advance(MINUTE);
        stage.attempted().await;
        let _ = stage.all_notices().await;
        stage.receiver.script(&format!("/{name}"), &OK);
        let path = format!("/v2/webhooks/{}/redeliver-failed", case.webhook);
        let (status, job) = stage.api("POST", &path, None).await;
        assert_eq!(status, 202, "{job}");
        let kill = arm.arm();
        let has_died = !stage.sweep().await;
        if has_died {
            kill.fired().await;
        }
        drop(kill);
        let mut told = Vec::new();
        for _ in 0..2 {
            told.extend(stage.all_notices().await);
        }
        told.retain(|notice| notice["type"] == "redelivery.finished");
        let ids: BTreeSet<_> = told.iter().map(|notice| notice["id"].to_string()).collect();
        assert_eq!(ids.len(), 1, "{name}: {told:?}");
        assert_eq!(told[0]["jobId"], job["data"]["id"], "{name}");
        jobs.insert(job["data"]["id"].to_string());
        has_died
    })
    .await;
    assert!(jobs.len() > 10);
}
