//! Two workers that make one attempt.

use serde_json::json;

use super::{Recorded, Stage};
use crate::receiver::Answer;
use crate::run::{Run, ad_hoc};

impl Stage {
    /// Has two workers make the first attempt of a dispatch at the same time, because SQS has
    /// delivered its message twice. The first gets no answer until
    /// [`Receiver::release`](crate::receiver::Receiver::release); what the second gets is on
    /// record. The receiver accepts whatever comes then.
    pub(crate) async fn race(&self, second: Answer) -> Recorded {
        let answers = [Answer::Hang, second, Answer::Status(200)];
        self.receiver.script("/hook", &answers);
        let hook = self.receiver.url("/hook");
        let created = Run::new("run1").created_with(&json!([ad_hoc(&["CREATED"], &hook)]));
        self.send(&created).await;
        self.receiver.wait_for(1).await;
        let message = self.delivery_message_of(&created).await;
        assert!(self.deliver(&[message]).await.is_empty());
        // It goes by way of the slow lane: nobody knows yet whether the endpoint answers.
        self.receiver.wait_for(2).await;
        self.drained("SlowDeliveryQueue").await;
        let recorded = self.dispatches().await.remove(0);
        assert_eq!(recorded.attempts, 1, "the second worker has recorded it");
        recorded
    }
}
