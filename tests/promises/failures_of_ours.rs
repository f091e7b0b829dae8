//! A message that fails because of a fault of ours comes again, after seconds at first, and is not
//! lost. It is counted at every log level, so that an alarm can be raised.

use std::time::Duration;

use aws_sdk_dynamodb::types::{BillingMode, TableDescription};
use local::gateway::calls::Service;
use serde_json::json;

use crate::log::{Log, metric_lines, values};
use crate::master_key;
use crate::receiver::Answer;
use crate::run::{Run, ad_hoc};
use crate::stage::Stage;

/// Longer than the first wait, and much shorter than the event queue hides a message by itself.
const SECONDS: Duration = Duration::from_secs(6);

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_the_tables_refuse_comes_again_after_seconds() {
    let log = Log::of("an_event_that_the_tables_refuse");
    let stage = log.stage(&[("LogLevel", "ERROR")]).await;
    let condition = json!({"actorId": "actor1"});
    stage.webhook(&["SUCCEEDED"], condition, "/hook").await;
    let table = drop_table(&stage, "DispatchesTable").await;
    stage.send(&Run::new("run1").event("SUCCEEDED", 1)).await;
    stage.platform.at_rest().await;
    assert_eq!(hidden_by(&stage, "ingest"), 1);
    stage.advance(SECONDS);
    stage.platform.at_rest().await;
    assert_eq!(hidden_by(&stage, "ingest"), 2);

    make_table(&stage, table).await;
    assert_eq!(stage.receiver.received().len(), 0);
    stage.advance(5 * SECONDS);
    stage.receiver.wait_for(1).await;
    stage.settled().await;

    let written = log.written(stage).await;
    assert_eq!(values(&written, "EventsFailed"), [1, 1]);
    let lines = metric_lines(&written);
    let line = lines.iter().find(|line| line["EventsFailed"] == 1);
    let line = line.expect("a line");
    // Lambda keeps a line of this level, and what an alarm looks for is in it.
    assert_eq!(
        (&line["level"], &line["Function"]),
        (&json!("ERROR"), &json!("ingest"))
    );
    assert_eq!(line["Stack"], "runhooks");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_without_a_key_comes_again_after_seconds() {
    let log = Log::of("a_delivery_without_a_key");
    let stage = log.stage(&[]).await;
    let good = master_key::read(&stage).await;
    master_key::put(&stage, &json!({"current": "too short"})).await;
    let hook = ad_hoc(&["CREATED"], &stage.receiver.url("/hook"));
    stage
        .send(&Run::new("run1").created_with(&json!([hook])))
        .await;
    stage.drained("EventQueue").await;
    stage.platform.at_rest().await;
    assert_eq!(hidden_by(&stage, "deliver"), 1);

    master_key::put(&stage, &good).await;
    stage.advance(SECONDS);
    stage.receiver.wait_for(1).await;
    stage.settled().await;
    assert_eq!(hidden_by(&stage, "deliver"), 1);

    let written = log.written(stage).await;
    assert_eq!(values(&written, "DeliveriesFailed"), [1]);
    assert_eq!(values(&written, "Delivered"), [1]);
    assert_eq!(values(&written, "EventToPost").len(), 1);
}

/// The lag is told by a sweep that fails, too: from what an earlier one has read.
#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_that_fails_tells_how_far_it_is_behind() {
    let log = Log::of("a_sweep_that_fails");
    let stage = log.stage(&[("RetryScheduleSeconds", "2000")]).await;
    stage.receiver.script("/failing", &[Answer::Status(500)]);
    let hook = ad_hoc(&["CREATED"], &stage.receiver.url("/failing"));
    stage
        .send(&Run::new("run1").created_with(&json!([hook])))
        .await;
    stage.receiver.wait_for(1).await;
    stage.settled().await;
    assert!(stage.sweep().await);
    drop_table(&stage, "DispatchesTable").await;
    stage.advance(Duration::from_secs(4 * 60));
    assert!(!stage.sweep().await);

    let behind = values(&log.written(stage).await, "MinutesBehind");
    // The platform's own schedule may have swept as well.
    assert_eq!(behind.first(), Some(&0), "{behind:?}");
    assert!(
        behind.last().is_some_and(|&last| (3..=5).contains(&last)),
        "{behind:?}"
    );
}

/// How often a function has said when messages come again.
fn hidden_by(stage: &Stage, function: &str) -> u64 {
    let calls = stage.platform.calls();
    let hides = calls.iter().filter(|(call, _)| {
        call.service == Service::Sqs
            && call.operation == "ChangeMessageVisibilityBatch"
            && call.caller == function
    });
    hides.map(|(_, count)| count).sum()
}

/// Takes a table away: every call that needs it is refused.
async fn drop_table(stage: &Stage, id: &str) -> TableDescription {
    let name = &stage.platform.endpoints().tables[id];
    let delete = stage.dynamodb.delete_table().table_name(name).send().await;
    let deleted = delete.expect("it is there").table_description;
    deleted.expect("a description")
}

/// Makes it again as it was, and empty.
async fn make_table(stage: &Stage, table: TableDescription) {
    let create = stage
        .dynamodb
        .create_table()
        .set_table_name(table.table_name)
        .set_key_schema(table.key_schema)
        .set_attribute_definitions(table.attribute_definitions)
        .billing_mode(BillingMode::PayPerRequest);
    create.send().await.expect("it is made");
}
