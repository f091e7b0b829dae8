//! G6 for memory: whatever users send, a function takes half of what it has at most, so that what
//! is theirs never kills it beside what is others'. What the worst definitions, events and batches
//! take is printed by `cargo local bench memory`.

use serde_json::{Value, json};

use crate::run::{Run, ad_hoc};
use crate::stage::Stage;

const MIB: u64 = 1024 * 1024;
/// Half of what the template gives `ingest` and `deliver`.
const HALF: u64 = 128 * MIB;
/// The largest events that a queue takes, with room for the rest of the message.
const LARGE: usize = 1_000_000;

/// An event with a resource that no compression makes small.
fn large(run: &str, webhooks: &Value) -> Value {
    let mut event = Run::new(run).created_with(webhooks);
    let mut state = 1u32;
    let filler = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from(
            b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"
                [(state >> 26) as usize],
        )
    });
    event["resource"]["filler"] = json!(filler.take(LARGE).collect::<String>());
    event
}

async fn stage(parameters: &[(&str, &str)]) -> Stage {
    let all = [&[("DeliveriesEnabled", "false")], parameters].concat();
    Stage::with(&all).await
}

fn assert_half(stage: &Stage, function: &str) {
    let function = stage.platform.function(function).expect("a function");
    let peak = function.peak_memory();
    assert!(0 < peak && peak < HALF, "{} MiB", peak / MIB);
}

#[tokio::test(flavor = "multi_thread")]
async fn g6_a_hundred_of_the_largest_events_in_one_batch_leave_half_of_the_memory_free() {
    let stage = stage(&[]).await;
    let url = stage.receiver.url("/hook");
    let mut messages = Vec::new();
    for batch in 0..20 {
        let events: Vec<_> = (0..5)
            .map(|n| {
                large(
                    &format!("run{batch}x{n}"),
                    &json!([ad_hoc(&["CREATED"], &url)]),
                )
            })
            .collect();
        assert!(stage.ingest(&events).await.is_empty());
        messages.extend(stage.delivery_messages(5).await);
    }
    assert_half(&stage, "ingest");
    assert!(stage.deliver_slowly(&messages).await.is_empty());
    assert_eq!(stage.receiver.received().len(), 100);
    assert_half(&stage, "deliver");
}

#[tokio::test(flavor = "multi_thread")]
async fn g6_a_hundred_dispatches_of_the_largest_event_share_it() {
    let stage = stage(&[("AdHocWebhooksPerRun", "100")]).await;
    let webhooks: Vec<_> = (0..100)
        .map(|n| ad_hoc(&["CREATED"], &stage.receiver.url(&format!("/{n}"))))
        .collect();
    assert!(
        stage
            .ingest(&[large("run1", &json!(webhooks))])
            .await
            .is_empty()
    );
    let messages = stage.delivery_messages(100).await;
    assert!(stage.deliver_slowly(&messages).await.is_empty());
    assert_eq!(stage.receiver.received().len(), 100);
    assert_half(&stage, "ingest");
    assert_half(&stage, "deliver");
}
