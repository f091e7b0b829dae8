//! A notice queue that takes nothing: deliveries go on as ever, and no notice is lost.

use serde_json::json;

use super::{MINUTE, OK, stage, succeed};
use crate::receiver::Answer;
use crate::stage::types;

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_queue_that_takes_nothing_delays_no_delivery_and_gets_every_notice_later() {
    let (stage, id) = stage(&[("RetryScheduleSeconds", "2000")]).await;
    let answers = [410, 500].map(Answer::Status);
    stage.receiver.script("/hook", &answers);
    assert!(stage.sweep().await);
    succeed(&stage, 1).await;
    let queue = &stage.platform.endpoints().queues["NoticeQueue"];
    let delete = stage.sqs.delete_queue().queue_url(queue);
    delete.send().await.expect("it is deleted");
    let on = json!({"isEnabled": true});
    let path = format!("/v2/webhooks/{id}");
    assert_eq!(stage.api("PUT", &path, Some(&on)).await.0, 200);
    // Its retry waits for the sweeper.
    succeed(&stage, 2).await;
    stage.receiver.script("/hook", &OK);
    stage.advance(45 * MINUTE);
    for _ in 0..3 {
        assert!(
            !stage.sweep().await,
            "a sweep that could not send has failed"
        );
    }
    stage.receiver.wait_for(3).await;
    stage.attempted().await;

    let name = queue.rsplit('/').next().expect("a name");
    let create = stage.sqs.create_queue().queue_name(name);
    create.send().await.expect("it is there again");
    let notices = stage.notices().await;
    let mut kinds = types(&notices);
    kinds.sort_unstable();
    assert_eq!(kinds, ["webhook.disabled", "webhook.enabled"]);
    assert!(stage.notices().await.is_empty());
}
