//! `deliver`: one POST per delivery message, recorded, then rescheduled or finished.
//!
//! A batch is loaded in portions, with one read each. From there every message goes its own way at
//! the same time, as a task of its own, once there is memory for it (`memory`): a receiver that
//! hangs, a bug that panics or a write that fails does not affect its neighbours. The way of one
//! message:
//!
//! 1. **its turn**: the dispatch's record says whether the attempt is to be made now, later, or no more;
//! 2. **its endpoint**: one that hangs is called in the slow lane, one that is dead is left alone for a while (`endpoint`);
//! 3. **permission**: a retry, and every attempt that must not be made twice, is leased (`permission`);
//! 4. **attempt**: render the payload, sign it (`request`) and POST it; or find that there is nothing to send, because the webhook is gone;
//! 5. **record** the call, and what follows, in one write, which goes with those of others (`recorder`);
//! 6. **schedule** the next attempt, if one follows: on the queue, or parked for `sweep` if no queue can hold it for so long;
//! 7. **learn** what the attempt tells about its endpoint;
//! 8. **acknowledge** the message.
//!
//! A message that fails for a reason of ours is not acknowledged: it comes again, after seconds at first ([`domain::backoff`]), and repeats
//! what is left of these steps. What a *receiver* does is never a failure of the message: it is an outcome, and goes on record.
//!
//! # Why nothing is lost, and little is repeated
//!
//! *Invariant:* an attempt is recorded before the next one is scheduled, and that before the message is acknowledged. So a dispatch that
//! is still active always has a message on its way: the one that asks for its next attempt, or the one whose attempt is the last on record
//! and which was not acknowledged. A worker that dies leaves its message to another one, which reads in the record how far it had come:
//!
//! | the worker died | the record says | the next worker |
//! |---|---|---|
//! | before the POST | attempt not made | makes it |
//! | between POST and record | attempt not made | makes it again, under the same id |
//! | between record and acknowledgement | attempt made, next one due | schedules that one, perhaps for the second time |
//!
//! A message that is there twice does no harm: the second finds the attempt on record. If both are handled at the same time, a retry is made
//! by the one that leases it; the other comes back when that lease is over, in case its holder is not heard of again. First attempts are
//! not leased, to save the write, so there the POST is made twice, the other case in which a receiver sees it again; then one of the two is recorded first and stands. But a success always
//! stands: if the record has only failures, it is added to them, and no further attempt is made. (If the dispatch was delivered, and its
//! owner has asked for another delivery, a success from before is not what was asked for.)
//!
//! A webhook that is not to be retried is called once at most: all its attempts are leased, and one whose holder was lost is recorded as
//! unknown instead of being made again.

mod asked;
mod attempt;
mod batch;
mod config;
mod endpoint;
mod latency;
mod memory;
mod next_step;
mod outbox;
mod permission;
mod portion;
mod recorder;
mod report;
mod request;
mod settle;
mod shared_event;
mod time_limit;

use std::sync::Arc;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use delivery::{Sender, SenderError};
use domain::endpoint::Lane;
use domain::retry::{Schedule, TEST_RETRIES};
use lambda_runtime::LambdaEvent;
use queue::{DeliveryQueue, SourceQueue};
use runtime::aws::SdkConfig;
use runtime::clock;
use secrets::Keys;
use store::Store;
use tokio::sync::{Mutex, Semaphore};

use crate::endpoint::Endpoints;
use crate::memory::Memory;
use crate::outbox::Outbox;
use crate::recorder::Recorder;
use crate::time_limit::TimeLimit;

pub use config::Config;

/// How many deliveries are leased or put off at the same time. Hundreds that time out in the same moment would each open a connection to
/// AWS of its own; so they use those that are there.
const WRITERS: usize = 10;

/// The function, with everything that it needs. Made once per process.
#[derive(Debug)]
pub struct Deliver {
    store: Store,
    fast_source: SourceQueue,
    slow_source: SourceQueue,
    deliveries: Outbox,
    slow_lane: Outbox,
    sender: Sender,
    keys: Keys,
    recorder: Recorder,
    endpoints: Endpoints,
    writers: Semaphore,
    memory: Memory,
    unpacking: Mutex<()>,
    /// When failed test deliveries are tried again.
    test_schedule: Schedule,
    config: Config,
}

impl Deliver {
    /// Prepares the function; makes no call.
    pub fn new(aws: &SdkConfig, config: Config) -> Result<Self, SenderError> {
        let outbox = |url: &String| Outbox::of(DeliveryQueue::new(aws, url.clone()));
        let source = |url: &String| SourceQueue::new(aws, url.clone());
        let store = Store::new(aws, config.tables.clone());
        Ok(Self {
            recorder: Recorder::to(store.clone()),
            endpoints: Endpoints::new(store.clone(), (config.failing_after, config.disable_after)),
            store,
            fast_source: source(&config.delivery_queue_url),
            slow_source: source(&config.slow_delivery_queue_url),
            deliveries: outbox(&config.delivery_queue_url),
            slow_lane: outbox(&config.slow_delivery_queue_url),
            sender: Sender::new(config.connect_timeout, config.targets.clone())?,
            keys: Keys::new(aws, config.master_key_arn.clone()),
            writers: Semaphore::new(WRITERS),
            memory: Memory::of_function(config.memory_mebibytes),
            unpacking: Mutex::default(),
            test_schedule: config.schedule.first(TEST_RETRIES),
            config,
        })
    }

    /// Handles a batch of delivery messages, and names those that must come again.
    pub async fn handle(self: &Arc<Self>, batch: LambdaEvent<SqsEvent>) -> SqsBatchResponse {
        let limit = TimeLimit::of(clock::left_until(batch.context.deadline));
        batch::handle(self, batch.payload, limit).await
    }

    /// The queue that feeds this lane.
    pub(crate) fn source(&self, lane: Lane) -> &SourceQueue {
        match lane {
            Lane::Fast => &self.fast_source,
            Lane::Slow => &self.slow_source,
        }
    }

    /// The lane that a batch has come on: one queue feeds a batch.
    pub(crate) fn lane_of(&self, batch: &SqsEvent) -> Lane {
        let queue = batch.records.first();
        let queue = queue.and_then(|record| record.event_source_arn.as_deref()?.rsplit(':').next());
        let slow = self.config.slow_delivery_queue_url.rsplit('/').next();
        if queue.is_some() && queue == slow {
            Lane::Slow
        } else {
            Lane::Fast
        }
    }
}
