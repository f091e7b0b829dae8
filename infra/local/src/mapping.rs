//! Event source mappings: batches of messages from a queue to a function, as Lambda polls them.
//!
//! What the function took is deleted; what it refused comes back when its visibility runs out, and after too many receives the queue
//! itself parks it.

mod event;
mod pace;
mod response;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use axum::body::Bytes;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::faults::{Mishaps, Portion};
use crate::lambda::Function;
use crate::lambda::activity::Running;
use crate::lambda::invocation::{Outcome, PAYLOAD_LIMIT};
use crate::lambda::trace::Trace;
use crate::queues::Queue;
use crate::sqs::Received;
use crate::template::QueueSource;
use pace::Pace;

/// How many invocations run at once where the template says nothing. AWS would go on to 1,250.
const DEFAULT_CONCURRENCY: u32 = 10;

/// A long poll.
const WAIT: Duration = Duration::from_secs(20);

/// A queue that feeds a function.
pub(crate) struct Mapping {
    pub(crate) queue: Queue,
    pub(crate) function: Arc<Function>,
    pub(crate) source: QueueSource,
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
            let (batch, _gathering) = match mapping.gather().await {
                Ok(gathered) => gathered,
                Err(error) => {
                    tracing::error!("the queue {} is gone: {error:#}", mapping.queue.name());
                    return;
                }
            };
            for portion in mapping.portions(batch) {
                for part in event::parts(portion.messages, &mapping.queue.arn(), PAYLOAD_LIMIT) {
                    let running = mapping.function.activity().begin();
                    let mapping = Arc::clone(&mapping);
                    under_way.spawn(async move {
                        sleep(portion.after).await;
                        mapping.hand_over(part.messages, part.event).await;
                        // Only now are the messages settled.
                        drop(running);
                    });
                }
            }
        }
    }

    /// The next batch, empty if there was nothing for a while, and the fact that something is under way; an error if the queue is gone.
    async fn gather(&self) -> Result<(Vec<Received>, Running)> {
        let size = self.source.batch_size as usize;
        let mut batch = self.queue.receive(size, WAIT).await?;
        let running = self.function.activity().begin();
        let end = Instant::now() + self.source.batch_window;
        while !batch.is_empty() && batch.len() < size && Instant::now() < end {
            let more = self.queue.receive(size - batch.len(), end - Instant::now());
            batch.extend(more.await?);
        }
        Ok((batch, running))
    }

    /// What is handed over of a batch, and when: all of it at once, unless a fault wants it otherwise.
    fn portions(&self, batch: Vec<Received>) -> Vec<Portion> {
        match &self.mishaps {
            Some(mishaps) => mishaps.at_batch(&self.function.settings().short_name, batch),
            None => vec![Portion {
                after: Duration::ZERO,
                messages: batch,
            }],
        }
    }

    async fn hand_over(&self, messages: Vec<Received>, event: Bytes) {
        let headers = messages
            .iter()
            .filter_map(|received| received.message.trace_header.as_deref());
        let trace = Trace::of(headers);
        let failed = match self.function.invoke_in(trace, event).await {
            Outcome::Answered(_) if !self.source.reports_failures => {
                return self.delete(&messages).await;
            }
            Outcome::Answered(answer) => response::failed_messages(&answer),
            Outcome::Failed(_) | Outcome::Throttled => return,
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
