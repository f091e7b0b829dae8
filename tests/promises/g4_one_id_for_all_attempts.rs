//! G4: retried POSTs of one dispatch carry one id.

use std::collections::BTreeSet;

use local::gateway::kill::Moment;
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

/// The one thing that a receiver cannot be spared: it has answered, and nobody has written that
/// down.
#[tokio::test(flavor = "multi_thread")]
async fn g4_a_post_whose_outcome_was_lost_is_made_again_under_the_same_id() {
    let stage = Stage::new().await;
    let mut made_again = 0;
    for step in 1.. {
        let path = format!("/run{step}");
        let kill = stage.kill_at("deliver", step, Moment::BeforeCall);
        let webhooks = json!([ad_hoc(&["CREATED"], &stage.receiver.url(&path))]);
        stage
            .send(&Run::new(&format!("run{step}")).created_with(&webhooks))
            .await;
        tokio::select! {
            () = kill.fired() => {
                stage.give_back("DeliveryQueue");
                stage.give_back("SlowDeliveryQueue");
            }
            () = stage.settled() => {}
        }
        stage.settled().await;
        let posts = stage.receiver.received_at(&path);
        let ids: BTreeSet<_> = posts.iter().map(|post| post.header("webhook-id")).collect();
        assert_eq!(ids.len(), 1, "killed before call {step}: {ids:?}");
        match posts.len() {
            1 => {}
            2 => made_again += 1,
            count => panic!("killed before call {step}: {count} POSTs"),
        }
        if !kill.has_fired() {
            break;
        }
    }
    assert!(made_again > 0, "no kill came between a POST and its record");
    let dispatches = stage.dispatches().await;
    assert!(dispatches.iter().all(|one| one.status == "SUCCEEDED"));
}
