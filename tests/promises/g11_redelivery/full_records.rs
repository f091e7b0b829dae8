//! Dispatches that were redelivered so often that their record has no room for more.

use aws_sdk_dynamodb::types::AttributeValue;

use super::{down, refused, the_dispatch};
use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn g11_a_dispatch_whose_record_is_full_is_refused_and_stays_as_it_is() {
    let (stage, _) = down("1", 1).await;
    attempted(&stage, 300).await;
    let full = the_dispatch(&stage).await;
    let path = format!("/v2/webhook-dispatches/{}/redeliver", full.id);
    refused(&stage, &path, "no room for more attempts").await;
    let left = the_dispatch(&stage).await;
    assert_eq!((left.status.as_str(), left.attempts), ("FAILED", 300));
    assert_eq!(stage.receiver.received().len(), 2);
}

/// Puts it on record that the only dispatch was attempted so often.
async fn attempted(stage: &Stage, times: usize) {
    let mut item = stage.dispatch_items().await.remove(0);
    let calls = item["calls"].as_l().expect("a list").iter().cycle();
    let calls = AttributeValue::L(calls.take(times).cloned().collect());
    item.insert("calls".to_owned(), calls);
    let times = AttributeValue::N(times.to_string());
    item.insert("attempts".to_owned(), times);
    let table = &stage.platform.endpoints().tables["DispatchesTable"];
    let put = stage.dynamodb.put_item().table_name(table);
    let put = put.set_item(Some(item)).send().await;
    put.expect("the table takes it");
}
