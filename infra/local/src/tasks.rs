//! Background tasks that end together.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::task::JoinSet;

/// A set of running tasks. Clones share the set.
#[derive(Clone)]
pub struct Tasks {
    /// `None` once they were ended: then no other begins.
    running: Arc<Mutex<Option<JoinSet<()>>>>,
}

impl Default for Tasks {
    fn default() -> Self {
        let running = Arc::new(Mutex::new(Some(JoinSet::new())));
        Tasks { running }
    }
}

impl Tasks {
    /// Runs `task` until it ends or all are ended. After that it is dropped at once.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        if let Some(running) = self.running.lock().as_mut() {
            // Those that ended by themselves would pile up otherwise.
            while running.try_join_next().is_some() {}
            running.spawn(task);
        }
    }

    /// Ends all tasks where they stand, and waits until they are gone.
    pub async fn end(&self) {
        let running = self.running.lock().take();
        if let Some(mut running) = running {
            running.shutdown().await;
        }
    }

    /// Ends all tasks soon, without waiting.
    pub fn abort(&self) {
        self.running.lock().take();
    }
}
