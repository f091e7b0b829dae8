//! The first example of the documentation page: when a run of one actor succeeds, a run of another
//! starts.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::arrivals::Arrivals;
use super::expectation::{Expectation, PATIENCE};
use super::say;
use crate::api_client::Client;

/// One actor, and the other.
const FIRST: &str = "Xh3rTq8VbKc2YpLw9";
const SECOND: &str = "m5ZsJd7QnFg4RuEa6";
/// Where the demo hears of runs of the second.
const PATH: &str = "/second-actor";

/// Shows it. Returns the webhook that has told of it.
pub(super) async fn show(
    client: &Client,
    arrivals: &Arrivals,
    expectation: &mut Expectation,
) -> Result<String> {
    say("\n7. A webhook starts another actor: nobody gives it a token");
    let starts = define(client, "SUCCEEDED", FIRST, &client.url(&runs_of(SECOND))).await?;
    say(&format!(
        "   webhook {starts} on {{\"actorId\":\"{FIRST}\"}}, when a run succeeds, to {}",
        runs_of(SECOND)
    ));
    let tells = define(client, "CREATED", SECOND, &arrivals.url(PATH)).await?;
    let course = json!({ "afterMs": 300 });
    let first = client.post(&runs_of(FIRST), &course).await?;
    let first = text(&first["id"])?;
    say(&format!("   run {first} will end SUCCEEDED"));
    let arrived = timeout(PATIENCE, arrivals.wait_for(expectation.count() + 1)).await;
    let arrived = arrived.context("no run of the second actor has started")?;
    let (_, second, _) = arrived.last().context("nothing arrived")?;
    expectation.add(PATH, second, "CREATED");
    expectation.meet(arrivals, "after the chain").await?;
    let input = format!("/v2/actor-runs/{second}/key-value-store/records/INPUT");
    let input = client.get_record(&input).await?;
    ensure!(
        text(&input["eventData"]["actorRunId"])? == first,
        "the run {second} was not given the run {first}: {input}"
    );
    say(&format!(
        "   its input is the event of run {first}, and the platform knows whom it runs for"
    ));
    Ok(tells)
}

async fn define(client: &Client, what: &str, actor: &str, url: &str) -> Result<String> {
    let definition = json!({
        "eventTypes": [format!("ACTOR.RUN.{what}")], "condition": { "actorId": actor }, "requestUrl": url,
    });
    let webhook = client.post("/v2/webhooks", &definition).await?;
    text(&webhook["id"])
}

fn runs_of(actor: &str) -> String {
    format!("/v2/acts/{actor}/runs")
}

fn text(value: &Value) -> Result<String> {
    let text = value.as_str().map(str::to_owned);
    text.with_context(|| format!("{value} is no text"))
}
