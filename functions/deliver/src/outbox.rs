//! Messages that a batch's deliveries send at the same time go out in one call: all that wait for
//! one endpoint are put off at once.

use std::mem;

use queue::{Delivery, DeliveryQueue, QueueError};
use tokio::sync::{Mutex, oneshot};
use tokio::task::yield_now;

use crate::report::Failure;

/// The way onto a queue.
#[derive(Debug)]
pub(crate) struct Outbox {
    queue: DeliveryQueue,
    waiting: Mutex<Vec<Waiting>>,
}

/// A delivery to send, and who wants to know whether it was.
type Waiting = (Delivery, oneshot::Sender<Result<(), QueueError>>);

impl Outbox {
    pub(crate) fn of(queue: DeliveryQueue) -> Self {
        Self {
            queue,
            waiting: Mutex::default(),
        }
    }

    /// Puts a delivery on the queue, with whatever else is being sent now.
    pub(crate) async fn send(&self, delivery: Delivery) -> Result<(), Failure> {
        let (told, result) = oneshot::channel();
        let is_first = {
            let mut waiting = self.waiting.lock().await;
            waiting.push((delivery, told));
            waiting.len() == 1
        };
        if is_first {
            // Whoever is ready to send joins. The runtime has one thread, so all of them have their
            // turn in between.
            yield_now().await;
            let waiting = mem::take(&mut *self.waiting.lock().await);
            let (deliveries, tell): (Vec<_>, Vec<_>) = waiting.into_iter().unzip();
            let results = self.queue.send(&deliveries).await;
            for (tell, result) in tell.into_iter().zip(results) {
                // Nobody stops waiting.
                let _ = tell.send(result);
            }
        }
        Ok(result.await??)
    }
}
