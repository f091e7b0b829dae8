//! Alarms about deliveries, and about the function that makes them.

use local::faults::Refusal;
use local::gateway::calls::Service;
use local::gateway::kill::Moment;
use local::gateway::outage::{Outage, Refused};
use local::sqs::NewMessage;
use serde_json::json;

use super::{Watched, nothing};
use crate::run::{Run, ad_hoc};
use crate::stage::Stage;

/// Sends an event with an ad hoc webhook, which is one delivery.
async fn deliver_one(stage: &Stage) {
    let hook = ad_hoc(&["CREATED"], &stage.receiver.url("/hook"));
    let event = Run::new("run1").created_with(&json!([hook]));
    stage.send(&event).await;
    stage.drained("EventQueue").await;
}

/// No delivery can be signed.
fn without_key(stage: &Stage) -> Outage {
    let refused = Refused::all("deliver", Service::SecretsManager, Refusal::Failed);
    stage.platform.refuse(refused)
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_without_a_key() {
    let stage = Stage::new().await;
    let alarm = Watched::off(&stage, "DeliveriesFailedAlarm").await;
    let outage = without_key(&stage);
    deliver_one(&stage).await;
    alarm.goes_on(nothing).await;
    drop(outage);
    alarm.goes_off(nothing).await;
    // What failed is hidden for a while.
    stage.give_back("DeliveryQueue");
    stage.receiver.wait_for(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_that_find_no_key_again_and_again_are_parked() {
    let stage = Stage::new().await;
    let alarm = Watched::off(&stage, "DeliveryDeadLettersAlarm").await;
    let outage = without_key(&stage);
    deliver_one(&stage).await;
    alarm.goes_on(nothing).await;
    drop(outage);
    let parked = stage.platform.queue("DeliveryDeadLetterQueue").unwrap();
    parked.redrive().unwrap();
    alarm.goes_off(nothing).await;
    stage.receiver.wait_for(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_that_nobody_makes() {
    let stage = Stage::with(&[("DeliveriesEnabled", "false")]).await;
    let alarm = Watched::off(&stage, "DeliveryAgeAlarm").await;
    deliver_one(&stage).await;
    alarm.goes_on(nothing).await;
    let queue = stage.platform.queue("DeliveryQueue").unwrap();
    queue.purge().unwrap();
    alarm.goes_off(nothing).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_deliveries_that_nobody_makes() {
    let stage = Stage::with(&[("DeliveriesEnabled", "false")]).await;
    let alarm = Watched::off(&stage, "SlowDeliveryAgeAlarm").await;
    deliver_one(&stage).await;
    // As `deliver` does with a delivery to an endpoint that it does not trust.
    let queue = stage.platform.queue("SlowDeliveryQueue").unwrap();
    let message = NewMessage {
        body: stage.delivery_messages(1).await.remove(0),
        ..NewMessage::default()
    };
    queue.send(message).unwrap();
    alarm.goes_on(nothing).await;
    queue.purge().unwrap();
    alarm.goes_off(nothing).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deliver_that_dies() {
    let stage = Stage::new().await;
    let alarm = Watched::off(&stage, "DeliverErrorsAlarm").await;
    let kill = stage.kill_at("deliver", 1, Moment::BeforeCall);
    deliver_one(&stage).await;
    kill.fired().await;
    alarm.goes_on(nothing).await;
    alarm.goes_off(nothing).await;
    // What failed is hidden for a while.
    stage.give_back("DeliveryQueue");
    stage.receiver.wait_for(1).await;
}
