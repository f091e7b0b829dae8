//! An account that may run few functions at once, like a new one: what does not fit waits, and
//! nothing is lost.

use local::options::Options;
use local::sqs::Depth;
use serde_json::json;

use crate::run::{Run, ad_hoc};
use crate::stage::Stage;

const EVENTS: usize = 40;

#[tokio::test(flavor = "multi_thread")]
async fn g1_an_account_that_may_run_two_functions_at_once_loses_nothing_and_sends_nothing_twice() {
    let batches_of_one = [("EventBatchSize", "1"), ("DeliveryBatchSize", "1")];
    let stage = Stage::on(Options {
        account_concurrency: 2,
        parameters: batches_of_one
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        quiet: true,
        ..Options::default()
    })
    .await;
    for n in 0..EVENTS {
        let url = stage.receiver.url(&format!("/{n}"));
        let webhooks = json!([ad_hoc(&["CREATED"], &url)]);
        let run = Run::new(&format!("run{n}"));
        stage.send(&run.created_with(&webhooks)).await;
    }
    stage.settled().await;
    assert_eq!(stage.receiver.received().len(), EVENTS);
    for n in 0..EVENTS {
        assert_eq!(stage.receiver.received_at(&format!("/{n}")).len(), 1);
    }
    for queue in ["EventDeadLetterQueue", "DeliveryDeadLetterQueue"] {
        let queue = stage.platform.queue(queue).expect("a queue");
        assert_eq!(queue.depth(), Depth::default());
    }
}
