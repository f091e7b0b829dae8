//! `sweep`: every minute, retries that fall due soon go back to the delivery queue.
//!
//! A retry that has to wait longer than a queue can hold it is parked in the bucket of its minute.
//! For each minute that may be taken ([`domain::due`]), one after the other:
//!
//! 1. **read** its bucket;
//! 2. **send** each retry, delayed until it is due;
//! 3. **note** that the minute is done, once everything in it was sent.
//!
//! If a sweep dies in between or a send fails, the next sweep sends the whole minute again. A retry
//! that is sent twice is made once, because the first message leases it. Two sweeps at once do no
//! more harm than that, and a late one takes everything that was missed.
//!
//! After the retries it continues redelivery `jobs`, and at last it sends `notices`.

mod config;
mod jobs;
mod notices;
mod time_limit;

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicI64, Ordering};

use domain::delivery_message::DeliveryMessage;
use domain::due::Minute;
use domain::timestamp::Timestamp;
use queue::{Delivery, DeliveryQueue, NoticeQueue, QueueError};
use runtime::aws::SdkConfig;
use runtime::metrics::Metrics;
use store::{ParkedRetry, Store, StoreError};

pub use config::Config;
pub use time_limit::TimeLimit;

/// The function, with everything it needs. Created once per process.
#[derive(Debug)]
pub struct Sweep {
    store: Store,
    deliveries: DeliveryQueue,
    notices: NoticeQueue,
    redeliveries_per_minute: NonZeroUsize,
    stack: String,
    /// The last minute known to be done, or 0, so that the lag is reported even if it cannot be
    /// read.
    known: AtomicI64,
}

/// Why a sweep has stopped. The next one begins where it did.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// A read or write has failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Some deliveries were not sent.
    #[error("{failed} of {all} deliveries could not be sent: {cause}")]
    Unsent {
        /// How many were not.
        failed: usize,
        /// How many there are.
        all: usize,
        /// Why not, for one of them.
        cause: QueueError,
    },
    /// Some retries are not what was parked.
    #[error("{0} parked retries could not be parsed; the log names their minutes")]
    Unreadable(usize),
    /// Some notices were not sent.
    #[error("{0} notices could not be sent; the log says why")]
    Untold(usize),
}

/// What a sweep has done.
#[derive(Debug, Default, PartialEq, Eq)]
struct Swept {
    retries: usize,
    /// How many minutes could be taken and were not, as far as known.
    behind: Option<usize>,
    /// Retries that could not be parsed. They stay where they are.
    unreadable: usize,
}

impl Sweep {
    /// Prepares the function; makes no call.
    pub fn new(aws: &SdkConfig, config: Config) -> Self {
        Self {
            store: Store::new(aws, config.tables),
            deliveries: DeliveryQueue::new(aws, config.delivery_queue_url),
            notices: NoticeQueue::new(aws, config.notice_queue_url),
            redeliveries_per_minute: config.redeliveries_per_minute,
            stack: config.stack,
            known: AtomicI64::new(0),
        }
    }

    /// Takes every minute that can be taken now, then continues jobs, then sends notices, for as
    /// long as there is time.
    pub async fn run(&self, now: Timestamp, limit: &TimeLimit) -> Result<(), SweepError> {
        let mut swept = Swept::default();
        let taken = self.take_all(now, limit, &mut swept).await;
        let carried_on = self.carry_jobs_on(now, limit).await;
        let mut metrics = Metrics::new(&self.stack, "sweep");
        if let Some(behind) = swept.behind {
            metrics.gauge("MinutesBehind", behind);
        }
        metrics.count("RetriesSent", swept.retries);
        metrics.count("Redeliveries", *carried_on.as_ref().unwrap_or(&0));
        // What follows may find the time over.
        metrics.emit(now);
        let told = self.tell(now, limit).await;
        let mut metrics = Metrics::new(&self.stack, "sweep");
        metrics.count("NoticesSent", told.sent);
        metrics.count("NoticesFailed", told.unsent);
        metrics.emit(now);
        taken.and(carried_on)?;
        match told.unsent {
            0 => Ok(()),
            unsent => Err(SweepError::Untold(unsent)),
        }
    }

    async fn take_all(
        &self,
        now: Timestamp,
        limit: &TimeLimit,
        swept: &mut Swept,
    ) -> Result<(), SweepError> {
        let after = |minute| Minute::to_take(minute, now).collect::<Vec<Minute>>();
        let taken = self.store.taken_minute().await.inspect_err(|_| {
            let known = self.known.load(Ordering::Relaxed);
            swept.behind = (known > 0).then(|| after(Minute::from_number(known)).len());
        })?;
        // Whoever parks the first retry says where to begin.
        let Some(taken) = taken else {
            swept.behind = Some(0);
            return Ok(());
        };
        let minutes = after(taken);
        swept.behind = Some(minutes.len());
        self.known.store(taken.number(), Ordering::Relaxed);
        let mut noted = taken;
        let mut last = taken;
        for (&minute, left) in minutes.iter().zip((0..minutes.len()).rev()) {
            if limit.is_over() {
                tracing::warn!(behind = left + 1, "the next sweep goes on");
                break;
            }
            let sent = self.take(minute, now, swept).await?;
            swept.behind = Some(left);
            swept.retries += sent;
            last = minute;
            self.known.store(minute.number(), Ordering::Relaxed);
            if sent > 0 {
                self.store.note_taken(minute).await?;
                noted = last;
            }
        }
        if last != noted {
            self.store.note_taken(last).await?;
        }
        match swept.unreadable {
            0 => Ok(()),
            retries => Err(SweepError::Unreadable(retries)),
        }
    }

    /// Sends the retries of a minute, and returns how many.
    ///
    /// Repeating this is safe because the first of two messages for an attempt leases it.
    async fn take(
        &self,
        minute: Minute,
        now: Timestamp,
        swept: &mut Swept,
    ) -> Result<usize, SweepError> {
        let mut deliveries = Vec::new();
        for due in self.store.due_in(minute).await? {
            match due {
                Ok(due) => deliveries.push(delivery(due, now)),
                // It does not hold up the others.
                Err(error) => {
                    tracing::error!(%error, minute = minute.number(), "a parked retry could not be parsed");
                    swept.unreadable += 1;
                }
            }
        }
        all_sent(self.deliveries.send(&deliveries).await)
    }
}

/// Returns how many were sent, if all were.
fn all_sent(results: Vec<Result<(), QueueError>>) -> Result<usize, SweepError> {
    let all = results.len();
    let mut failures: Vec<QueueError> = results.into_iter().filter_map(Result::err).collect();
    let failed = failures.len();
    match failures.pop() {
        Some(cause) => Err(SweepError::Unsent { failed, all, cause }),
        None => Ok(all),
    }
}

fn delivery(due: ParkedRetry, now: Timestamp) -> Delivery {
    let message: DeliveryMessage = due.message;
    Delivery {
        message,
        delay: now.until(due.at),
    }
}
