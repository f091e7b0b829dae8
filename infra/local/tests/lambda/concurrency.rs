//! How much runs at once, and what becomes of that which does not fit.

use std::sync::Arc;
use std::time::Duration;

use http::Request;
use local::lambda::concurrency::Limit;
use local::lambda::invocation::Outcome;
use local::options::Options;
use local::platform::Platform;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::fixture::{answer, http, nothing, options, orders, send, start, start_account_of, told};

/// Occupies a function until its only sandbox is ended.
async fn occupy(platform: &Platform, function: &str) -> JoinHandle<Outcome> {
    answer(platform, function, nothing()).await;
    let function = Arc::clone(platform.function(function).unwrap());
    let mut running = function.activity().subscribe();
    let before = *running.borrow_and_update();
    let occupied = Arc::clone(&function);
    let hanging = tokio::spawn(async move {
        let hang = json!({ "do": "hang" }).to_string();
        occupied.invoke(hang.into()).await
    });
    running.wait_for(|running| *running > before).await.unwrap();
    hanging
}

async fn free(platform: &Platform, function: &str) {
    let sandbox = platform.function(function).unwrap().sandbox(1).unwrap();
    sandbox.end().await;
}

async fn outcome(platform: &Platform, function: &str) -> Outcome {
    platform.invoke(function, "{}").await.unwrap()
}

#[tokio::test]
async fn what_an_account_cannot_run_is_throttled_at_every_door() {
    let platform = start_account_of(1).await;
    let hanging = occupy(&platform, "plain").await;
    assert_eq!(
        outcome(&platform, "hasty").await,
        Outcome::Throttled(Limit::Account)
    );
    let invoked = http(
        Request::post(&platform.endpoints().functions["hasty"]),
        "{}",
    )
    .await;
    assert_eq!(invoked.status(), 429);
    assert_eq!(
        invoked.headers()["x-amzn-errortype"],
        "TooManyRequestsException"
    );
    let error: Value = serde_json::from_slice(invoked.body()).unwrap();
    assert_eq!(error["Reason"], "ConcurrentInvocationLimitExceeded");
    let asked = http(Request::get(&platform.endpoints().api), "").await;
    assert_eq!(asked.status(), 429);

    free(&platform, "plain").await;
    assert!(matches!(hanging.await.unwrap(), Outcome::Failed(_)));
    answer(&platform, "hasty", nothing()).await;
}

#[tokio::test]
async fn what_a_function_has_reserved_is_its_own_and_all_that_it_gets() {
    let platform = start().await;
    let hanging = occupy(&platform, "lone").await;
    assert_eq!(
        outcome(&platform, "lone").await,
        Outcome::Throttled(Limit::Reserved)
    );
    let url = &platform.endpoints().functions["lone"];
    let invoked = http(Request::post(url), "{}").await;
    let error: Value = serde_json::from_slice(invoked.body()).unwrap();
    let reason = "ReservedFunctionConcurrentInvocationLimitExceeded";
    assert_eq!(error["Reason"], reason);
    answer(&platform, "plain", nothing()).await;
    free(&platform, "lone").await;
    hanging.await.unwrap();
}

#[tokio::test]
async fn a_batch_that_is_throttled_is_tried_again_without_another_receive() {
    let platform = start().await;
    let hanging = occupy(&platform, "lone").await;
    send(&platform, "LoneQueue", &json!({ "number": 1 }));
    let queue = platform.queue("LoneQueue").unwrap();
    let mut depth = queue.changed();
    depth.wait_for(|depth| depth.in_flight == 1).await.unwrap();
    free(&platform, "lone").await;
    hanging.await.unwrap();
    let batch = told(&platform).await;
    assert_eq!(batch[0]["attributes"]["ApproximateReceiveCount"], "1");
    platform.settled().await;
}

#[tokio::test]
async fn a_batch_that_is_throttled_comes_back_when_its_visibility_is_over() {
    let platform = start().await;
    let hanging = occupy(&platform, "lone").await;
    send(&platform, "LoneQueue", &json!({ "number": 1 }));
    let queue = platform.queue("LoneQueue").unwrap();
    let mut depth = queue.changed();
    depth.wait_for(|depth| depth.in_flight == 1).await.unwrap();
    platform.advance(Duration::from_secs(600)).unwrap();
    depth.wait_for(|depth| depth.visible == 1).await.unwrap();
    depth.wait_for(|depth| depth.in_flight == 1).await.unwrap();
    free(&platform, "lone").await;
    hanging.await.unwrap();
    let batch = told(&platform).await;
    assert_eq!(orders(&batch), [json!({ "number": 1 })]);
    assert_eq!(batch[0]["attributes"]["ApproximateReceiveCount"], "2");
    platform.settled().await;
    assert!(platform.queue("OutQueue").unwrap().depth().is_empty());
}

async fn accept(platform: &Platform, function: &str, order: Value) {
    let request = Request::post(&platform.endpoints().functions[function])
        .header("x-amz-invocation-type", "Event");
    assert_eq!(http(request, order.to_string()).await.status(), 202);
}

/// Lets time pass, and waits until all has happened that was due.
async fn pass(platform: &Platform, time: Duration) {
    platform.advance(time).unwrap();
    // Whoever waited for it runs before this goes on: there is one thread.
    tokio::task::yield_now().await;
    platform.idle().await;
}

#[tokio::test]
async fn an_event_that_is_throttled_is_tried_until_it_fits() {
    let platform = start().await;
    let hanging = occupy(&platform, "lone").await;
    accept(
        &platform,
        "lone",
        json!({ "do": "send", "texts": ["later"] }),
    )
    .await;
    free(&platform, "lone").await;
    hanging.await.unwrap();
    assert_eq!(told(&platform).await, "later");
}

#[tokio::test]
async fn an_event_that_fails_is_tried_again_after_one_minute_and_after_two() {
    let platform = start().await;
    let out = platform.queue("OutQueue").unwrap();
    let order = json!({ "do": "send and fail", "texts": ["tried"] });
    accept(&platform, "plain", order).await;
    for minutes in [1, 2] {
        assert_eq!(told(&platform).await, "tried");
        platform.idle().await;
        // Half of the time, and then the other half.
        let half = Duration::from_secs(30 * minutes);
        pass(&platform, half).await;
        assert!(out.depth().is_empty());
        pass(&platform, half).await;
    }
    assert_eq!(told(&platform).await, "tried");
    platform.idle().await;
    pass(&platform, Duration::from_secs(24 * 60 * 60)).await;
    assert!(out.depth().is_empty());
}

#[tokio::test]
async fn an_account_that_is_too_small_for_what_is_reserved_is_refused() {
    for (account_concurrency, least) in [(10, 10), (100, 100)] {
        let options = Options {
            account_concurrency,
            ..options().await
        };
        let refusal = Platform::start(options).await.err().unwrap().to_string();
        let expected = format!(
            "lone cannot reserve 1 of the account's {account_concurrency}: Specified ReservedConcurrentExecutions for function decreases \
             account's UnreservedConcurrentExecution below its minimum value of [{least}]."
        );
        assert_eq!(refusal, expected);
    }
}
