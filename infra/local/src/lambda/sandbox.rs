//! One sandbox: a process, its Runtime API, and at most one invocation at a time.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Bytes;
use parking_lot::Mutex;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::sleep;

use super::desk::Desk;
use super::function::Function;
use super::held::{self, Held};
use super::invocation::{Assignment, Invocation, Outcome};
use super::log::Log;
use super::process::{Process, Program};
use super::runtime_api;
use super::trace::Trace;

/// How long a function may take before it asks for its first invocation.
const INIT_TIMEOUT: Duration = Duration::from_secs(10);

/// A running process of a function.
pub struct Sandbox {
    number: u32,
    runtime_api: SocketAddr,
    process: Arc<Process>,
    log: Arc<Log>,
    /// The event of its invocation, or of the last one.
    event: Mutex<Bytes>,
}

/// A sandbox that waits in `next`: what is sent here is handed to it.
pub(super) struct Idle {
    pub(super) sandbox: Arc<Sandbox>,
    pub(super) next: oneshot::Sender<Assignment>,
}

impl Sandbox {
    /// Starts a process of `function` and waits for its first `next`. `Err` is what its caller is
    /// told instead.
    pub(super) async fn start(function: &Arc<Function>, number: u32) -> Result<Idle, Outcome> {
        let (desk, started) = Desk::open(function);
        let begin = Instant::now();
        let sandbox = Sandbox::spawn(function, number, &desk)
            .await
            .map_err(|error| Outcome::not_started(&error))?;
        function.register(&sandbox);
        let outcome = tokio::select! {
            biased;
            Ok(first) = started => first,
            status = sandbox.process.ended() => Err(Outcome::exited("init", status)),
            () = sleep(INIT_TIMEOUT) => Err(Outcome::timed_out("init", INIT_TIMEOUT)),
            never = sandbox.limit_memory() => match never {},
        };
        let outcome = match outcome {
            Ok(_) if sandbox.is_lost() => {
                Err(Outcome::exited("init", sandbox.process.ended().await))
            }
            outcome => outcome,
        };
        match outcome {
            Ok(next) => {
                function.record_cold_start(begin.elapsed());
                Ok(Idle { sandbox, next })
            }
            Err(outcome) => {
                sandbox.end().await;
                sandbox.report_failure(&outcome);
                Err(outcome)
            }
        }
    }

    async fn spawn(
        function: &Arc<Function>,
        number: u32,
        desk: &Arc<Desk>,
    ) -> io::Result<Arc<Self>> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let runtime_api = listener.local_addr()?;
        let program = Program {
            binary: function.binary(),
            function: &function.settings().short_name,
            number,
            environment: function.environment(),
            clock: function.clock_of(number),
            memory_megabytes: function.settings().memory_megabytes,
            runtime_api,
        };
        let log = Arc::new(function.new_log());
        let process = Process::start(&program, &log, function.processes())?;
        let sandbox = Arc::new(Sandbox {
            number,
            runtime_api,
            process,
            log,
            event: Mutex::default(),
        });
        desk.seat(&sandbox);
        let served =
            runtime_api::serve(listener, Arc::clone(desk), function.settings().name.clone());
        let (alive, desk) = (Arc::clone(&sandbox.process), Arc::clone(desk));
        function.processes().spawn(async move {
            tokio::select! {
                () = served => {}
                _ = alive.ended() => desk.close(),
            }
        });
        Ok(sandbox)
    }

    /// Has the process that waits at `next` carry out one invocation. `None`: it had ended before
    /// it was handed anything.
    pub(super) async fn carry_out(
        idle: Idle,
        trace: &Trace,
        payload: &Bytes,
        timeout: Duration,
    ) -> Option<Outcome> {
        let Idle { sandbox, next } = idle;
        let invocation = Invocation::new(trace, payload.clone(), timeout);
        let request_id = invocation.request_id.clone();
        let (report, reported) = oneshot::channel();
        *sandbox.event.lock() = payload.clone();
        next.send((invocation, report)).ok()?;
        let outcome = tokio::select! {
            biased;
            Ok(outcome) = reported => outcome,
            status = sandbox.process.ended() => Outcome::exited(&request_id, status),
            () = sleep(timeout) => {
                sandbox.end().await;
                Outcome::timed_out(&request_id, timeout)
            }
            never = sandbox.limit_memory() => match never {},
        };
        sandbox.process.catch_up();
        sandbox.report_failure(&outcome);
        Some(outcome)
    }

    /// Its number among the function's sandboxes, from 1.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Where its process finds its Runtime API.
    pub fn runtime_api(&self) -> SocketAddr {
        self.runtime_api
    }

    /// Kills the process with SIGKILL, and waits until it is gone.
    pub async fn end(&self) {
        self.process.kill();
        self.process.ended().await;
    }

    /// The messages that it was handed with its invocation, or with the last one.
    pub fn holds(&self) -> Vec<Held> {
        held::messages_in(&self.event.lock())
    }

    /// Lets the process do nothing until it is told to go on.
    pub fn stand_still(&self) {
        self.process.stand_still();
    }

    /// Lets a process that stands still go on.
    pub fn go_on(&self) {
        self.process.go_on();
    }

    /// The processor time of its process so far.
    pub(super) fn cpu(&self) -> Duration {
        self.process.cpu()
    }

    /// The most bytes its process ever had in memory at once; zero once it has ended.
    pub(super) fn peak_memory(&self) -> u64 {
        self.process.memory().peak()
    }

    /// Whether the process is being killed, as it is here if it ever had more memory than it may.
    pub(super) fn is_lost(&self) -> bool {
        if !self.process.is_killed() && self.process.memory().was_exceeded() {
            self.kill_for_memory();
        }
        self.process.is_killed()
    }

    /// Kills the process as soon as it has more memory than it may. What is heard of that is its
    /// end.
    async fn limit_memory(&self) -> Infallible {
        self.process.memory().exceeded().await;
        self.kill_for_memory();
        std::future::pending().await
    }

    fn kill_for_memory(&self) {
        let limit = self.process.memory().limit_megabytes();
        self.log.failure(&format!(
            "killed: it takes more than its {limit} MB of memory"
        ));
        self.process.kill();
    }

    fn report_failure(&self, outcome: &Outcome) {
        if let Outcome::Failed(payload) = outcome {
            self.log.failure(&String::from_utf8_lossy(payload));
        }
    }
}
