//! Event source mappings: batches of messages from a queue to a function, as Lambda polls them.
//!
//! What the function took is deleted; what it refused comes back when its visibility runs out, and
//! after too many receives the queue itself parks it.

mod event;
mod pace;
mod response;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use axum::body::Bytes;
use sqs::Received;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::faults::{Mishaps, Portion};
use crate::lambda::Function;
use crate::lambda::activity::Running;
use crate::lambda::invocation::{EVENT_LIMIT, Outcome};
use crate::lambda::trace::Trace;
use crate::queues::Queue;
use crate::template::QueueSource;
use event::Part;
use pace::Pace;

/// How many invocations run at once where the template says nothing. AWS would go on to 1,250.
const DEFAULT_CONCURRENCY: u32 = 10;

/// A long poll.
const WAIT: Duration = Duration::from_secs(20);

/// A batch that was throttled waits this long before it is tried again, then twice as long each
/// time; AWS does not say how long.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// But never longer than this.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// A queue that feeds a function.
pub(crate) struct Mapping {
    pub(crate) queue: Queue,
    pub(crate) function: Arc<Function>,
    pub(crate) source: QueueSource,
    /// For how long the queue hides what was received.
    pub(crate) visibility: Duration,
    pub(crate) mishaps: Option<Arc<Mishaps>>,
}

impl Mapping {
    /// Feeds the function until this is dropped, or the queue is deleted.
    pub(crate) async fn run(self) {
        let maximum = self
            .source
            .maximum_concurrency
            .unwrap_or(DEFAULT_CONCURRENCY);
        let mut pace = Pace::up_to(maximum as usize);
        let mapping = Arc::new(self);
        let mut under_way = JoinSet::new();
        loop {
            pace.room_beside(&mut under_way).await;
            let (batch, since, _gathering) = match mapping.gather().await {
                Ok(gathered) => gathered,
                Err(error) => {
                    tracing::error!("the queue {} is gone: {error:#}", mapping.queue.name());
                    return;
                }
            };
            for portion in mapping.portions(batch) {
                for part in event::parts(portion.messages, &mapping.queue.arn(), EVENT_LIMIT) {
                    let running = mapping.function.activity().begin();
                    let mapping = Arc::clone(&mapping);
                    under_way.spawn(async move {
                        sleep(portion.after).await;
                        mapping.hand_over(part, since).await;
                        // Only now are the messages settled.
                        drop(running);
                    });
                }
            }
        }
    }

    /// The next batch, empty if there was nothing for a while, since when it is hidden, and the
    /// fact that something is under way; an error if the queue is gone.
    async fn gather(&self) -> Result<(Vec<Received>, Instant, Running)> {
        let size = self.source.batch_size as usize;
        let mut batch = self.queue.receive(size, WAIT).await?;
        let running = self.function.activity().begin();
        let since = Instant::now();
        let end = since + self.source.batch_window;
        while !batch.is_empty() && batch.len() < size && Instant::now() < end {
            let more = self.queue.receive(size - batch.len(), end - Instant::now());
            batch.extend(more.await?);
        }
        Ok((batch, since, running))
    }

    /// What is handed over of a batch, and when: all of it at once, unless a fault wants it
    /// otherwise.
    fn portions(&self, batch: Vec<Received>) -> Vec<Portion> {
        match &self.mishaps {
            Some(mishaps) => mishaps.at_batch(&self.function.settings().short_name, batch),
            None => vec![Portion {
                after: Duration::ZERO,
                messages: batch,
            }],
        }
    }

    async fn hand_over(&self, Part { messages, event }: Part, since: Instant) {
        let failed = match self.invoke(event, &messages, since).await {
            Outcome::Answered(_) if !self.source.reports_failures => {
                return self.delete(&messages).await;
            }
            Outcome::Answered(answer) => response::failed_messages(&answer),
            Outcome::Failed(_) | Outcome::Throttled(_) => return,
        };
        let ids: Vec<_> = messages
            .iter()
            .map(|received| received.message.id.to_string())
            .collect();
        match failed {
            Ok(failed) if failed.iter().all(|id| ids.contains(id)) => {
                let taken = messages.into_iter().zip(ids);
                let taken = taken.filter(|(_, id)| !failed.contains(id));
                let taken: Vec<_> = taken.map(|(received, _)| received).collect();
                self.delete(&taken).await;
            }
            Ok(failed) => self.complain(&format!("{failed:?} are not all in the batch")),
            Err(error) => self.complain(&format!("{error:#}")),
        }
    }

    /// What comes of a batch. One that is throttled is tried again for as long as others cannot
    /// receive its messages: no receive is lost.
    async fn invoke(&self, event: Bytes, messages: &[Received], since: Instant) -> Outcome {
        let mut pause = FIRST_PAUSE;
        loop {
            let headers = messages
                .iter()
                .filter_map(|received| received.message.trace_header.as_deref());
            let trace = Trace::of(headers);
            let outcome = self.function.invoke_in(trace, event.clone()).await;
            if !matches!(outcome, Outcome::Throttled(_)) {
                return outcome;
            }
            sleep(pause).await;
            pause = LONGEST_PAUSE.min(pause * 2);
            let is_hidden = |received: &Received| {
                self.queue
                    .is_hidden(&received.receipt_handle, since, self.visibility)
            };
            if !messages.iter().any(is_hidden) {
                return outcome;
            }
        }
    }

    async fn delete(&self, messages: &[Received]) {
        for received in messages {
            if let Err(error) = self.queue.delete(&received.receipt_handle).await {
                tracing::error!(
                    "cannot delete a message from {}: {error:#}",
                    self.queue.name()
                );
            }
        }
    }

    /// An answer that Lambda cannot read fails the whole batch, silently there.
    fn complain(&self, why: &str) {
        let function = &self.function.settings().short_name;
        tracing::error!("{function:<8} the whole batch fails, because of its answer: {why}");
    }
}
