//! Alarms about functions that Lambda does not let run.

use local::lambda::invocation::Outcome;

use super::held::{Held, stage_with_one};
use super::{Watched, nothing};
use crate::stage::Stage;

/// Asks a function for something once a minute, while it may not begin anything.
async fn show(stage: &Stage, alarm: &'static str, function: &str) {
    let alarm = Watched::off(stage, alarm).await;
    let held = Held::begin(stage, function).await;
    let alarm = alarm.restless();
    let ask = async || {
        let outcome = stage.platform.invoke(function, "{}").await.unwrap();
        assert!(matches!(outcome, Outcome::Throttled(_)), "{outcome:?}");
    };
    alarm.goes_on(ask).await;
    held.end().await;
    alarm.goes_off(nothing).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ingest_that_is_not_let_run() {
    let stage = stage_with_one("ingest").await;
    show(&stage, "IngestThrottlesAlarm", "ingest").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deliver_that_is_not_let_run() {
    let stage = stage_with_one("deliver").await;
    show(&stage, "DeliverThrottlesAlarm", "deliver").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_that_is_not_let_run() {
    let stage = stage_with_one("sweep").await;
    show(&stage, "SweepThrottlesAlarm", "sweep").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_that_is_not_let_run() {
    let stage = Stage::with(&[("ApiReservedConcurrency", "1")]).await;
    show(&stage, "ApiThrottlesAlarm", "api").await;
}
