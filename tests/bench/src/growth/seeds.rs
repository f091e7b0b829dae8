//! What lies in the tables before it is measured: copies of what the platform has made itself, put
//! there past it.

use anyhow::{Context, Result, ensure};
use futures::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::client::{call_database, define_webhook, definition, table};
use super::super::traffic::Traffic;
use super::Shape;

/// The tables, in the template.
const WEBHOOKS: &str = "WebhooksTable";
const DISPATCHES: &str = "DispatchesTable";
/// What the other webhooks wait for: nothing of it ever comes.
const OTHER_ACTOR: &str = "quietActor0000001";
/// How many items a call puts, and how many calls are under way.
const AT_ONCE: usize = 25;
const CALLS: usize = 4;

/// Puts as many webhooks and records there as the shape says.
pub(super) async fn sow(traffic: &Traffic, shape: Shape) -> Result<()> {
    if shape.others > 0 {
        webhooks(traffic, shape.others).await?;
    }
    if shape.records > 0 {
        records(traffic, shape.records).await?;
    }
    Ok(())
}

/// Webhooks of the same user, each of another actor.
async fn webhooks(traffic: &Traffic, count: usize) -> Result<()> {
    let endpoints = traffic.platform().endpoints();
    let definition = definition(OTHER_ACTOR, "http://127.0.0.1:9/");
    let id = define_webhook(endpoints, &endpoints.token, &definition).await?;
    let user = traffic.user();
    let mut samples = Vec::new();
    for key in [
        format!("U#{user}"),
        format!("U#{user}#L"),
        format!("U#{user}#A#{OTHER_ACTOR}"),
    ] {
        let found = items(traffic, WEBHOOKS, &key).await?;
        let own = found.into_iter().map(|item| item.to_string());
        samples.extend(own.filter(|item| item.contains(&id)));
    }
    ensure!(
        samples.len() >= 3,
        "a webhook has left {} items",
        samples.len()
    );
    let copies = (1..count).flat_map(|number| {
        let (webhook, actor) = (letters(id.len()), format!("quietActor{number:07}"));
        let copy = |sample: &String| sample.replace(&id, &webhook).replace(OTHER_ACTOR, &actor);
        samples.iter().map(copy).collect::<Vec<_>>()
    });
    put(traffic, WEBHOOKS, copies).await
}

/// Records of the webhook that is called, each a moment before the first.
async fn records(traffic: &Traffic, count: usize) -> Result<()> {
    let webhook = traffic.webhooks().first().context("there is no webhook")?;
    let key = format!("U#{}#W#{webhook}", traffic.user());
    let found = items(traffic, DISPATCHES, &key).await?;
    let mut found = found.into_iter();
    let sample = found.find(|item| text(item, "sk").starts_with("D#"));
    let sample = sample.context("the webhook has no record")?;
    let sort = text(&sample, "sk").to_owned();
    let (before, hash) = sort.rsplit_once('#').context("a sort key has no hash")?;
    let millis: u64 = before.trim_start_matches("D#").parse()?;
    let (hash, sample) = (hash.to_owned(), sample.to_string());
    let copies = (0..count).map(|number| {
        let new = letters(hash.len());
        let moment = format!("D#{:013}#{new}", millis.saturating_sub(number as u64));
        sample.replace(&sort, &moment).replace(&hash, &new)
    });
    put(traffic, DISPATCHES, copies).await
}

fn text<'i>(item: &'i Value, name: &str) -> &'i str {
    item[name]["S"].as_str().unwrap_or_default()
}

/// What lies under a key: the first megabyte.
async fn items(traffic: &Traffic, id: &str, key: &str) -> Result<Vec<Value>> {
    let endpoints = traffic.platform().endpoints();
    let query = json!({
        "TableName": table(endpoints, id)?,
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": { ":pk": { "S": key } },
    });
    let answer = call_database(endpoints, "Query", &query).await?;
    Ok(answer["Items"].as_array().cloned().unwrap_or_default())
}

async fn put(traffic: &Traffic, id: &str, copies: impl Iterator<Item = String>) -> Result<()> {
    let endpoints = traffic.platform().endpoints();
    let table = table(endpoints, id)?;
    stream::iter(copies)
        .chunks(AT_ONCE)
        .map(async |chunk| {
            let put = |item: String| {
                let item: Value = serde_json::from_str(&item)?;
                anyhow::Ok(json!({ "PutRequest": { "Item": item } }))
            };
            let writes: Vec<Value> = chunk.into_iter().map(put).collect::<Result<_>>()?;
            let write = json!({ "RequestItems": { table: writes } });
            call_database(endpoints, "BatchWriteItem", &write).await
        })
        .buffer_unordered(CALLS)
        .try_for_each(async |_| Ok(()))
        .await
}

/// So many letters and digits that nothing else has.
fn letters(count: usize) -> String {
    let mut letters = String::new();
    while letters.len() < count {
        letters.push_str(&Uuid::new_v4().simple().to_string());
    }
    letters.truncate(count);
    letters
}
