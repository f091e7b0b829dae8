//! Alarms about events, and about the function that takes them.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_sqs::types::{MessageSystemAttributeNameForSends, MessageSystemAttributeValue};
use local::faults::Refusal;
use local::gateway::calls::Service;
use local::gateway::kill::Moment;
use local::gateway::outage::Refused;
use serde_json::json;
use sha2::{Digest, Sha256};
use time::format_description::well_known::Rfc3339;

use super::{Watched, nothing};
use crate::run::Run;
use crate::stage::Stage;

/// A webhook that every event of these tests fires.
async fn webhook(stage: &Stage) {
    let condition = json!({"actorId": "actor1"});
    stage.webhook(&["SUCCEEDED"], condition, "/hook").await;
}

fn event(run: &str) -> serde_json::Value {
    Run::new(run).event("SUCCEEDED", 1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_refuses_events() {
    let stage = Stage::new().await;
    webhook(&stage).await;
    let alarm = Watched::off(&stage, "EventsFailedAlarm").await;
    let refused = Refused::all("ingest", Service::DynamoDb, Refusal::Failed);
    let outage = stage.platform.refuse(refused);
    stage.send(&event("run1")).await;
    alarm.goes_on(nothing).await;
    drop(outage);
    alarm.goes_off(nothing).await;
    // What failed is hidden for a while.
    stage.give_back("EventQueue");
    stage.receiver.wait_for(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_that_are_refused_again_and_again_are_parked() {
    let stage = Stage::new().await;
    webhook(&stage).await;
    let alarm = Watched::off(&stage, "EventDeadLettersAlarm").await;
    let refused = Refused::all("ingest", Service::DynamoDb, Refusal::Failed);
    let outage = stage.platform.refuse(refused);
    stage.send(&event("run1")).await;
    alarm.goes_on(nothing).await;
    drop(outage);
    let parked = stage.platform.queue("EventDeadLetterQueue").unwrap();
    parked.redrive().unwrap();
    alarm.goes_off(nothing).await;
    stage.receiver.wait_for(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_can_never_be_handled() {
    let stage = Stage::new().await;
    let alarm = Watched::off(&stage, "RejectedEventsAlarm").await;
    stage.send_text("not an event").await;
    stage.settled().await;
    alarm.goes_on(nothing).await;
    stage
        .platform
        .queue("RejectedQueue")
        .unwrap()
        .purge()
        .unwrap();
    alarm.goes_off(nothing).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_that_nobody_takes() {
    let stage = Stage::with(&[("EventsEnabled", "false")]).await;
    let alarm = Watched::off(&stage, "EventAgeAlarm").await;
    let queue = stage.platform.queue("EventQueue").unwrap();
    stage.send(&event("run1")).await;
    alarm.goes_on(nothing).await;
    queue.purge().unwrap();
    alarm.goes_off(nothing).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ingest_that_dies() {
    let stage = Stage::new().await;
    webhook(&stage).await;
    let alarm = Watched::off(&stage, "IngestErrorsAlarm").await;
    let kill = stage.kill_at("ingest", 1, Moment::BeforeCall);
    stage.send(&event("run1")).await;
    kill.fired().await;
    alarm.goes_on(nothing).await;
    alarm.goes_off(nothing).await;
    stage.receiver.wait_for(1).await;
}

/// Events that were sent so late that their webhooks' first POSTs are late.
#[tokio::test(flavor = "multi_thread")]
async fn events_that_come_late() {
    let stage = Stage::new().await;
    webhook(&stage).await;
    stage.advance(Duration::from_secs(120));
    let alarm = Watched::off(&stage, "LatencyAlarm").await;
    let mut runs = 0;
    let send_late_one = async || {
        runs += 1;
        stage.send(&event(&format!("late{runs}"))).await;
    };
    alarm.goes_on(send_late_one).await;
    let send_prompt_one = async || {
        runs += 1;
        let mut event = event(&format!("prompt{runs}"));
        let now = stage.platform.cloudwatch().now().replace_nanosecond(0);
        event["createdAt"] = json!(now.unwrap().format(&Rfc3339).unwrap());
        stage.send(&event).await;
    };
    alarm.goes_off(send_prompt_one).await;
}

/// As if the platform that sends events were made of functions which are fed by our webhooks.
#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_goes_round_in_circles() {
    let stage = Stage::new().await;
    webhook(&stage).await;
    let alarm = Watched::off(&stage, "IngestRecursionAlarm").await;
    let function = &format!("{:x}", Sha256::digest("ingest"))[..8];
    let header = format!("Root=1-5759e988-bd862e3fe1be46a994272793;Lineage={function}:16");
    let value = MessageSystemAttributeValue::builder()
        .data_type("String")
        .string_value(header);
    let name = MessageSystemAttributeNameForSends::AwsTraceHeader;
    let attributes = HashMap::from([(name, value.build().unwrap())]);
    let send = stage
        .sqs
        .send_message()
        .queue_url(stage.platform.endpoints().event_queue_url.clone().unwrap())
        .message_body(event("run1").to_string())
        .set_message_system_attributes(Some(attributes));
    send.send().await.unwrap();
    alarm.goes_on(nothing).await;
    assert_eq!(stage.receiver.received().len(), 0);
    stage.platform.queue("EventQueue").unwrap().purge().unwrap();
    alarm.goes_off(nothing).await;
}
