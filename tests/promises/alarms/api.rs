//! Alarms about the API.

use local::faults::Refusal;
use local::gateway::calls::Service;
use local::gateway::kill::Moment;
use local::gateway::outage::Refused;

use super::{Watched, nothing};
use crate::stage::Stage;

async fn status(stage: &Stage) -> u16 {
    stage.api("GET", "/v2/webhooks", None).await.0
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_that_dies() {
    let stage = Stage::new().await;
    let alarm = Watched::off(&stage, "ApiErrorsAlarm").await;
    let kill = stage.kill_at("api", 1, Moment::BeforeCall);
    assert_eq!(status(&stage).await, 502);
    kill.fired().await;
    alarm.goes_on(nothing).await;
    alarm
        .goes_off(async || assert_eq!(status(&stage).await, 200))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_that_answers_only_500() {
    let stage = Stage::new().await;
    let alarm = Watched::off(&stage, "ApiServerErrorsAlarm").await;
    let refused = Refused::all("api", Service::DynamoDb, Refusal::Failed);
    let outage = stage.platform.refuse(refused);
    assert!(status(&stage).await >= 500);
    alarm.goes_on(nothing).await;
    drop(outage);
    alarm
        .goes_off(async || assert_eq!(status(&stage).await, 200))
        .await;
}
