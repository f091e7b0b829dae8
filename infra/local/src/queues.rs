//! The template's queues: in the platform's own SQS, or in whatever answers at an address.

mod elsewhere;
mod own;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use axum::Router;
use sqs::{self, Depth, NewMessage, Received, Sqs};
use tokio::time::Instant;

use crate::elsewhere::Elsewhere;
use crate::gateway::forward;
use crate::template;

/// The queues of a platform.
#[derive(Clone)]
pub(crate) enum Queues {
    Own(Sqs),
    Elsewhere(elsewhere::Sqs),
}

/// One of them.
#[derive(Clone)]
pub(crate) enum Queue {
    Own(sqs::Queue),
    Elsewhere(elsewhere::Queue),
}

impl Queues {
    /// Makes these queues in the SQS at `elsewhere`, or else in one of the platform's own, with the
    /// messages that [`save`](Self::save) kept in `data`, if any.
    pub(crate) async fn start(
        queues: &BTreeMap<String, template::Queue>,
        elsewhere: &Elsewhere,
        data: Option<&Path>,
    ) -> Result<Self> {
        match elsewhere.sqs {
            None => own::start(queues, data).map(Queues::Own),
            Some(address) => {
                let sqs = elsewhere::Sqs::at(address, elsewhere.clock.clone());
                sqs.create(queues).await?;
                Ok(Queues::Elsewhere(sqs))
            }
        }
    }

    /// The queue of that name, which the template declares.
    pub(crate) fn queue(&self, name: &str) -> Result<Queue> {
        match self {
            Queues::Own(sqs) => {
                let queue = sqs.queue(name).map(Queue::Own);
                queue.with_context(|| format!("there is no queue {name}"))
            }
            Queues::Elsewhere(sqs) => Ok(Queue::Elsewhere(sqs.queue(name))),
        }
    }

    /// What answers clients, on any port.
    pub(crate) fn router(&self) -> Router {
        match self {
            Queues::Own(sqs) => sqs.router(),
            Queues::Elsewhere(sqs) => forward::router(sqs.address()),
        }
    }

    /// Makes time pass at once.
    pub(crate) fn advance(&self, by: Duration) -> Result<()> {
        match self {
            Queues::Own(sqs) => {
                sqs.advance(by);
                Ok(())
            }
            Queues::Elsewhere(sqs) => sqs.advance(by),
        }
    }

    /// Takes back so much of the time that was made to pass.
    pub(crate) fn retreat(&self, by: Duration) -> Result<()> {
        match self {
            Queues::Own(sqs) => {
                sqs.retreat(by);
                Ok(())
            }
            Queues::Elsewhere(_) => bail!("the clock of queues elsewhere is never moved back"),
        }
    }

    /// Keeps all messages in the directory `data`.
    pub(crate) fn save(&self, data: &Path) -> Result<()> {
        match self {
            Queues::Own(sqs) => own::save(sqs, data),
            Queues::Elsewhere(_) => bail!("the queues are elsewhere, and stay there"),
        }
    }
}

impl Queue {
    pub(crate) fn name(&self) -> &str {
        match self {
            Queue::Own(queue) => queue.name(),
            Queue::Elsewhere(queue) => queue.name(),
        }
    }

    pub(crate) fn arn(&self) -> String {
        match self {
            Queue::Own(queue) => queue.arn(),
            Queue::Elsewhere(queue) => queue.arn(),
        }
    }

    /// Sends a message.
    pub(crate) async fn send(&self, message: NewMessage) -> Result<()> {
        match self {
            Queue::Own(queue) => {
                queue.send(message)?;
                Ok(())
            }
            Queue::Elsewhere(queue) => queue.send(message).await,
        }
    }

    /// Receives up to `max` messages, however many those are, and hides them for as long as the
    /// queue says. If there are none, waits up to `wait` for the first.
    pub(crate) async fn receive(&self, max: usize, wait: Duration) -> Result<Vec<Received>> {
        match self {
            Queue::Own(queue) => Ok(queue.receive(max, wait, None).await?),
            Queue::Elsewhere(queue) => queue.receive(max, wait).await,
        }
    }

    /// Deletes a received message.
    pub(crate) async fn delete(&self, receipt_handle: &str) -> Result<()> {
        match self {
            Queue::Own(queue) => Ok(queue.delete(receipt_handle)?),
            Queue::Elsewhere(queue) => queue.delete(receipt_handle).await,
        }
    }

    /// Whether a message is still hidden from others that was received at the time `since`, to be
    /// hidden for `visibility`.
    pub(crate) fn is_hidden(
        &self,
        receipt_handle: &str,
        since: Instant,
        visibility: Duration,
    ) -> bool {
        match self {
            Queue::Own(queue) => queue.is_hidden(receipt_handle),
            // There is no way to ask.
            Queue::Elsewhere(_) => since.elapsed() < visibility,
        }
    }

    /// Makes a received message visible, soon. One that is deleted already has no visibility any
    /// more.
    pub(crate) fn give_back(&self, receipt_handle: &str) {
        match self {
            Queue::Own(queue) => drop(queue.change_visibility(receipt_handle, Duration::ZERO)),
            Queue::Elsewhere(queue) => queue.give_back(receipt_handle),
        }
    }

    /// Waits until the queue is like that.
    pub(crate) async fn until(&self, is_so: fn(&Depth) -> bool) {
        match self {
            // The queue lives as long as the platform.
            Queue::Own(queue) => drop(queue.changed().wait_for(is_so).await),
            Queue::Elsewhere(queue) => queue.until(is_so).await,
        }
    }

    /// How many messages there are.
    pub(crate) async fn depth(&self) -> Result<Depth> {
        match self {
            Queue::Own(queue) => Ok(queue.depth()),
            Queue::Elsewhere(queue) => queue.depth().await,
        }
    }
}
