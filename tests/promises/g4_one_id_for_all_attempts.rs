//! G4: retried POSTs of one dispatch carry one id.

use std::collections::BTreeSet;

use serde_json::json;

use crate::receiver::Answer;
use crate::run::{Run, ad_hoc};
use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn g4_every_attempt_of_a_dispatch_carries_the_id_of_its_record() {
    let stage = Stage::with(&[("RetryScheduleSeconds", "1,1")]).await;
    stage.receiver.script(
        "/flaky",
        &[
            Answer::Status(500),
            Answer::Status(500),
            Answer::Status(200),
        ],
    );
    stage
        .send(&Run::new("run1").created_with(&json!([ad_hoc(
            &["CREATED"],
            &stage.receiver.url("/flaky")
        )])))
        .await;
    let posts = stage.receiver.wait_for(3).await;
    stage.settled().await;
    let [dispatch] = &stage.dispatches().await[..] else {
        panic!("one dispatch")
    };
    let ids: BTreeSet<_> = posts
        .iter()
        .flat_map(|post| {
            [
                post.header("webhook-id"),
                post.header("x-apify-webhook-dispatch-id"),
            ]
        })
        .collect();
    assert_eq!(ids, BTreeSet::from([dispatch.id.as_str()]));
    let bodies: BTreeSet<_> = posts.iter().map(|post| post.body.clone()).collect();
    assert_eq!(bodies.len(), 1, "the payload is the same each time");
}
