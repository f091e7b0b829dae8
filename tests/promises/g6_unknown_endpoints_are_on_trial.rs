//! G6 for unknown endpoints: deliveries to one that has not yet shown whether it answers take one
//! worker of the fast lane, however many they are.

use serde_json::json;

use crate::receiver::Answer;
use crate::run::{Run, ad_hoc};
use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn g6_an_unknown_endpoint_is_tried_by_one_batch_until_it_answers() {
    let stage = Stage::with(&[("DeliveriesEnabled", "false")]).await;
    stage.receiver.script("/hang", &[Answer::Hang]);
    let url = stage.receiver.url("/hang");
    let events: Vec<_> = (0..30)
        .map(|n| Run::new(&format!("run{n}")).created_with(&json!([ad_hoc(&["CREATED"], &url)])))
        .collect();
    assert!(stage.ingest(&events).await.is_empty());
    let messages = stage.delivery_messages(events.len()).await;
    let (first, others) = messages.split_at(10);
    let slow_lane = stage.platform.queue("SlowDeliveryQueue").expect("a queue");

    let (failures, ()) = tokio::join!(stage.deliver(first), async {
        stage.receiver.wait_for(10).await;
        for batch in others.chunks(10) {
            assert!(stage.deliver(batch).await.is_empty());
        }
        assert_eq!(
            stage.receiver.received().len(),
            10,
            "a second batch was attempted"
        );
        assert_eq!(slow_lane.depth().visible, 20);
        stage.receiver.release();
    });
    assert!(failures.is_empty());

    // They have lost nothing but the lane.
    let dispatches = stage.dispatches().await;
    let attempts = dispatches.iter().filter(|one| one.status == "ACTIVE");
    assert_eq!(
        attempts.map(|one| one.attempts).collect::<Vec<_>>(),
        [0; 20]
    );
}
