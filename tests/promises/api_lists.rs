//! What a list costs: calls for what it shows, and none for what lies behind.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use local::gateway::calls::Service;
use serde_json::{Value, json};

use crate::run::{Run, ad_hoc};
use crate::stage::Stage;

/// The most bytes that Lambda carries as an answer.
const ANSWER: usize = 6 * 1024 * 1024;

type Item = HashMap<String, AttributeValue>;

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_fifty_dispatches_takes_three_calls_whatever_is_behind_it() {
    let stage = Stage::new().await;
    let id = one_delivery(&stage).await;
    let template = stage.dispatch_items().await.remove(0);
    let copies = (1..3000).map(|number| copy_of(&template, number));
    fill(&stage, copies.collect()).await;
    counted(&stage, &id, 3000).await;
    for (query, count) in [
        ("limit=50", 50),
        ("limit=50&desc=1", 50),
        ("limit=50&offset=100", 50),
        ("limit=1", 1),
    ] {
        let before = calls(&stage);
        let path = format!("/v2/webhooks/{id}/dispatches?{query}");
        let (status, page) = stage.api("GET", &path, None).await;
        assert_eq!(status, 200, "{page}");
        let cost = calls(&stage) - before;
        assert!(cost <= 3, "{query}: {cost} calls");
        let data = &page["data"];
        assert_eq!(
            (&data["count"], &data["total"]),
            (&json!(count), &json!(3000))
        );
    }
    // Whoever reads on as clients do sees each once.
    let mut seen = 0;
    loop {
        let path = format!("/v2/webhooks/{id}/dispatches?offset={seen}");
        let (_, page) = stage.api("GET", &path, None).await;
        match page["data"]["count"].as_u64() {
            Some(0) => break,
            count => seen += count.expect("a page"),
        }
    }
    assert_eq!(seen, 3000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_long_records_is_cut_and_can_be_read_to_its_end() {
    let stage = Stage::new().await;
    let id = one_delivery(&stage).await;
    let mut template = stage.dispatch_items().await.remove(0);
    let call = template["calls"].as_l().expect("calls")[0].clone();
    let mut call = call.as_m().expect("a call").clone();
    // What takes most room in JSON.
    let body = AttributeValue::S("\u{1}".repeat(2048));
    call.insert("body".to_owned(), body);
    let calls = vec![AttributeValue::M(call); 60];
    template.insert("calls".to_owned(), AttributeValue::L(calls));
    // Some 740 KB each as the answer carries them: eight fill a page.
    let copies = (1..20).map(|number| copy_of(&template, number));
    fill(&stage, copies.collect()).await;
    for list in [
        format!("/v2/webhooks/{id}/dispatches?"),
        "/v2/webhook-dispatches?".to_owned(),
    ] {
        assert_eq!(read_to_its_end(&stage, &list).await, 20, "{list}");
    }
    let peak = stage.platform.peak_memory("api").expect("a function");
    assert!(peak < 128_000_000, "{peak} bytes");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_long_definitions_is_cut_and_can_be_read_to_its_end() {
    const MANY: usize = 60;
    let parameters = [
        ("WebhooksPerUser", "1000"),
        ("WebhookChangesPerMinute", "1000"),
    ];
    let stage = Stage::with(&parameters).await;
    let text = "\"".repeat(32_000);
    let template = json!({ "text": text }).to_string();
    let definition = json!({
        "eventTypes": ["ACTOR.RUN.SUCCEEDED"], "condition": {"actorId": "actor1"},
        "requestUrl": "https://example.com/", "payloadTemplate": template,
    });
    for _ in 0..MANY {
        let (status, answer) = stage.api("POST", "/v2/webhooks", Some(&definition)).await;
        assert_eq!(status, 201, "{answer}");
    }
    for list in ["/v2/webhooks?", "/v2/actors/actor1/webhooks?desc=1&"] {
        assert_eq!(read_to_its_end(&stage, list).await, MANY);
        let before = calls(&stage);
        let path = format!("{list}limit=1");
        assert_eq!(stage.api("GET", &path, None).await.0, 200);
        assert!(calls(&stage) - before <= 5);
    }
    let peak = stage.platform.peak_memory("api").expect("a function");
    assert!(peak < 128_000_000, "{peak} bytes");
}

#[tokio::test(flavor = "multi_thread")]
async fn deleted_webhooks_make_no_list_slower() {
    let stage = Stage::new().await;
    let lists = [
        "/v2/webhooks",
        "/v2/webhook-dispatches",
        "/v2/acts/actor1/webhooks",
    ];
    one_delivery(&stage).await;
    let mut costs = Vec::new();
    for list in lists.iter().cycle().take(2 * lists.len()) {
        if costs.len() == lists.len() {
            for _ in 0..30 {
                let id = stage
                    .webhook(&["FAILED"], json!({"actorId": "actor1"}), "/gone")
                    .await;
                let path = format!("/v2/webhooks/{id}");
                assert_eq!(stage.api("DELETE", &path, None).await.0, 204);
            }
        }
        let before = calls(&stage);
        let (status, page) = stage.api("GET", list, None).await;
        assert_eq!((status, &page["data"]["total"]), (200, &json!(1)));
        costs.push(calls(&stage) - before);
    }
    let (before, after) = costs.split_at(lists.len());
    assert_eq!(before, after);
}

#[tokio::test(flavor = "multi_thread")]
async fn ad_hoc_webhooks_are_listed_until_they_fire() {
    let stage = Stage::new().await;
    let standing = stage
        .webhook(&["FAILED"], json!({"actorId": "actor1"}), "/standing")
        .await;
    let run = Run::new("run1");
    let hooks = json!([
        ad_hoc(&["CREATED"], &stage.receiver.url("/fires")),
        ad_hoc(&["SUCCEEDED"], &stage.receiver.url("/waits")),
    ]);
    stage.send(&run.created_with(&hooks)).await;
    stage.settled().await;
    let urls = async |query: &str| {
        let (status, page) = stage
            .api("GET", &format!("/v2/webhooks?{query}"), None)
            .await;
        assert_eq!(status, 200, "{page}");
        let items = page["data"]["items"].as_array().expect("items").clone();
        let url = |item: &Value| item["requestUrl"].as_str().expect("a URL").to_owned();
        items.iter().map(url).collect::<Vec<_>>()
    };
    let (waits, other) = (
        stage.receiver.url("/waits"),
        stage.receiver.url("/standing"),
    );
    assert_eq!(urls("desc=1").await, [waits.clone(), other.clone()]);
    assert_eq!(urls("").await, [other.clone(), waits.clone()]);
    assert_eq!(urls("desc=true&limit=1").await, [waits]);
    stage.send(&run.event("SUCCEEDED", 1)).await;
    stage.settled().await;
    assert_eq!(urls("desc=1").await, std::slice::from_ref(&other));
    let path = format!("/v2/webhooks/{standing}");
    assert_eq!(stage.api("DELETE", &path, None).await.0, 204);
    assert!(urls("").await.is_empty());
}

/// The id of a standing webhook that was triggered once.
async fn one_delivery(stage: &Stage) -> String {
    let id = stage
        .webhook(&["SUCCEEDED"], json!({"actorId": "actor1"}), "/hook")
        .await;
    stage.send(&Run::new("run0").event("SUCCEEDED", 1)).await;
    stage.receiver.wait_for(1).await;
    stage.settled().await;
    id
}

/// A dispatch of the same webhook, of another event at the same time.
fn copy_of(item: &Item, number: u32) -> Item {
    let mut copy = item.clone();
    for name in ["id", "sk", "event"] {
        let text = item[name].as_s().expect("a text");
        let (kept, _) = text.split_at(text.len() - 8);
        let text = format!("{kept}{number:08}");
        copy.insert(name.to_owned(), AttributeValue::S(text));
    }
    copy
}

async fn fill(stage: &Stage, items: Vec<Item>) {
    let table = &stage.platform.endpoints().tables["DispatchesTable"];
    for part in items.chunks(5) {
        let put = |item: &Item| {
            let put = PutRequest::builder().set_item(Some(item.clone())).build();
            WriteRequest::builder()
                .put_request(put.expect("an item"))
                .build()
        };
        let requests = part.iter().map(put).collect();
        let write = stage.dynamodb.batch_write_item();
        let write = write.request_items(table, requests).send().await;
        write.expect("the table takes it");
    }
}

/// Sets what is counted of a webhook.
async fn counted(stage: &Stage, webhook: &str, count: u32) {
    let user = stage.dispatch_items().await[0]["user"].clone();
    let user = user.as_s().expect("a text");
    let update = stage
        .dynamodb
        .update_item()
        .table_name(&stage.platform.endpoints().tables["DispatchesTable"])
        .key("pk", AttributeValue::S(format!("U#{user}#W#{webhook}")))
        .key("sk", AttributeValue::S("N".to_owned()))
        .update_expression("SET dispatches = :count")
        .expression_attribute_values(":count", AttributeValue::N(count.to_string()));
    update.send().await.expect("the table takes it");
}

/// Reads a list as clients do, and returns how many it has.
async fn read_to_its_end(stage: &Stage, list: &str) -> usize {
    let mut seen = 0;
    loop {
        let path = format!("{list}offset={seen}&limit=1000");
        let token = stage.token();
        let answer = stage
            .ask(&token, "GET", &path, &[], bytes::Bytes::new())
            .await;
        assert_eq!(answer.status(), 200, "{}", crate::stage::json_of(&answer));
        let carried = json!(String::from_utf8_lossy(answer.body())).to_string();
        assert!(carried.len() < ANSWER, "{}", carried.len());
        let page = crate::stage::json_of(&answer)["data"].clone();
        let count = page["items"].as_array().expect("items").len();
        assert_eq!(page["count"], count);
        if count == 0 {
            return seen;
        }
        seen += count;
        assert!(page["total"].as_u64().expect("a number") >= seen as u64);
    }
}

/// How many calls `api` has made to the database.
fn calls(stage: &Stage) -> u64 {
    let calls = stage.platform.calls();
    let own = calls
        .iter()
        .filter(|(call, _)| call.caller == "api" && call.service == Service::DynamoDb);
    own.map(|(_, count)| count).sum()
}
