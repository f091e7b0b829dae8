//! One sandbox: a process, its Runtime API, and at most one invocation at a time.

use std::io;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use parking_lot::Mutex;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::sleep;

use super::function::Function;
use super::invocation::{Assignment, Invocation, Outcome};
use super::log::Log;
use super::process::{Process, Program};
use super::runtime_api;

/// How long a function may take before it asks for its first invocation.
const INIT_TIMEOUT: Duration = Duration::from_secs(10);

/// A running process of a function.
pub struct Sandbox {
    number: u32,
    process: Arc<Process>,
    log: Arc<Log>,
}

/// A sandbox that waits in `next`: what is sent here is handed to it.
pub(super) struct Idle {
    pub(super) sandbox: Arc<Sandbox>,
    pub(super) next: oneshot::Sender<Assignment>,
}

/// Where the process's requests and the host meet.
pub(super) struct Desk {
    function: Weak<Function>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Known as soon as the process runs.
    sandbox: Option<Weak<Sandbox>>,
    /// Who waits for the first `next`, or for the news that it will not come.
    starter: Option<oneshot::Sender<Result<oneshot::Sender<Assignment>, Outcome>>>,
    /// The invocation that the process was handed and has not answered yet.
    current: Option<(String, oneshot::Sender<Outcome>)>,
    /// Whether it has answered and not asked for more yet.
    is_returning: bool,
}

impl Sandbox {
    /// Starts a process of `function` and waits for its first `next`. `Err` is what its caller is told instead.
    pub(super) async fn start(function: &Arc<Function>, number: u32) -> Result<Idle, Outcome> {
        let (starter, started) = oneshot::channel();
        let desk = Arc::new(Desk {
            function: Arc::downgrade(function),
            state: Mutex::new(State {
                starter: Some(starter),
                ..State::default()
            }),
        });
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
        let program = Program {
            binary: function.binary(),
            function: &function.settings().short_name,
            number,
            environment: function.environment(),
            runtime_api: listener.local_addr()?,
        };
        let log = Arc::new(function.new_log());
        let process = Process::start(&program, Arc::clone(&log), function.processes())?;
        let sandbox = Arc::new(Sandbox {
            number,
            process,
            log,
        });
        desk.state.lock().sandbox = Some(Arc::downgrade(&sandbox));
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

    /// Has the process that waits at `next` carry out one invocation. `None`: it had ended before it was handed anything.
    pub(super) async fn carry_out(
        idle: Idle,
        payload: &Bytes,
        timeout: Duration,
    ) -> Option<Outcome> {
        let Idle { sandbox, next } = idle;
        let invocation = Invocation::new(payload.clone(), timeout);
        let request_id = invocation.request_id.clone();
        let (report, reported) = oneshot::channel();
        next.send((invocation, report)).ok()?;
        let outcome = tokio::select! {
            biased;
            Ok(outcome) = reported => outcome,
            status = sandbox.process.ended() => Outcome::exited(&request_id, status),
            () = sleep(timeout) => {
                sandbox.end().await;
                Outcome::timed_out(&request_id, timeout)
            }
        };
        sandbox.report_failure(&outcome);
        Some(outcome)
    }

    /// Its number among the function's sandboxes, from 1.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Kills the process with SIGKILL, and waits until it is gone.
    pub async fn end(&self) {
        self.process.kill();
        self.process.ended().await;
    }

    /// The processor time of its process so far.
    pub(super) fn cpu(&self) -> Duration {
        self.process.cpu()
    }

    fn report_failure(&self, outcome: &Outcome) {
        if let Outcome::Failed(payload) = outcome {
            self.log.failure(&String::from_utf8_lossy(payload));
        }
    }
}

impl Desk {
    /// The process asks for work: it is idle until some comes. `None`: the function is gone.
    pub(super) async fn next(&self) -> Option<Invocation> {
        let (next, handed) = oneshot::channel();
        self.offer(next)?;
        let (invocation, report) = handed.await.ok()?;
        self.state.lock().current = Some((invocation.request_id.clone(), report));
        Some(invocation)
    }

    fn offer(&self, next: oneshot::Sender<Assignment>) -> Option<()> {
        let mut state = self.state.lock();
        if let Some(starter) = state.starter.take() {
            return starter.send(Ok(next)).ok();
        }
        let (function, sandbox) = (self.function.upgrade()?, state.sandbox.as_ref()?.upgrade()?);
        if !std::mem::take(&mut state.is_returning) {
            function.pool().expect();
        }
        function.pool().put_back(Idle { sandbox, next });
        Some(())
    }

    /// The process has done its work. False: that is not what it was given.
    pub(super) fn report(&self, request_id: &str, outcome: Outcome) -> bool {
        let mut state = self.state.lock();
        let current = state.current.take_if(|(current, _)| current == request_id);
        let Some((_, report)) = current else {
            return false;
        };
        if let Some(function) = self.function.upgrade() {
            state.is_returning = true;
            function.pool().expect();
        }
        // Nobody waits any more where the time was up.
        let _ = report.send(outcome);
        true
    }

    /// The process has ended.
    fn close(&self) {
        let is_returning = std::mem::take(&mut self.state.lock().is_returning);
        if let Some(function) = self.function.upgrade().filter(|_| is_returning) {
            function.pool().give_up();
        }
    }

    /// The process says why it cannot start.
    pub(super) fn report_init_error(&self, outcome: Outcome) {
        if let Some(starter) = self.state.lock().starter.take() {
            // Nobody waits any more where the time was up.
            let _ = starter.send(Err(outcome));
        }
    }
}
