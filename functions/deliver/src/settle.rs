//! What follows an attempt: its record, and the next one.

use std::slice;
use std::time::Duration;

use domain::delivery_message::DeliveryMessage;
use domain::dispatch::{self, Call, Dispatch, DispatchState, Next};
use domain::outcome::Outcome;
use domain::timestamp::Timestamp;
use queue::Delivery;
use runtime::{chance, clock};
use store::Recorded;

use crate::Deliver;
use crate::batch::{Ending, Failure};
use crate::turn::{Turn, turn};

/// An attempt that is over.
pub(crate) struct Attempted {
    pub(crate) message: DeliveryMessage,
    pub(crate) outcome: Outcome,
    pub(crate) started_at: Timestamp,
    pub(crate) finished_at: Timestamp,
    pub(crate) do_not_retry: bool,
}

impl Deliver {
    /// Records an attempt, then schedules what follows.
    ///
    /// Repeating this is safe because an attempt is recorded only once; what follows is then read from the record.
    pub(crate) async fn settle(&self, attempted: Attempted) -> Result<Ending, Failure> {
        let next = dispatch::after(
            attempted.message.attempt,
            &attempted.outcome,
            attempted.do_not_retry,
            &self.config.schedule,
            attempted.finished_at,
            chance::jitter(),
        );
        let call = Call::new(
            &attempted.outcome,
            attempted.started_at,
            attempted.finished_at,
        );
        let mut message = attempted.message;
        while self.store.record(&message, &call, &next).await? == Recorded::AlreadyThere {
            // Another worker was faster, or the answer to our own write was lost. The record stands; only a success that it does not know
            // is added to it, so that nobody goes on to repeat what was accepted.
            match self.dispatch(&message).await? {
                Some(dispatch) if next == Next::Succeeded && is_active(&dispatch) => {
                    message = DeliveryMessage::next_of(&dispatch);
                }
                dispatch => return self.catch_up(&message, dispatch.as_ref()).await,
            }
        }
        self.follow(&message, &next).await
    }

    async fn follow(&self, message: &DeliveryMessage, next: &Next) -> Result<Ending, Failure> {
        match next {
            Next::Succeeded => Ok(Ending::Delivered),
            Next::Failed { .. } => Ok(Ending::GivenUp),
            Next::Retry { at } => {
                let delay = clock::now().until(*at);
                self.schedule(message.following(), delay).await?;
                Ok(Ending::Retried)
            }
        }
    }

    /// Makes sure of what follows an attempt that was found on record.
    async fn catch_up(
        &self,
        message: &DeliveryMessage,
        dispatch: Option<&Dispatch>,
    ) -> Result<Ending, Failure> {
        match turn(message, dispatch, clock::now()) {
            // Whatever another worker makes of it, this one has made its attempt.
            Turn::Now(message) => self.schedule(message, Duration::ZERO).await?,
            Turn::Later { message, delay } => self.schedule(message, delay).await?,
            Turn::Over => {}
        }
        Ok(Ending::Skipped)
    }

    /// Puts a message on the queue.
    ///
    /// Repeating this is safe because of two messages for one attempt the second finds it on record.
    pub(crate) async fn schedule(
        &self,
        message: DeliveryMessage,
        delay: Duration,
    ) -> Result<(), Failure> {
        let delivery = Delivery { message, delay };
        for result in self.deliveries.send(slice::from_ref(&delivery)).await {
            result?;
        }
        Ok(())
    }

    /// The dispatch as it is on record now.
    async fn dispatch(&self, message: &DeliveryMessage) -> Result<Option<Dispatch>, Failure> {
        let load = self.store.load(slice::from_ref(message)).await.pop();
        Ok(load.transpose()?.and_then(|load| load.dispatch))
    }
}

fn is_active(dispatch: &Dispatch) -> bool {
    matches!(dispatch.state, DispatchState::Active { .. })
}
