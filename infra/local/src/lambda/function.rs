//! One function: its sandboxes, and which of them takes the next invocation.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use parking_lot::Mutex;
use time::OffsetDateTime;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::Surroundings;
use super::activity::Activity;
use super::concurrency::{Limit, Permits};
use super::invocation::Outcome;
use super::log::{Log, Logging};
use super::pool::Pool;
use super::report::{Line, Ran, Reports};
use super::sandbox::Sandbox;
use super::trace::Trace;
use super::{environment, later};
use crate::clock::Clock;
use crate::cloudwatch::function_metrics::FunctionMetrics;
use crate::tasks::Tasks;
use crate::template;

/// A function that can be invoked.
pub struct Function {
    settings: template::Function,
    binary: PathBuf,
    environment: BTreeMap<String, String>,
    logging: Logging,
    metrics: FunctionMetrics,
    clocks: Vec<PathBuf>,
    clock: Arc<Clock>,
    permits: Permits,
    activity: Activity,
    /// How many of its invocations run.
    concurrent: AtomicU32,
    /// Invocations under way.
    invocations: Tasks,
    /// What keeps the processes.
    processes: Tasks,
    pool: Pool,
    /// All sandboxes that ever were, the dead ones too: they say what they took.
    sandboxes: Mutex<Vec<Arc<Sandbox>>>,
    last_number: AtomicU32,
    cold_starts: Mutex<Vec<Duration>>,
    reports: Reports,
}

impl Function {
    pub(super) fn new(
        settings: &template::Function,
        binary: &Path,
        surroundings: &Surroundings,
        activity: &Activity,
    ) -> Self {
        Function {
            settings: settings.clone(),
            binary: binary.to_owned(),
            environment: environment::of_function(settings, surroundings),
            logging: Logging::of(settings, surroundings),
            metrics: FunctionMetrics::new(surroundings.cloudwatch.clone(), settings.name.clone()),
            clocks: surroundings.clocks.clone(),
            clock: Arc::clone(&surroundings.clock),
            permits: surroundings
                .concurrency
                .permits(settings.reserved_concurrency),
            activity: activity.clone(),
            concurrent: AtomicU32::new(0),
            invocations: Tasks::default(),
            processes: Tasks::default(),
            pool: Pool::default(),
            sandboxes: Mutex::default(),
            last_number: AtomicU32::new(0),
            cold_starts: Mutex::default(),
            reports: Reports::default(),
        }
    }

    /// Carries out one invocation. Once begun it goes on, whether or not its outcome is waited for.
    pub async fn invoke(self: &Arc<Self>, payload: Bytes) -> Outcome {
        self.invoke_in(Trace::new(), payload).await
    }

    /// Carries out one invocation as a part of this chain of requests, unless the chain goes round
    /// in circles.
    pub(crate) async fn invoke_in(self: &Arc<Self>, mut trace: Trace, payload: Bytes) -> Outcome {
        if !trace.pass(&self.settings.name) && !self.settings.may_loop {
            self.metrics.recursion_dropped();
            return Outcome::recursive(&self.settings.name);
        }
        let permit = match self.permits.take() {
            Ok(permit) => permit,
            Err(limit) => {
                self.metrics.throttled();
                return Outcome::Throttled(limit);
            }
        };
        let (report, reported) = oneshot::channel();
        let function = Arc::clone(self);
        self.invocations.spawn(async move {
            let outcome = function.carry_out(&trace, &payload, permit).await;
            // The caller may have gone.
            let _ = report.send(outcome);
        });
        // Only the end of the platform drops the other side.
        reported.await.unwrap_or(Outcome::Throttled(Limit::Account))
    }

    /// Accepts an event that the function is to take in its own time: what is throttled or fails is
    /// tried again, as Lambda does it. The answer comes when the first try is over.
    pub fn invoke_later(self: &Arc<Self>, event: Bytes) -> impl Future<Output = ()> + use<> {
        let (attempted, first_try) = oneshot::channel();
        let carried_out = later::carry_out(Arc::clone(self), event, attempted);
        self.invocations.spawn(carried_out);
        // Only the end of the platform drops the other side.
        async { first_try.await.unwrap_or_default() }
    }

    /// What the template says of it.
    pub fn settings(&self) -> &template::Function {
        &self.settings
    }

    /// The environment of its processes, but for what differs from one to the next.
    pub fn environment(&self) -> &BTreeMap<String, String> {
        &self.environment
    }

    /// The count of invocations that it is part of.
    pub fn activity(&self) -> &Activity {
        &self.activity
    }

    /// From the start of a process to its first `next`, one duration for each sandbox so far.
    pub fn cold_starts(&self) -> Vec<Duration> {
        self.cold_starts.lock().clone()
    }

    /// What its log has of Lambda's own lines.
    pub(crate) fn reports(&self) -> Vec<Line> {
        self.reports.lines(&self.settings)
    }

    /// User and system time of all its processes, dead ones included.
    pub fn cpu(&self) -> Duration {
        self.sandboxes
            .lock()
            .iter()
            .map(|sandbox| sandbox.cpu())
            .sum()
    }

    /// The most bytes that any of its running processes ever had in memory at once.
    pub fn peak_memory(&self) -> u64 {
        let sandboxes = self.sandboxes.lock();
        let peaks = sandboxes.iter().map(|sandbox| sandbox.peak_memory());
        peaks.max().unwrap_or_default()
    }

    /// The sandbox of that number, dead or alive.
    pub fn sandbox(&self, number: u32) -> Option<Arc<Sandbox>> {
        let sandboxes = self.sandboxes.lock();
        let mut all = sandboxes.iter();
        all.find(|sandbox| sandbox.number() == number).cloned()
    }

    /// Ends its invocations and its processes, and waits until none is left.
    pub(super) async fn stop(&self) {
        self.invocations.end().await;
        let sandboxes = self.sandboxes.lock().clone();
        futures::future::join_all(sandboxes.iter().map(|sandbox| sandbox.end())).await;
        self.abort();
    }

    /// Ends its invocations and its processes soon.
    pub(super) fn abort(&self) {
        self.invocations.abort();
        self.processes.abort();
        self.pool.clear();
    }

    /// What Lambda measures of it.
    pub(crate) fn metrics(&self) -> &FunctionMetrics {
        &self.metrics
    }

    /// The platform's clock.
    pub(super) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The program that its processes run.
    pub fn binary(&self) -> &Path {
        &self.binary
    }

    /// The file that the process of that number reads its time from.
    pub(super) fn clock_of(&self, number: u32) -> Option<&Path> {
        let turn = (number as usize).checked_rem(self.clocks.len())?;
        self.clocks.get(turn).map(PathBuf::as_path)
    }

    pub(super) fn processes(&self) -> &Tasks {
        &self.processes
    }

    pub(super) fn new_log(&self) -> Log {
        Log::new(&self.logging)
    }

    pub(super) fn register(&self, sandbox: &Arc<Sandbox>) {
        self.sandboxes.lock().push(Arc::clone(sandbox));
    }

    pub(super) fn record_cold_start(&self, took: Duration) {
        self.cold_starts.lock().push(took);
    }

    pub(super) fn pool(&self) -> &Pool {
        &self.pool
    }

    async fn carry_out(
        self: &Arc<Self>,
        trace: &Trace,
        payload: &Bytes,
        _permit: OwnedSemaphorePermit,
    ) -> Outcome {
        let _running = self.activity.begin();
        let begun = self.metrics.now();
        let others = self.concurrent.fetch_add(1, Ordering::Relaxed);
        self.metrics.concurrent(begun, others + 1);
        let outcome = self.run(begun, trace, payload).await;
        self.concurrent.fetch_sub(1, Ordering::Relaxed);
        let has_failed = matches!(outcome, Outcome::Failed(_));
        self.metrics.invoked(begun, has_failed);
        outcome
    }

    async fn run(
        self: &Arc<Self>,
        begun: OffsetDateTime,
        trace: &Trace,
        payload: &Bytes,
    ) -> Outcome {
        loop {
            let mut init = None;
            let idle = match self.pool.take().await {
                Some(idle) => idle,
                None => {
                    let begin = Instant::now();
                    let number = self.last_number.fetch_add(1, Ordering::Relaxed) + 1;
                    match Sandbox::start(self, number).await {
                        Ok(idle) => {
                            init = Some(begin.elapsed());
                            idle
                        }
                        Err(outcome) => return outcome,
                    }
                }
            };
            let sandbox = Arc::clone(&idle.sandbox);
            let (started, timeout) = (Instant::now(), self.settings.timeout);
            // A sandbox that died while it was idle is no reason to fail.
            if let Some(outcome) = Sandbox::carry_out(idle, trace, payload, timeout).await {
                let (took, memory) = (started.elapsed(), sandbox.peak_memory());
                self.metrics.took(begun, took);
                self.reports.add(Ran::now(took, init, memory, &outcome));
                return outcome;
            }
        }
    }
}
