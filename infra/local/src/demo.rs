//! `cargo local demo`: the main job, start to finish, for a human to watch. It fails if anything
//! did not arrive as promised.

mod arrivals;
mod chain;
mod expectation;
mod signatures;

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use sqs::NewMessage;

use crate::api_client::{self, Client};
use crate::endpoints::EVENT_QUEUE;
use crate::options::Options;
use crate::platform::Platform;

use arrivals::Arrivals;
use expectation::Expectation;

/// The actor of the documentation page, and a task of another actor.
const ACTOR: &str = "fW4MyDhgwtMLrB987";
const TASK: &str = "nSDUMGkfaNR2kY9ir";

/// The five events of the documentation page.
const EVENTS: [&str; 5] = [
    "ACTOR.RUN.CREATED",
    "ACTOR.RUN.SUCCEEDED",
    "ACTOR.RUN.FAILED",
    "ACTOR.RUN.ABORTED",
    "ACTOR.RUN.TIMEDOUT",
];

/// Plays the demo on a platform of its own.
pub async fn run(options: Options) -> Result<()> {
    let begin = Instant::now();
    say("Runhooks: run events in, webhooks out. Everything below happens on this machine.\n");
    let platform = Platform::start(Options {
        quiet: true,
        ..options
    })
    .await?;
    let ready = begin.elapsed().as_millis();
    say(&format!(
        "1. infra/template.yaml is up: tables, queues and functions, after {ready} ms"
    ));
    let result = platform.unless_denied(play(&platform)).await;
    platform.stop().await?;
    result
}

async fn play(platform: &Platform) -> Result<()> {
    let arrivals = Arrivals::listen().await?;
    let endpoints = platform.endpoints();
    let client = Client::new(endpoints, &endpoints.token);
    let mut webhooks = define_webhooks(&client, &arrivals).await?;
    let mut expectation = Expectation::default();
    let first_run = start_runs(&client, &arrivals, &mut expectation).await?;
    expectation.meet(&arrivals, "after the runs").await?;
    platform.settled().await;
    let succeeded = arrivals
        .event_of(&first_run, "ACTOR.RUN.SUCCEEDED")
        .context("no event")?;
    repeat(platform, &arrivals, &expectation, &succeeded).await?;
    resurrect(platform, &arrivals, &mut expectation, succeeded).await?;
    webhooks.push(chain::show(&client, &arrivals, &mut expectation).await?);
    platform.settled().await;
    sum_up(&client, &webhooks, &arrivals).await
}

async fn define_webhooks(client: &Client, arrivals: &Arrivals) -> Result<Vec<String>> {
    say("\n2. Two webhooks are defined through the API");
    let mut ids = Vec::new();
    for (events, condition, path) in [
        (&EVENTS[..], json!({ "actorId": ACTOR }), "/actor"),
        (&EVENTS[1..2], json!({ "actorTaskId": TASK }), "/task"),
    ] {
        let definition = json!({
            "eventTypes": events, "condition": condition, "requestUrl": arrivals.url(path),
        });
        let webhook = client.post("/v2/webhooks", &definition).await?;
        let id = webhook["id"].as_str().context("the webhook has no id")?;
        say(&format!(
            "   webhook {id} on {condition}, for {} of the five events, to {path}",
            events.len()
        ));
        ids.push(id.to_owned());
    }
    Ok(ids)
}

/// Starts a run for each way to end, and returns the one that has ad hoc webhooks.
async fn start_runs(
    client: &Client,
    arrivals: &Arrivals,
    expectation: &mut Expectation,
) -> Result<String> {
    say("\n3. Five runs start; the first has two ad hoc webhooks, the last is a task's");
    let ad_hoc = json!([
        { "eventTypes": ["ACTOR.RUN.CREATED"], "requestUrl": arrivals.url("/run-created") },
        { "eventTypes": ["ACTOR.RUN.SUCCEEDED"], "requestUrl": arrivals.url("/run-succeeded") },
    ]);
    let mut first = None;
    for (status, place) in [
        (
            "SUCCEEDED",
            format!(
                "/v2/acts/{ACTOR}/runs?webhooks={}",
                api_client::webhooks_parameter(&ad_hoc)
            ),
        ),
        ("FAILED", format!("/v2/acts/{ACTOR}/runs")),
        ("ABORTED", format!("/v2/acts/{ACTOR}/runs")),
        ("TIMEDOUT", format!("/v2/acts/{ACTOR}/runs")),
        ("SUCCEEDED", format!("/v2/actor-tasks/{TASK}/runs")),
    ] {
        let course = json!({ "finishAs": status, "afterMs": 300 });
        let run = client.post(&place, &course).await?;
        let id = run["id"].as_str().context("the run has no id")?.to_owned();
        if place.starts_with("/v2/actor-tasks") {
            // The task is of another actor.
            expectation.add("/task", &id, status);
        } else {
            expectation.add("/actor", &id, "CREATED");
            expectation.add("/actor", &id, status);
        }
        if first.is_none() {
            expectation.add("/run-created", &id, "CREATED");
            expectation.add("/run-succeeded", &id, "SUCCEEDED");
        }
        say(&format!("   run {id} will end {status}"));
        first.get_or_insert(id);
    }
    say("\n4. The POSTs, as they arrive");
    first.context("no run was started")
}

/// What the queue repeats changes nothing.
async fn repeat(
    platform: &Platform,
    arrivals: &Arrivals,
    expectation: &Expectation,
    event: &Value,
) -> Result<()> {
    say("\n5. The event SUCCEEDED of the first run comes three times more");
    for _ in 0..3 {
        send(platform, event).await?;
    }
    platform.settled().await;
    ensure!(
        arrivals.count() == expectation.count(),
        "a repeated event was delivered again"
    );
    say("   no POST: its dispatches were found, and are delivered");
    Ok(())
}

/// A second success is a new event, but an ad hoc webhook fires once.
async fn resurrect(
    platform: &Platform,
    arrivals: &Arrivals,
    expectation: &mut Expectation,
    mut event: Value,
) -> Result<()> {
    say("\n6. The first run is resurrected and succeeds again");
    let run = event["eventData"]["actorRunId"]
        .as_str()
        .context("the event has no run")?
        .to_owned();
    event["createdAt"] = json!(arrivals::now());
    send(platform, &event).await?;
    expectation.add("/actor", &run, "SUCCEEDED");
    expectation.meet(arrivals, "after the resurrection").await?;
    platform.settled().await;
    ensure!(
        arrivals.count() == expectation.count(),
        "an ad hoc webhook fired again"
    );
    say("   its ad hoc webhook has fired once already, and does not fire again");
    Ok(())
}

async fn send(platform: &Platform, event: &Value) -> Result<()> {
    let message = NewMessage {
        body: event.to_string(),
        ..NewMessage::default()
    };
    platform.send(EVENT_QUEUE, message).await
}

async fn sum_up(client: &Client, webhooks: &[String], arrivals: &Arrivals) -> Result<()> {
    let mut recorded = 0;
    for webhook in webhooks {
        let page = client
            .get(&format!("/v2/webhooks/{webhook}/dispatches"))
            .await?;
        let dispatches = page["items"].as_array().context("no list of dispatches")?;
        ensure!(
            dispatches
                .iter()
                .all(|dispatch| dispatch["status"] == "SUCCEEDED"),
            "a dispatch of webhook {webhook} has not succeeded: {page}"
        );
        recorded += dispatches.len();
    }
    let posts = arrivals.count();
    ensure!(
        recorded + 2 == posts,
        "{recorded} dispatches of the {} webhooks are on record, of {posts} in all",
        webhooks.len()
    );
    signatures::verify_all(client, arrivals).await?;
    say(&format!(
        "\n{posts} POSTs arrived: {recorded} of the three webhooks, each with its dispatch on record as SUCCEEDED, and one of each ad hoc webhook."
    ));
    say(
        "Each POST is signed with its webhook's secret, as the library standardwebhooks verifies it.",
    );
    say("Everything arrived as promised.");
    say(
        "To see such things in a browser: `cargo local` prints a link to the console, and one to a page of an actor.",
    );
    Ok(())
}

#[expect(
    clippy::print_stdout,
    reason = "the demo is for whoever watches the terminal"
)]
fn say(line: &str) {
    println!("{line}");
}
