//! Enqueues delivery messages, in the name of an owner who waits for the answer and will not ask
//! again.

use std::time::Duration;

use domain::delivery_message::DeliveryMessage;
use domain::dispatch::Dispatch;
use domain::retry::LONGEST_DELAY;
use domain::timestamp::Timestamp;
use queue::Delivery;
use store::ParkedRetry;

use crate::Api;
use crate::error::ApiError;

/// How long after a request it is looked whether its message has come: longer than a queue holds
/// one back.
const REMINDER: Duration = Duration::from_secs(LONGEST_DELAY.as_secs() + 60);

impl Api {
    /// Sees to it that the sweeper asks for the next attempt of this dispatch, should this request
    /// die before it does. It comes before the record that an attempt is to be made.
    ///
    /// Repeating this is safe because a message that comes for nothing does nothing.
    pub(crate) async fn remind(&self, dispatch: &Dispatch, now: Timestamp) -> Result<(), ApiError> {
        let retry = ParkedRetry {
            message: DeliveryMessage::next_of(dispatch),
            at: now.after(REMINDER),
        };
        Ok(self.store.park(&retry, now).await?)
    }

    /// Asks for the next attempt of this dispatch, after a delay.
    pub(crate) async fn ask_for(
        &self,
        dispatch: &Dispatch,
        delay: Duration,
    ) -> Result<(), ApiError> {
        let delivery = Delivery {
            message: DeliveryMessage::next_of(dispatch),
            delay,
        };
        for sent in self.deliveries.send(&[delivery]).await {
            sent?;
        }
        Ok(())
    }
}
