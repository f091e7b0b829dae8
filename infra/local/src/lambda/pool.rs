//! Which sandbox takes the next invocation.

use std::collections::VecDeque;

use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::sandbox::Idle;

/// The sandboxes of one function that have nothing to do, or will have nothing to do in a moment.
#[derive(Default)]
pub(super) struct Pool(Mutex<State>);

#[derive(Default)]
struct State {
    idle: Vec<Idle>,
    /// How many have given their answer and are about to ask for more.
    returning: usize,
    /// Invocations that wait for one of them: never more than there are.
    waiting: VecDeque<oneshot::Sender<Idle>>,
}

impl Pool {
    /// An idle sandbox, or one that is about to be. `None`: all have work, another must be started.
    pub(super) async fn take(&self) -> Option<Idle> {
        loop {
            let returned = {
                let mut state = self.0.lock();
                if let Some(idle) = state.idle.pop() {
                    return Some(idle);
                }
                if state.returning <= state.waiting.len() {
                    return None;
                }
                let (waiting, returned) = oneshot::channel();
                state.waiting.push_back(waiting);
                returned
            };
            // An error: the one it waited for did not come back.
            if let Ok(idle) = returned.await {
                return Some(idle);
            }
        }
    }

    /// A sandbox gave its answer: it will come back, or be lost.
    pub(super) fn expect(&self) {
        self.0.lock().returning += 1;
    }

    /// A sandbox that was expected is back.
    pub(super) fn put_back(&self, idle: Idle) {
        let mut state = self.0.lock();
        state.returning -= 1;
        let mut idle = Some(idle);
        while let Some(returned) = idle.take() {
            match state.waiting.pop_front() {
                // Who waited may have gone.
                Some(waiting) => idle = waiting.send(returned).err(),
                None => state.idle.push(returned),
            }
        }
    }

    /// A sandbox that was expected will not come.
    pub(super) fn give_up(&self) {
        let mut state = self.0.lock();
        state.returning -= 1;
        if state.waiting.len() > state.returning {
            state.waiting.pop_front();
        }
    }

    /// Lets go of all.
    pub(super) fn clear(&self) {
        let mut state = self.0.lock();
        state.idle.clear();
        state.waiting.clear();
    }
}
