//! The way of one message: its turn, and the attempt.

use delivery::Request;
use domain::delivery_message::DeliveryMessage;
use domain::event::Event;
use domain::outcome::{Obstacle, Outcome};
use domain::payload::{self, ContentError};
use domain::template::RenderError;
use domain::webhook::{Webhook, WebhookState};
use runtime::clock;
use store::Load;

use crate::Deliver;
use crate::batch::{Ending, Failure};
use crate::settle::Attempted;
use crate::time_limit::TimeLimit;
use crate::turn::{Turn, turn};

impl Deliver {
    /// Takes a message as far as it goes, from what it leads to.
    ///
    /// Repeating this is safe because the record says what is left to do.
    pub(crate) async fn deliver(
        &self,
        message: DeliveryMessage,
        load: Load,
        limit: TimeLimit,
    ) -> Result<Ending, Failure> {
        let message = match turn(&message, load.dispatch.as_ref(), clock::now()) {
            Turn::Now(message) => message,
            Turn::Later { message, delay } => {
                self.schedule(message, delay).await?;
                return Ok(Ending::Skipped);
            }
            Turn::Over => {
                tracing::info!(dispatch = %message.dispatch, attempt = message.attempt, "nothing is left to do");
                return Ok(Ending::Skipped);
            }
        };
        let attempted = match what_to_send(load.webhook, load.event) {
            Ok((webhook, event)) => self.attempt(message, &webhook, &event, limit).await?,
            Err(obstacle) => refuse(message, obstacle),
        };
        self.settle(attempted).await
    }

    /// Makes the attempt.
    ///
    /// Repeating this is safe because the receiver can: it sees the dispatch's id again. That happens only when a worker dies before the
    /// outcome is recorded, so nothing comes between the two.
    async fn attempt(
        &self,
        message: DeliveryMessage,
        webhook: &Webhook,
        event: &Event,
        limit: TimeLimit,
    ) -> Result<Attempted, Failure> {
        let definition = &webhook.definition;
        let url = &definition.request_url;
        let request = match request(&message, webhook, event)? {
            Ok(request) => request,
            Err(error) => return Ok(refuse(message, Obstacle::Unrenderable(error))),
        };
        let started_at = clock::now();
        let budget = limit.budget(self.config.request_timeout, started_at)?;
        let outcome = self
            .sender
            .send(url, definition.ignore_ssl_errors, request, budget)
            .await;
        let finished_at = clock::now();
        if let Some(error) = outcome.error_message() {
            tracing::warn!(
                dispatch = %message.dispatch,
                webhook = %webhook.id,
                url = url.redacted(),
                attempt = message.attempt,
                error,
                duration_ms = started_at.until(finished_at).as_millis(),
                "an attempt has failed"
            );
        }
        Ok(Attempted {
            message,
            outcome,
            started_at,
            finished_at,
            do_not_retry: definition.do_not_retry,
        })
    }
}

/// The request of an attempt, unless the webhook's templates make none of this event.
fn request(
    message: &DeliveryMessage,
    webhook: &Webhook,
    event: &Event,
) -> Result<Result<Request, RenderError>, Failure> {
    match payload::content(webhook, event) {
        Ok(content) => Ok(Request::new(&message.dispatch, content)),
        Err(ContentError::Template(error)) => Ok(Err(error)),
        Err(ContentError::Json(error)) => Err(error.into()),
    }
}

/// What a message's attempt is made of, as it is now; or why there is nothing to send.
fn what_to_send(
    webhook: Option<Webhook>,
    event: Option<Event>,
) -> Result<(Webhook, Event), Obstacle> {
    let webhook = webhook.ok_or(Obstacle::WebhookRemoved)?;
    match webhook.state {
        WebhookState::Enabled => {}
        WebhookState::Disabled => return Err(Obstacle::WebhookDisabled),
        WebhookState::Removed => return Err(Obstacle::WebhookRemoved),
    }
    let event = event.ok_or(Obstacle::EventExpired)?;
    Ok((webhook, event))
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
        do_not_retry: false,
    }
}
