//! G6 for receivers that hang: as many as the slow lane takes at once wait in one sandbox, with the
//! memory and the open files that it has.

use local::lambda::invocation::Outcome;
use serde_json::json;

use crate::receiver::Answer;
use crate::run::{Run, ad_hoc};
use crate::stage::Stage;

/// The most that SlowDeliveryBatchSize can be.
const CROWD: usize = 500;

#[tokio::test(flavor = "multi_thread")]
async fn g6_the_largest_batch_of_deliveries_that_hang_fits_into_one_sandbox() {
    let stage = Stage::with(&[("DeliveriesEnabled", "false")]).await;
    stage.receiver.script("/hang", &[Answer::Hang]);
    let url = stage.receiver.url("/hang");
    let created =
        |n| Run::new(&format!("run{n}")).created_with(&json!([ad_hoc(&["CREATED"], &url)]));
    let events: Vec<_> = (0..CROWD).map(created).collect();
    // In portions that one invocation of a debug build gets through on a busy machine.
    for portion in events.chunks(100) {
        assert!(stage.ingest(portion).await.is_empty());
    }
    let batch = stage.slow_batch_of(&stage.delivery_messages(CROWD).await);
    let (outcome, ()) = tokio::join!(stage.platform.invoke("deliver", batch.to_string()), async {
        stage.receiver.wait_for(CROWD).await;
        stage.receiver.release();
    });
    let answer = json!({"batchItemFailures": []}).to_string();
    assert_eq!(
        outcome.expect("a function"),
        Outcome::Answered(answer.into())
    );
    assert_eq!(stage.receiver.received().len(), CROWD);
    assert_eq!(
        stage
            .platform
            .cold_starts("deliver")
            .expect("a function")
            .len(),
        1
    );
}
