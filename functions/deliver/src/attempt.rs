//! The way of one message: its turn, and the attempt.

use std::sync::Arc;
use std::time::Duration;

use delivery::{Callee, Sent};
use domain::definition::Definition;
use domain::delivery_message::DeliveryMessage;
use domain::dispatch::{CallDetails, Dispatch};
use domain::endpoint::{SPREAD, Way};
use domain::event::SubjectId;
use domain::outcome::{Obstacle, Outcome, Trouble};
use domain::timestamp::Timestamp;
use domain::webhook::{Webhook, WebhookState};
use queue::Delivery;
use runtime::{chance, clock};

use crate::Deliver;
use crate::asked::BatchContext;
use crate::endpoint::Destination;
use crate::latency::event_to_post;
use crate::memory::Share;
use crate::next_step::{NextStep, next_step};
use crate::permission::Permission;
use crate::portion::{Loaded, OVERHEAD};
use crate::recorder::UnderWay;
use crate::report::{Ending, Failure};
use crate::settle::Attempted;
use crate::shared_event::SharedEvent;

/// What an attempt is made of.
struct Material {
    webhook: Arc<Webhook>,
    event: Arc<SharedEvent>,
    /// The memory for it.
    share: Share,
}

impl Deliver {
    /// Takes a message as far as it goes, from what it leads to.
    ///
    /// Repeating this is safe because the record says what is left to do.
    pub(crate) async fn deliver(
        &self,
        message: DeliveryMessage,
        loaded: Loaded,
        context: &BatchContext,
    ) -> Result<Ending, Failure> {
        let Loaded {
            webhook,
            event,
            dispatch,
            destination,
            share,
            under_way,
        } = loaded;
        let before = dispatch.as_ref();
        let message = match next_step(&message, before, clock::now()) {
            NextStep::Attempt(message) => message,
            NextStep::Reschedule { message, at } => {
                self.schedule(message, at).await?;
                return Ok(Ending::Skipped);
            }
            NextStep::Nothing => {
                tracing::info!(dispatch = %message.dispatch, attempt = message.attempt, "nothing is left to do");
                return Ok(Ending::Skipped);
            }
        };
        let material = match what_to_send(&message, webhook, event) {
            Ok((webhook, event)) => Material {
                webhook,
                event,
                share,
            },
            Err(obstacle) => {
                let refused = refuse(message, obstacle);
                return self.settle(refused, before, under_way).await;
            }
        };
        if let Some(destination) = &destination {
            match self
                .endpoints
                .way(&message, (destination, &material.webhook), context.lane)
                .await
            {
                Way::Attempt | Way::Probe(_) | Way::Trial => {}
                Way::SlowLane => return self.send_to_slow_lane(message).await,
                Way::Wait(until) => {
                    return self.put_off(message, until, before, under_way).await;
                }
            }
        }
        match self
            .attempt(message, before, material, destination.as_ref(), context)
            .await?
        {
            Some(attempted) => self.settle(attempted, before, under_way).await,
            None => Ok(Ending::Skipped),
        }
    }

    /// Has the message attempted in the slow lane.
    ///
    /// Repeating this is safe because of two messages for one attempt the second finds it leased,
    /// or on record.
    pub(crate) async fn send_to_slow_lane(
        &self,
        message: DeliveryMessage,
    ) -> Result<Ending, Failure> {
        let delay = Duration::ZERO;
        self.slow_lane.send(Delivery { message, delay }).await?;
        Ok(Ending::Skipped)
    }

    /// Has the message come again when its endpoint's pause is over, unless that goes on for too long: every pause lets one message probe,
    /// and a dispatch behind very many others would wait until its record expires.
    async fn put_off(
        &self,
        message: DeliveryMessage,
        until: Timestamp,
        before: Option<&Dispatch>,
        under_way: UnderWay,
    ) -> Result<Ending, Failure> {
        let longest = self.config.disable_after;
        let Some(message) = message.put_off(clock::now(), longest) else {
            let refused = refuse(message, Obstacle::EndpointDead(longest));
            return self.settle(refused, before, under_way).await;
        };
        let at = until.after(SPREAD.mul_f64(chance::jitter()));
        self.schedule(message, at).await?;
        Ok(Ending::Skipped)
    }

    /// Makes the attempt, if no other worker makes it.
    ///
    /// Repeating this is safe because the receiver can: it sees the dispatch's id again. That happens when a worker dies before the
    /// outcome is recorded, so nothing comes between the two, or when two workers make a first attempt.
    async fn attempt(
        &self,
        message: DeliveryMessage,
        before: Option<&Dispatch>,
        material: Material,
        destination: Option<&Destination>,
        context: &BatchContext,
    ) -> Result<Option<Attempted>, Failure> {
        let Material {
            webhook,
            event,
            mut share,
        } = material;
        let definition = &webhook.definition;
        let Some(unpacked) = self.unpack(&event).await? else {
            return Ok(Some(refuse(message, Obstacle::EventExpired)));
        };
        let signed_at = clock::now();
        let keys = &context.keys;
        let request = match self.request(&message, &webhook, &unpacked, keys, signed_at)? {
            Ok(request) => request,
            Err(obstacle) => return Ok(Some(refuse(message, obstacle))),
        };
        let trace = unpacked.trace.as_ref();
        let trace = trace.map(|trace| trace.of_attempt(&message.dispatch, message.attempt));
        let both_there = unpacked.created_at.max(webhook.created_at);
        // What is not needed while the receiver is waited for, others can have.
        drop((unpacked, event));
        share.shrink_to(OVERHEAD + before.map_or(0, Dispatch::length) + request.length());
        let budget = context.limit.budget(self.config.request_timeout)?;
        match self.permission(&message, before, definition).await? {
            Permission::Granted => {}
            Permission::Denied => return Ok(None),
            Permission::Spent => return Ok(Some(unknown(message, &webhook))),
        }
        let started_at = clock::now();
        if let Some(latency) = event_to_post(&message, before, context.lane, both_there, started_at)
        {
            // Who counts them lives longer than any delivery.
            let _ = context.latencies.send(latency);
        }
        let callee = callee(definition);
        let mut details = details_of(&webhook, signed_at, started_at);
        let sending = noted(self.sender.send(callee, request, budget), &mut details);
        let outcome = match destination {
            Some(destination) => {
                let over_at = started_at.after(budget);
                self.endpoints
                    .watch((destination, context.lane), over_at, sending)
                    .await
            }
            None => sending.await,
        };
        let finished_at = clock::now();
        let attempted = Attempted {
            message,
            outcome,
            started_at,
            finished_at,
            details,
            is_late: context.limit.is_near(),
            webhook: Some((webhook, destination.cloned())),
            trace,
        };
        attempted.log_failure();
        Ok(Some(attempted))
    }
}

/// Who is called, and how.
fn callee(definition: &Definition) -> Callee<'_> {
    Callee {
        url: &definition.request_url,
        ignore_ssl_errors: definition.ignore_ssl_errors,
        do_not_retry: definition.do_not_retry,
    }
}

/// What is known of an attempt before it is made.
fn details_of(webhook: &Webhook, signed_at: Timestamp, started_at: Timestamp) -> CallDetails {
    let is_another_second = signed_at.as_seconds() != started_at.as_seconds();
    CallDetails {
        version: Some(webhook.version),
        signed_at: is_another_second.then_some(signed_at),
        ..CallDetails::default()
    }
}

/// The outcome, once what else was seen is noted.
async fn noted(sending: impl Future<Output = Sent>, details: &mut CallDetails) -> Outcome {
    let sent = sending.await;
    details.remote = sent.remote;
    details.response_headers = sent.response_headers;
    sent.outcome
}

/// What a message's attempt is made of, as it is now; or why there is nothing to send.
fn what_to_send(
    message: &DeliveryMessage,
    webhook: Option<Arc<Webhook>>,
    event: Option<Arc<SharedEvent>>,
) -> Result<(Arc<Webhook>, Arc<SharedEvent>), Obstacle> {
    let webhook = webhook.ok_or(Obstacle::WebhookRemoved)?;
    match webhook.state {
        WebhookState::Enabled => {}
        // Its owner tries it out before switching it on.
        WebhookState::Disabled if message.subject == SubjectId::Test => {}
        WebhookState::Disabled => return Err(Obstacle::WebhookDisabled),
        WebhookState::Removed => return Err(Obstacle::WebhookRemoved),
    }
    let event = event.ok_or(Obstacle::EventExpired)?;
    Ok((webhook, event))
}

/// An attempt that another worker began, and that is not to be repeated.
fn unknown(message: DeliveryMessage, webhook: &Arc<Webhook>) -> Attempted {
    let now = clock::now();
    Attempted {
        message,
        outcome: Outcome::Unanswered(Trouble::Unknown),
        started_at: now,
        finished_at: now,
        details: CallDetails::default(),
        is_late: false,
        webhook: Some((Arc::clone(webhook), None)),
        trace: None,
    }
}

/// An attempt at which nothing was sent. It is recorded like any other.
fn refuse(message: DeliveryMessage, obstacle: Obstacle) -> Attempted {
    tracing::info!(dispatch = %message.dispatch, webhook = %message.webhook, ?obstacle, "nothing to send");
    let now = clock::now();
    Attempted {
        message,
        outcome: Outcome::NotSent(obstacle),
        started_at: now,
        finished_at: now,
        details: CallDetails::default(),
        is_late: false,
        webhook: None,
        trace: None,
    }
}
