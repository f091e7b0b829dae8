//! What follows an attempt: its record, and the next one.

use std::slice;
use std::sync::Arc;
use std::time::Duration;

use domain::delivery_message::DeliveryMessage;
use domain::dispatch::{self, Call, CallDetails, Dispatch, GONE, Next};
use domain::event::SubjectId;
use domain::notice::Found;
use domain::outcome::{Outcome, Verdict};
use domain::retry::{LONGEST_DELAY, Schedule};
use domain::timestamp::Timestamp;
use domain::trace_context::TraceContext;
use domain::webhook::Webhook;
use queue::Delivery;
use runtime::{chance, clock};
use store::{Attempt, ParkedRetry, Recorded, StoreError};

use crate::Deliver;
use crate::endpoint::Destination;
use crate::next_step::{NextStep, next_step};
use crate::recorder::{UnderWay, Urgency};
use crate::report::{Ending, Failure, Unrecorded};

/// An attempt that is over.
pub(crate) struct Attempted {
    pub(crate) message: DeliveryMessage,
    pub(crate) outcome: Outcome,
    pub(crate) started_at: Timestamp,
    pub(crate) finished_at: Timestamp,
    /// What its owner may want to know.
    pub(crate) details: CallDetails,
    /// Whether little of the invocation's time is left.
    pub(crate) is_late: bool,
    /// What was called, and where; nothing if there was nothing to call.
    pub(crate) webhook: Option<(Arc<Webhook>, Option<Destination>)>,
    /// Where the request stood in a trace, if it did.
    pub(crate) trace: Option<TraceContext>,
}

impl Attempted {
    fn do_not_retry(&self) -> bool {
        let webhook = self.webhook.as_ref().map(|(webhook, _)| webhook);
        webhook.is_some_and(|webhook| webhook.definition.do_not_retry)
    }

    /// Until it is on record, an attempt that must not be made again is unknown if its worker dies.
    fn urgency(&self) -> Urgency {
        match self.do_not_retry() || self.is_late {
            true => Urgency::Now,
            false => Urgency::Soon,
        }
    }

    /// Says in the log that the webhook's receiver has failed, if it has.
    pub(crate) fn log_failure(&self) {
        if let (Some(error), Some((webhook, _))) = (self.outcome.error_message(), &self.webhook) {
            tracing::warn!(
                dispatch = %self.message.dispatch,
                webhook = %webhook.id,
                url = webhook.definition.request_url.redacted(),
                attempt = self.message.attempt,
                error,
                duration_ms = self.took().as_millis(),
                "an attempt has failed"
            );
        }
    }

    fn took(&self) -> Duration {
        self.started_at.until(self.finished_at)
    }

    /// It could not be recorded. What that means depends on whether anybody was called.
    fn unrecorded(&self, error: StoreError) -> Failure {
        match self.outcome {
            Outcome::NotSent(_) => error.into(),
            Outcome::Answered { .. } | Outcome::Unanswered(_) => Unrecorded(error).into(),
        }
    }
}

impl Deliver {
    /// Records an attempt of the dispatch that was read `before`, then schedules what follows.
    ///
    /// Repeating this is safe because an attempt is recorded only once; what follows is then read from the record.
    pub(crate) async fn settle(
        &self,
        attempted: Attempted,
        before: Option<&Dispatch>,
        under_way: UnderWay,
    ) -> Result<Ending, Failure> {
        let attempt = attempted.message.attempt;
        let next = dispatch::after(
            before.map_or(attempt, |dispatch| dispatch.attempt_in_schedule(attempt)),
            &attempted.outcome,
            attempted.do_not_retry(),
            self.schedule_of(&attempted.message),
            attempted.finished_at,
            chance::jitter(),
        );
        let call = Call::new(
            attempt,
            &attempted.outcome,
            attempted.started_at,
            attempted.finished_at,
        );
        let call = call.with(attempt, attempted.details.clone());
        let mut attempt = Attempt {
            message: attempted.message.clone(),
            call,
            next,
            trace: attempted.trace.clone(),
        };
        let mut under_way = Some(under_way);
        while self
            .recorder
            .record(attempt.clone(), under_way.take(), attempted.urgency())
            .await?
            .map_err(|error| attempted.unrecorded(error))?
            == Recorded::AlreadyThere
        {
            // Another worker was faster, or the answer to our own write was lost. The record stands; only a success that it does not know
            // is added to it, even if the dispatch was given up meanwhile: nobody is to repeat what was accepted, or to read that it was not,
            // unless it is an old one and its owner has asked for another.
            match self.dispatch(&attempt.message).await? {
                Some(dispatch)
                    if attempt.next == Next::Succeeded
                        && dispatch.lacks_success(attempt.message.attempt)
                        && !dispatch.calls.contains(&attempt.call) =>
                {
                    attempt.message = DeliveryMessage::next_of(&dispatch);
                }
                dispatch => return self.catch_up(&attempt.message, dispatch.as_ref()).await,
            }
        }
        let ending = self.follow(&attempt.message, &attempt.next).await?;
        self.conclude(&attempted).await;
        Ok(ending)
    }

    /// What an attempt means beyond its dispatch. It comes last: nothing of it is promised.
    async fn conclude(&self, attempted: &Attempted) {
        let Some((webhook, destination)) = &attempted.webhook else {
            return;
        };
        let found = Found {
            webhook,
            trace: attempted.trace.as_ref(),
        };
        if attempted.outcome.verdict() == Verdict::Gone
            && let Err(error) = self.endpoints.disable(found, GONE).await
        {
            tracing::error!(%error, webhook = %webhook.id, "a webhook could not be switched off");
        }
        if let Some(destination) = destination {
            self.endpoints
                .learn(destination, found, &attempted.outcome, attempted.took())
                .await;
        }
    }

    fn schedule_of(&self, message: &DeliveryMessage) -> &Schedule {
        match message.subject {
            SubjectId::Test => &self.test_schedule,
            SubjectId::Run(_) | SubjectId::Build(_) => &self.config.schedule,
        }
    }

    async fn follow(&self, message: &DeliveryMessage, next: &Next) -> Result<Ending, Failure> {
        match next {
            Next::Succeeded => Ok(Ending::Delivered),
            Next::Failed { .. } | Next::Exhausted { .. } => Ok(Ending::GivenUp),
            Next::Retry { at } => {
                let _permit = self.writers.acquire().await?;
                self.schedule(message.following(), *at).await?;
                Ok(Ending::Retried)
            }
        }
    }

    /// Makes sure of what follows an attempt that was found on record.
    pub(crate) async fn catch_up(
        &self,
        message: &DeliveryMessage,
        dispatch: Option<&Dispatch>,
    ) -> Result<Ending, Failure> {
        match next_step(message, dispatch, clock::now()) {
            // Whatever another worker makes of it, this one has made its attempt.
            NextStep::Attempt(message) => self.schedule(message, clock::now()).await?,
            NextStep::Reschedule { message, at } => self.schedule(message, at).await?,
            NextStep::Nothing => {}
        }
        Ok(Ending::Skipped)
    }

    /// Makes sure that a message comes at its time: the queue holds it back, or it is parked until the sweeper sends it.
    ///
    /// Repeating this is safe because of two messages for one attempt the second finds it leased, or on record.
    pub(crate) async fn schedule(
        &self,
        message: DeliveryMessage,
        at: Timestamp,
    ) -> Result<(), Failure> {
        let now = clock::now();
        let delay = now.until(at);
        if delay > LONGEST_DELAY {
            return Ok(self.store.park(&ParkedRetry { message, at }, now).await?);
        }
        self.deliveries.send(Delivery { message, delay }).await
    }

    /// The dispatch as it is on record now.
    pub(crate) async fn dispatch(
        &self,
        message: &DeliveryMessage,
    ) -> Result<Option<Dispatch>, Failure> {
        let load = self.store.load(slice::from_ref(message)).await.pop();
        Ok(load.transpose()?.and_then(|load| load.dispatch))
    }
}
