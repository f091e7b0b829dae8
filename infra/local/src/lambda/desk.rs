//! Where the requests of a process and the wishes of the host meet.

use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::function::Function;
use super::invocation::{Assignment, Invocation, Outcome};
use super::sandbox::{Idle, Sandbox};

/// The first `next` of a process, or what it says instead.
type Start = Result<oneshot::Sender<Assignment>, Outcome>;

/// The desk of one sandbox.
pub(super) struct Desk {
    function: Weak<Function>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Known as soon as the process runs.
    sandbox: Option<Weak<Sandbox>>,
    /// Who waits for the first `next`, or for the news that it will not come.
    starter: Option<oneshot::Sender<Start>>,
    /// The invocation that the process was handed and has not answered yet.
    current: Option<(String, oneshot::Sender<Outcome>)>,
    /// Whether it has answered and not asked for more yet.
    is_returning: bool,
    /// Whether the process has ended. What it sent just before may still come in.
    is_closed: bool,
}

impl Desk {
    /// A desk for a process that will run, and the news of its start.
    pub(super) fn open(function: &Arc<Function>) -> (Arc<Self>, oneshot::Receiver<Start>) {
        let (starter, started) = oneshot::channel();
        let desk = Desk {
            function: Arc::downgrade(function),
            state: Mutex::new(State {
                starter: Some(starter),
                ..State::default()
            }),
        };
        (Arc::new(desk), started)
    }

    /// The process runs, in this sandbox.
    pub(super) fn seat(&self, sandbox: &Arc<Sandbox>) {
        self.state.lock().sandbox = Some(Arc::downgrade(sandbox));
    }

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
        let (function, sandbox) = (self.function.upgrade()?, state.sandbox()?);
        if sandbox.is_lost() {
            return None;
        }
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
        if state.sandbox().is_some_and(|sandbox| sandbox.is_lost()) {
            // Lambda would not have let it come so far. Its end is what is heard of it.
            return true;
        }
        if let Some(function) = self.function.upgrade().filter(|_| !state.is_closed) {
            state.is_returning = true;
            function.pool().expect();
        }
        // Nobody waits any more where the time was up.
        let _ = report.send(outcome);
        true
    }

    /// The process has ended.
    pub(super) fn close(&self) {
        let mut state = self.state.lock();
        state.is_closed = true;
        let was_returning = std::mem::take(&mut state.is_returning);
        if let Some(function) = self.function.upgrade().filter(|_| was_returning) {
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

impl State {
    fn sandbox(&self) -> Option<Arc<Sandbox>> {
        self.sandbox.as_ref()?.upgrade()
    }
}
