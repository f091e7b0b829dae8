//! Waiting, and the passing of time.

use std::time::Duration;

use local::lambda::invocation::Outcome;
use local::sqs::Depth;

use super::Stage;

impl Stage {
    /// Waits until everything that was set off has come to its end.
    pub(crate) async fn settled(&self) {
        let settled = async {
            self.platform.settled().await;
            Ok(())
        };
        let settled = self.platform.unless_denied(settled).await;
        settled.expect("no function is denied anything");
    }

    /// Lets the sweeper look for retries that fall due, as it does every minute. Returns whether it
    /// finished.
    pub(crate) async fn sweep(&self) -> bool {
        let outcome = self.platform.invoke("sweep", "{}").await;
        matches!(outcome.expect("a function"), Outcome::Answered(_))
    }

    /// Waits until every delivery that is due now was attempted, in either lane; delayed ones may
    /// wait.
    pub(crate) async fn attempted(&self) {
        let rests = |depth: &Depth| depth.visible == 0 && depth.in_flight == 0;
        let lanes = ["DeliveryQueue", "SlowDeliveryQueue"];
        let [mut fast, mut slow] =
            lanes.map(|lane| self.platform.queue(lane).expect("a queue").changed());
        // A message that changes lanes is in the new one before it has left the old one.
        loop {
            let _ = fast.wait_for(rests).await;
            let _ = slow.wait_for(rests).await;
            if rests(&fast.borrow()) {
                return;
            }
        }
    }

    /// Waits until there is no message in a queue.
    pub(crate) async fn drained(&self, queue: &str) {
        let queue = self.platform.queue(queue).expect("a queue");
        let _ = queue.changed().wait_for(Depth::is_empty).await;
    }

    /// Waits until no worker holds a message of a queue; delayed ones may wait there.
    pub(crate) async fn idle(&self, queue: &str) {
        let queue = self.platform.queue(queue).expect("a queue");
        let _ = queue.changed().wait_for(|depth| depth.in_flight == 0).await;
    }

    /// Makes time pass at once.
    pub(crate) fn advance(&self, time: Duration) {
        self.platform.advance(time).expect("a clock that moves");
    }

    /// Makes every message that a worker holds visible again, as if its visibility had run out.
    pub(crate) fn give_back(&self, queue: &str) {
        self.platform
            .queue(queue)
            .expect("a queue")
            .expire_visibility();
    }
}
