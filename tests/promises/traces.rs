//! Traces of the platform's go on to receivers.

use aws_sdk_sqs::types::MessageAttributeValue;
use serde_json::json;

use crate::receiver::{Answer, Received};
use crate::run::Run;
use crate::stage::Stage;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const OTHER: &str = "0af7651916cd43dd8448eb211c80319c";
const SPAN: &str = "00f067aa0ba902b7";

fn traceparent(trace: &str) -> String {
    format!("00-{trace}-{SPAN}-01")
}

/// The trace and the span of a POST.
fn trace_of(post: &Received) -> Option<(String, String)> {
    let value = post.headers.get("traceparent")?.to_str().expect("a text");
    let [version, trace, span, flags] = value.split('-').collect::<Vec<_>>()[..] else {
        panic!("{value}")
    };
    assert_eq!((version, flags), ("00", "01"));
    Some((trace.to_owned(), span.to_owned()))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trace_of_an_event_goes_to_every_post_with_a_span_of_its_own() {
    let stage = Stage::with(&[("RetryScheduleSeconds", "1")]).await;
    stage
        .receiver
        .script("/hook", &[500, 200].map(Answer::Status));
    stage
        .webhook(&["SUCCEEDED"], json!({"actorId": "actor1"}), "/hook")
        .await;
    let mut event = Run::new("run1").event("SUCCEEDED", 1);
    event["traceparent"] = json!(traceparent(TRACE));
    stage.send(&event).await;
    stage.receiver.wait_for(2).await;
    stage.settled().await;
    let posts = stage.receiver.received_at("/hook");
    for (call, post) in posts.iter().enumerate() {
        let dispatch = post.header("webhook-id");
        let path = format!(
            "/v2/webhook-dispatches/{dispatch}/request?call={}",
            call + 1
        );
        let (_, shown) = stage.api("GET", &path, None).await;
        let header = json!({"name": "traceparent", "value": post.header("traceparent")});
        let headers = shown["data"]["headers"].as_array().expect("headers");
        assert!(headers.contains(&header), "{shown}");
    }
    let traces: Vec<_> = stage
        .receiver
        .received_at("/hook")
        .iter()
        .map(trace_of)
        .collect();
    let [Some((first, one)), Some((second, other))] = &traces[..] else {
        panic!("{traces:?}")
    };
    assert_eq!((first.as_str(), second.as_str()), (TRACE, TRACE));
    assert!(one != other && one != SPAN && other != SPAN, "{traces:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_can_come_in_an_attribute_and_the_field_of_the_message_wins() {
    let stage = Stage::new().await;
    stage
        .webhook(&["SUCCEEDED"], json!({"actorId": "actor1"}), "/hook")
        .await;
    for (run, field, attribute, expected) in [
        ("run1", None, Some(traceparent(TRACE)), Some(TRACE)),
        (
            "run2",
            Some(traceparent(OTHER)),
            Some(traceparent(TRACE)),
            Some(OTHER),
        ),
        (
            "run3",
            Some("no trace".to_owned()),
            Some(traceparent(TRACE)),
            Some(TRACE),
        ),
        (
            "run4",
            Some("no trace".to_owned()),
            Some("none".to_owned()),
            None,
        ),
        ("run5", None, None, None),
    ] {
        let mut event = Run::new(run).event("SUCCEEDED", 1);
        if let Some(field) = field {
            event["traceparent"] = json!(field);
        }
        let before = stage.receiver.received_at("/hook").len();
        let value = attribute.map(|value| {
            let value = MessageAttributeValue::builder()
                .data_type("String")
                .string_value(value);
            value.build().expect("an attribute")
        });
        let queue = stage.platform.endpoints().event_queue_url.clone();
        let mut send = stage.sqs.send_message().message_body(event.to_string());
        if let Some(value) = value {
            send = send.message_attributes("traceparent", value);
        }
        send.queue_url(queue.expect("a queue"))
            .send()
            .await
            .expect("it is taken");
        stage.receiver.wait_for(before + 1).await;
        stage.settled().await;
        let posts = stage.receiver.received_at("/hook");
        let found = trace_of(posts.last().expect("a POST")).map(|(trace, _)| trace);
        assert_eq!(found.as_deref(), expected, "{run}");
    }
}

/// What an owner's template says counts only where the platform says nothing.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_but_the_platform_puts_a_post_into_its_trace() {
    let stage = Stage::new().await;
    let definition = json!({
        "eventTypes": ["ACTOR.RUN.SUCCEEDED"], "condition": {"actorId": "actor1"}, "requestUrl": stage.receiver.url("/hook"),
        "headersTemplate": format!(r#"{{"TraceParent": "{}"}}"#, traceparent(OTHER)),
    });
    let (status, made) = stage.api("POST", "/v2/webhooks", Some(&definition)).await;
    assert_eq!(status, 201, "{made}");
    let mut traced = Run::new("run1").event("SUCCEEDED", 1);
    traced["traceparent"] = json!(traceparent(TRACE));
    stage.send(&traced).await;
    stage.receiver.wait_for(1).await;
    stage.settled().await;
    stage.send(&Run::new("run2").event("SUCCEEDED", 2)).await;
    stage.receiver.wait_for(2).await;
    stage.settled().await;
    let posts = stage.receiver.received_at("/hook");
    let traces: Vec<_> = posts
        .iter()
        .map(|post| trace_of(post).expect("a trace"))
        .collect();
    assert_eq!(traces[0].0, TRACE);
    assert_eq!(traces[1], (OTHER.to_owned(), SPAN.to_owned()));
    assert_eq!(posts[0].headers.get_all("traceparent").iter().count(), 1);
}
