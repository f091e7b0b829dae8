//! A webhook that becomes so busy that its dispatches are spread over more keys: nobody notices.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

use crate::console::page;
use crate::run::{Run, USER};
use crate::stage::Stage;

/// How many events come at a time.
const AT_ONCE: u32 = 50;
/// Dispatches lie under several keys then: that all of these are under the first is unlikely.
const EARLY: u32 = 6;

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_grows_stays_what_it_is_and_an_event_dated_ahead_is_delivered_once() {
    let stage = Stage::new().await;
    let actor = json!({"actorId": "actor1"});
    let id = stage.webhook(&["SUCCEEDED"], actor, "/hook").await;
    let form = own(&stage, &format!("/webhooks/{id}?tab=settings")).await;
    assert!(form.contains("name=\"version\" value=\"1\""), "{form}");

    let early: Vec<Value> = (0..EARLY).map(dated_ahead).collect();
    assert_eq!(stage.ingest(&early).await, [] as [String; 0]);
    be_busy(&stage, &id).await;
    let mut sent = EARLY;
    while keys(&stage, &id).await < 2 {
        let some = sent..sent + AT_ONCE;
        let some: Vec<_> = some
            .map(|number| run(number).event("SUCCEEDED", 1))
            .collect();
        assert_eq!(stage.ingest(&some).await, [] as [String; 0]);
        sent += AT_ONCE;
    }
    // They come once more, from a queue that delivers twice; and when their time has come.
    assert_eq!(stage.ingest(&early).await, [] as [String; 0]);
    stage.settled().await;
    stage.advance(std::time::Duration::from_secs(1200));
    assert_eq!(stage.ingest(&early).await, [] as [String; 0]);
    stage.settled().await;
    assert_eq!(stage.receiver.received().len(), sent as usize);

    // What was sent is of the same version, and whoever has begun to edit it goes on.
    let (_, list) = stage
        .api("GET", &format!("/v2/webhooks/{id}/dispatches"), None)
        .await;
    let dispatch = list["data"]["items"][0]["id"].as_str().expect("an id");
    let request = format!("/v2/webhook-dispatches/{dispatch}/request");
    let (_, request) = stage.api("GET", &request, None).await;
    assert_eq!(request["data"]["isAsSent"], true, "{request}");
    let url = stage.receiver.url("/hook");
    let edit = format!(
        "version=1&title=T&eventTypes=ACTOR.RUN.SUCCEEDED&conditionKind=actorId&conditionId=actor1&requestUrl={url}"
    );
    let path = format!("/webhooks/{id}");
    let (status, saved, _) = page(&stage, &stage.token(), &path, Some(&edit)).await;
    assert_eq!(status, 200, "{saved}");
    assert!(keys(&stage, &id).await > 1, "the change has taken its keys");
}

async fn own(stage: &Stage, path: &str) -> String {
    page(stage, &stage.token(), path, None).await.1
}

fn run(number: u32) -> Run {
    Run::new(&format!("run{number}"))
}

/// An event of a platform whose clock is ten minutes ahead.
fn dated_ahead(number: u32) -> Value {
    let at = OffsetDateTime::now_utc() + Duration::minutes(10);
    let mut event = run(number).event("SUCCEEDED", 1);
    event["createdAt"] = json!(at.format(&Rfc3339).expect("a time"));
    event
}

/// As if it had had ten thousand dispatches a second lately.
async fn be_busy(stage: &Stage, webhook: &str) {
    let number = |number: i128| AttributeValue::N(number.to_string());
    let ago = OffsetDateTime::now_utc() - Duration::seconds(10);
    stage
        .dynamodb
        .update_item()
        .table_name(&stage.platform.endpoints().tables["DispatchesTable"])
        .key("pk", AttributeValue::S(format!("U#{USER}#W#{webhook}")))
        .key("sk", AttributeValue::S("N".to_owned()))
        .update_expression("SET measured_at = :at, measured = :count")
        .condition_expression("attribute_exists(dispatches)")
        .expression_attribute_values(":at", number(ago.unix_timestamp_nanos() / 1_000_000))
        .expression_attribute_values(":count", number(-100_000))
        .send()
        .await
        .expect("the webhook's counters");
}

/// Over how many keys its dispatches are spread, sooner or later.
async fn keys(stage: &Stage, webhook: &str) -> usize {
    let table = &stage.platform.endpoints().tables["WebhooksTable"];
    let found = stage.dynamodb.scan().table_name(table).send().await;
    let items = found.expect("the webhooks").items.expect("items");
    let is_it = |item: &&std::collections::HashMap<String, AttributeValue>| {
        item.get("id") == Some(&AttributeValue::S(webhook.to_owned())) && item.contains_key("url")
    };
    let item = items.iter().find(is_it).expect("the webhook");
    let steps = item
        .get("spread")
        .map(|steps| steps.as_l().expect("a list"));
    1 + steps.map_or(0, Vec::len)
}
