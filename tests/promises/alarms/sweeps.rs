//! Alarms about the sweeper.

use std::time::Duration;

use local::faults::Refusal;
use local::gateway::calls::Service;
use local::gateway::outage::Refused;
use local::options::Options;
use serde_json::json;

use super::{Watched, nothing};
use crate::receiver::Answer;
use crate::run::{Run, ad_hoc};
use crate::stage::Stage;

/// A platform that sweeps only when a test does.
async fn stage(parameters: &[(&str, &str)]) -> Stage {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let options = Options {
        parameters: parameters.iter().map(owned).collect(),
        tick: Some(Duration::from_secs(24 * 60 * 60)),
        clock_moves: true,
        quiet: true,
        ..Options::default()
    };
    Stage::on(options).await
}

#[tokio::test(flavor = "multi_thread")]
async fn sweeps_that_fail() {
    let stage = stage(&[]).await;
    let alarm = Watched::off(&stage, "SweepErrorsAlarm").await;
    let refused = Refused::all("sweep", Service::DynamoDb, Refusal::Failed);
    let outage = stage.platform.refuse(refused);
    alarm.goes_on(async || assert!(!stage.sweep().await)).await;
    drop(outage);
    alarm.goes_off(async || assert!(stage.sweep().await)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_sweep_at_all() {
    let stage = stage(&[]).await;
    let sweep = async || assert!(stage.sweep().await);
    let alarm = Watched::off_while(&stage, "SweepMissingAlarm", sweep).await;
    alarm.goes_on(nothing).await;
    alarm.goes_off(sweep).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sweeps_that_do_not_keep_up() {
    let stage = stage(&[("RetryScheduleSeconds", "2000")]).await;
    stage.receiver.script("/hook", &[Answer::Status(500)]);
    let hook = ad_hoc(&["CREATED"], &stage.receiver.url("/hook"));
    let event = Run::new("run1").created_with(&json!([hook]));
    stage.send(&event).await;
    stage.receiver.wait_for(1).await;
    stage.settled().await;
    let sweep = async || assert!(stage.sweep().await);
    let alarm = Watched::off_while(&stage, "SweepBehindAlarm", sweep).await;
    let outage = stage.platform.refuse(Refused {
        operations: vec!["Query".to_owned()],
        ..Refused::all("sweep", Service::DynamoDb, Refusal::Failed)
    });
    alarm.goes_on(async || assert!(!stage.sweep().await)).await;
    drop(outage);
    alarm.goes_off(sweep).await;
}
