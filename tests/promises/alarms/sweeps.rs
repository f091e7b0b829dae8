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

/// A webhook is disabled: something is to be told.
async fn switched_off(stage: &Stage) {
    stage.receiver.script("/gone", &[Answer::Status(410)]);
    let hook = ad_hoc(&["CREATED"], &stage.receiver.url("/gone"));
    let event = Run::new("run2").created_with(&json!([hook]));
    stage.send(&event).await;
    stage.receiver.wait_for(1).await;
    stage.settled().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn notices_that_cannot_be_sent() {
    let stage = stage(&[]).await;
    switched_off(&stage).await;
    let alarm = Watched::off(&stage, "NoticesFailedAlarm").await;
    let refused = Refused::all("sweep", Service::Sqs, Refusal::Failed);
    let outage = stage.platform.refuse(refused);
    alarm.goes_on(async || assert!(!stage.sweep().await)).await;
    drop(outage);
    alarm.goes_off(async || assert!(stage.sweep().await)).await;
    assert_eq!(stage.take_notices().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn notices_that_nobody_takes() {
    let stage = stage(&[("NoticeAgeAlarmSeconds", "120")]).await;
    switched_off(&stage).await;
    let alarm = Watched::off(&stage, "NoticeAgeAlarm").await;
    assert!(stage.sweep().await);
    alarm.goes_on(nothing).await;
    assert_eq!(stage.take_notices().await.len(), 1);
    alarm.goes_off(nothing).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn notices_that_the_platform_cannot_handle() {
    let stage = stage(&[]).await;
    switched_off(&stage).await;
    let alarm = Watched::off(&stage, "NoticeDeadLettersAlarm").await;
    assert!(stage.sweep().await);
    let url = &stage.platform.endpoints().queues["NoticeQueue"];
    let receive = async || {
        let receive = stage.sqs.receive_message().queue_url(url);
        receive.send().await.expect("a queue");
    };
    alarm.goes_on(receive).await;
    let dead = &stage.platform.endpoints().queues["NoticeDeadLetterQueue"];
    let purge = stage.sqs.purge_queue().queue_url(dead);
    purge.send().await.expect("a queue");
    alarm.goes_off(nothing).await;
}

/// A platform that takes no notices is not told so.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_alarmed_about_notices_that_are_not_wanted() {
    let stage = stage(&[("NoticeAgeAlarmSeconds", "0")]).await;
    switched_off(&stage).await;
    assert!(stage.sweep().await);
    for _ in 0..4 {
        stage.advance(Duration::from_secs(24 * 60 * 60));
        stage.platform.at_rest().await;
    }
    let alarm = stage.platform.cloudwatch().alarm("NoticeAgeAlarm");
    assert_ne!(
        alarm.expect("an alarm").state,
        local::cloudwatch::State::Alarm
    );
}
