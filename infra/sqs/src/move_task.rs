//! Redrive: moves the messages of a dead letter queue back to where they came from, or elsewhere.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;
use uuid::Uuid;

use super::account::State;
use super::address;
use super::clock::Moment;
use super::error::{Error, ErrorCode};
use super::held::Held;
use super::limits;

/// What a redrive was asked to do.
pub(super) struct MoveOrder<'a> {
    pub(super) source_arn: &'a str,
    pub(super) destination_arn: Option<&'a str>,
    pub(super) per_second: Option<u32>,
}

/// A redrive that was done. SQS takes its time for one; ours is over when its start returns,
/// whatever rate was asked for.
pub(super) struct MoveTask {
    pub(super) source: String,
    pub(super) destination: Option<String>,
    pub(super) per_second: Option<u32>,
    pub(super) started: Moment,
    pub(super) to_move: usize,
    pub(super) moved: usize,
    pub(super) failure: Option<&'static str>,
}

impl State {
    /// Moves all visible messages of the source; first those that have been visible longest. They
    /// arrive as new messages: with another id, no age, and no receives. Returns the task's handle.
    pub(super) fn move_messages(
        &mut self,
        order: &MoveOrder<'_>,
        now: Moment,
    ) -> Result<String, Error> {
        let mut task = self.accept_order(order, now)?;
        let moving: Vec<Held> = self
            .queue(&task.source)?
            .change(now, |queue| queue.backlog.visible().cloned().collect());
        task.to_move = moving.len();
        for held in &moving {
            let target = task
                .destination
                .as_ref()
                .or(held.dead_letter_source.as_ref());
            match target.filter(|&target| self.queues.contains_key(target)) {
                Some(target) => self.move_message(held, &task.source, target, now)?,
                None => {
                    let gone = ErrorCode::QueueDoesNotExist.query_code();
                    task.failure = Some(if target.is_some() {
                        gone
                    } else {
                        "CouldNotDetermineMessageSource"
                    });
                    break;
                }
            }
            task.moved += 1;
        }
        let handle = json!({ "taskId": Uuid::new_v4().to_string(), "sourceArn": order.source_arn })
            .to_string();
        self.move_tasks.push(task);
        Ok(BASE64_STANDARD.encode(handle))
    }

    fn accept_order(&self, order: &MoveOrder<'_>, now: Moment) -> Result<MoveTask, Error> {
        let source = self.name_of(order.source_arn, "SourceArn")?;
        let destination = order
            .destination_arn
            .map(|arn| self.name_of(arn, "DestinationArn"))
            .transpose()?;
        let mut redrives = self
            .queues
            .values()
            .filter_map(|queue| queue.attributes.redrive.as_ref());
        if !redrives.any(|redrive| redrive.dead_letter_queue == source) {
            let message = "Source queue must be configured as a Dead Letter Queue.";
            return Err(Error::new(ErrorCode::InvalidParameterValue, message));
        }
        if let Some(rate) = order
            .per_second
            .filter(|rate| !limits::MOVES_PER_SECOND.contains(rate))
        {
            return Err(Error::invalid_parameter(
                "MaxNumberOfMessagesPerSecond",
                rate,
                "Must be between 1 and 500.",
            ));
        }
        Ok(MoveTask {
            source,
            destination,
            per_second: order.per_second,
            started: now,
            to_move: 0,
            moved: 0,
            failure: None,
        })
    }

    fn move_message(
        &mut self,
        held: &Held,
        source: &str,
        target: &str,
        now: Moment,
    ) -> Result<(), Error> {
        let message = Arc::new(held.message.sent_again(now));
        self.queue(source)?
            .change(now, |queue| queue.backlog.remove(held.message.id));
        self.queue(target)?.change(now, |queue| {
            queue.backlog.put(Held::new(message, Duration::ZERO, now))
        });
        Ok(())
    }

    /// The redrives of a queue, the latest first; SQS remembers ten.
    pub(super) fn moves_of(
        &self,
        source_arn: &str,
    ) -> Result<impl Iterator<Item = &MoveTask>, Error> {
        let source = self.name_of(source_arn, "SourceArn")?;
        Ok(self
            .move_tasks
            .iter()
            .rev()
            .filter(move |task| task.source == source)
            .take(10))
    }

    fn name_of(&self, arn: &str, parameter: &str) -> Result<String, Error> {
        let name = address::name_in_arn(arn).filter(|&name| self.queues.contains_key(name));
        name.map(str::to_owned).ok_or_else(|| {
            let message = format!(
                "The resource that you specified for the {parameter} parameter doesn't exist."
            );
            Error::new(ErrorCode::ResourceNotFound, message)
        })
    }
}
