//! How many invocations run at this moment.

use tokio::sync::watch;

/// A count that can be waited for. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Activity {
    running: watch::Sender<usize>,
}

/// One invocation that runs, until it is dropped.
#[derive(Debug)]
pub struct Running(watch::Sender<usize>);

impl Activity {
    /// Counts one more until the answer is dropped.
    pub fn begin(&self) -> Running {
        self.running.send_modify(|count| *count += 1);
        Running(self.running.clone())
    }

    /// How many run now.
    pub fn running(&self) -> usize {
        *self.running.borrow()
    }

    /// Hears of every change of the count.
    pub fn subscribe(&self) -> watch::Receiver<usize> {
        self.running.subscribe()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}
