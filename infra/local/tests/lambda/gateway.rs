//! What stands between a function and the services that it calls.

use local::gateway::calls::{Call, Service};
use local::gateway::kill::Moment;
use local::sqs::Depth;
use serde_json::json;

use crate::fixture::{answer, failure, nothing, start};

fn three_sends() -> serde_json::Value {
    json!({ "do": "send", "texts": ["a", "b", "c"] })
}

#[tokio::test]
async fn calls_are_counted_by_function_service_and_operation() {
    let platform = start().await;
    answer(&platform, "plain", three_sends()).await;
    answer(&platform, "hasty", three_sends()).await;
    let sends = |caller: &str| Call {
        caller: caller.into(),
        service: Service::Sqs,
        operation: "SendMessage".into(),
    };
    let calls = platform.calls();
    assert_eq!((calls[&sends("plain")], calls[&sends("hasty")]), (3, 3));
}

#[tokio::test]
async fn a_function_killed_before_a_call_has_not_made_it() {
    let platform = start().await;
    let kill = platform.kill_at("plain", 2, Moment::BeforeCall);
    let error = failure(&platform, "plain", three_sends()).await;
    kill.fired().await;
    assert!(
        error["errorMessage"]
            .as_str()
            .unwrap()
            .ends_with("signal: killed"),
        "{error}"
    );
    assert_eq!(
        platform.queue("OutQueue").unwrap().depth(),
        Depth {
            visible: 1,
            ..Depth::default()
        }
    );
    // One kill is one kill.
    answer(&platform, "plain", three_sends()).await;
}

#[tokio::test]
async fn a_function_killed_after_a_call_has_made_it() {
    let platform = start().await;
    answer(&platform, "plain", nothing()).await;
    let kill = platform.kill_at("plain", 2, Moment::AfterCall);
    failure(&platform, "plain", three_sends()).await;
    kill.fired().await;
    assert_eq!(
        platform.queue("OutQueue").unwrap().depth(),
        Depth {
            visible: 2,
            ..Depth::default()
        }
    );
}

#[tokio::test]
async fn a_kill_concerns_one_function_and_ends_with_its_handle() {
    let platform = start().await;
    let kill = platform.kill_at("hasty", 1, Moment::BeforeCall);
    answer(&platform, "plain", three_sends()).await;
    assert!(!kill.has_fired());
    drop(kill);
    answer(&platform, "hasty", three_sends()).await;
}
