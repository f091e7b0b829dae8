//! Outcomes that come close together go on record together: one call carries many.
//!
//! Each waits for others only as long as others are under way, and never for long: until it is on
//! record, a worker that dies leaves an attempt that is made again.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use store::{Attempt, Recorded, Store, StoreError};
use tokio::sync::{Semaphore, oneshot};
use tokio::time::sleep;

use crate::report::Failure;

mod waiting;

use waiting::{Step, Waiting};

/// How many calls record at the same time. Each opens a connection to AWS if none is free.
const WRITERS: usize = 10;
/// How long an outcome waits for others at most.
const LINGER: Duration = Duration::from_millis(50);

/// The way onto the record. One for each process.
#[derive(Clone, Debug)]
pub(crate) struct Recorder(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    store: Store,
    writers: Semaphore,
    waiting: Mutex<Waiting<Outcome>>,
}

/// An outcome, and who wants to know whether it was recorded.
type Outcome = (Attempt, oneshot::Sender<Result<Recorded, StoreError>>);

/// An attempt that may have an outcome to record: others wait for it.
#[derive(Debug)]
pub(crate) struct UnderWay {
    recorder: Recorder,
    /// Its outcome waits to be recorded, and it counts no more.
    is_over: bool,
}

/// When an outcome goes on record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Urgency {
    /// With others that come soon.
    Soon,
    /// At once, with those that wait.
    Now,
}

impl Recorder {
    pub(crate) fn to(store: Store) -> Self {
        Self(Arc::new(Shared {
            store,
            writers: Semaphore::new(WRITERS),
            waiting: Mutex::default(),
        }))
    }

    /// Says that an attempt begins.
    pub(crate) fn begin(&self) -> UnderWay {
        self.waiting().begin();
        UnderWay {
            recorder: self.clone(),
            is_over: false,
        }
    }

    /// Records an outcome. The attempt that it is of is under way no more.
    pub(crate) async fn record(
        &self,
        attempt: Attempt,
        under_way: Option<UnderWay>,
        urgency: Urgency,
    ) -> Result<Result<Recorded, StoreError>, Failure> {
        let (told, result) = oneshot::channel();
        let ends = under_way.is_some();
        if let Some(mut under_way) = under_way {
            under_way.is_over = true;
        }
        let step = self.waiting().add((attempt, told), ends, urgency);
        match step {
            Step::Write(outcomes) => self.write(outcomes).await,
            Step::Linger => {
                let recorder = self.clone();
                tokio::spawn(async move {
                    sleep(LINGER).await;
                    let outcomes = recorder.waiting().take();
                    recorder.write(outcomes).await;
                });
            }
            Step::Wait => {}
        }
        Ok(result.await?)
    }

    async fn write(&self, outcomes: Vec<Outcome>) {
        if outcomes.is_empty() {
            return;
        }
        // It is never closed.
        let _permit = self.0.writers.acquire().await;
        let (attempts, tell): (Vec<_>, Vec<_>) = outcomes.into_iter().unzip();
        let results = self.0.store.record(&attempts).await;
        for (tell, result) in tell.into_iter().zip(results) {
            // Nobody stops waiting.
            let _ = tell.send(result);
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting<Outcome>> {
        let waiting = self.0.waiting.lock();
        // Whoever panicked left nothing half done.
        waiting.unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        let outcomes = self.recorder.waiting().end();
        if !outcomes.is_empty() {
            let recorder = self.recorder.clone();
            tokio::spawn(async move { recorder.write(outcomes).await });
        }
    }
}
