//! Outcomes that come close together go on record together: one call carries many.
//!
//! Each waits for others only as long as others are under way, and never for long: until it is on
//! record, a worker that dies leaves an attempt that is made again.

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use store::{Attempt, Recorded, Store, StoreError};
use tokio::sync::{Semaphore, oneshot};
use tokio::time::sleep;

use crate::report::Failure;

/// How many calls record at the same time. Each opens a connection to AWS if none is free.
const WRITERS: usize = 10;
/// How many outcomes one call carries.
const MOST: usize = 25;
/// How long an outcome waits for others at most.
const LINGER: Duration = Duration::from_millis(50);

/// The way onto the record. One for each process.
#[derive(Clone, Debug)]
pub(crate) struct Recorder(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    store: Store,
    writers: Semaphore,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    waiting: Vec<Waiting>,
    /// How many attempts may still have an outcome to record.
    under_way: usize,
}

/// An outcome, and who wants to know whether it was recorded.
type Waiting = (Attempt, oneshot::Sender<Result<Recorded, StoreError>>);

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
            state: Mutex::default(),
        }))
    }

    /// Says that an attempt begins.
    pub(crate) fn begin(&self) -> UnderWay {
        self.state().under_way += 1;
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
        let (ready, is_first) = {
            let mut state = self.state();
            state.waiting.push((attempt, told));
            if let Some(mut under_way) = under_way {
                under_way.is_over = true;
                state.under_way -= 1;
            }
            let ready = state.take_if(|state| {
                urgency == Urgency::Now || state.under_way == 0 || state.waiting.len() >= MOST
            });
            (ready, state.waiting.len() == 1)
        };
        if !ready.is_empty() {
            self.write(ready).await;
        } else if is_first {
            let recorder = self.clone();
            tokio::spawn(async move {
                sleep(LINGER).await;
                let waiting = recorder.state().take_if(|_| true);
                recorder.write(waiting).await;
            });
        }
        Ok(result.await?)
    }

    async fn write(&self, waiting: Vec<Waiting>) {
        if waiting.is_empty() {
            return;
        }
        // It is never closed.
        let _turn = self.0.writers.acquire().await;
        let (attempts, tell): (Vec<_>, Vec<_>) = waiting.into_iter().unzip();
        let results = self.0.store.record(&attempts).await;
        for (tell, result) in tell.into_iter().zip(results) {
            // Nobody stops waiting.
            let _ = tell.send(result);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Whoever panicked left nothing half done.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn take_if(&mut self, is_time: impl Fn(&Self) -> bool) -> Vec<Waiting> {
        match is_time(self) {
            true => mem::take(&mut self.waiting),
            false => Vec::new(),
        }
    }
}

impl Drop for UnderWay {
    /// If it was the last one, nobody has to wait any more.
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        let waiting = {
            let mut state = self.recorder.state();
            state.under_way -= 1;
            state.take_if(|state| state.under_way == 0)
        };
        if !waiting.is_empty() {
            let recorder = self.recorder.clone();
            tokio::spawn(async move { recorder.write(waiting).await });
        }
    }
}
