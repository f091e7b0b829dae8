//! A function's process that is killed at a chosen call: its n-th from now.

use std::collections::HashSet;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use tokio::sync::watch;

use super::caller::Caller;

/// When exactly the process is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Instead of carrying out the call.
    BeforeCall,
    /// After the call was carried out, before its answer is sent.
    AfterCall,
}

/// A kill that will be, or was. Dropped before, it will not be.
#[derive(Debug)]
pub struct Kill(Arc<Armed>);

#[derive(Debug)]
pub(super) struct Armed {
    function: String,
    pub(super) moment: Moment,
    calls_left: Mutex<u32>,
    fired: watch::Sender<bool>,
}

/// The kills of one platform.
#[derive(Default)]
pub(super) struct Kills {
    armed: Mutex<Vec<Weak<Armed>>>,
    /// The killed: what they sent just before they died is not carried out either.
    fenced: Mutex<HashSet<Caller>>,
}

impl Kill {
    /// Whether the process is dead.
    pub fn has_fired(&self) -> bool {
        *self.0.fired.borrow()
    }

    /// Waits until the process is dead.
    pub async fn fired(&self) {
        // The sender lives as long as this.
        let _ = self.0.fired.subscribe().wait_for(|fired| *fired).await;
    }
}

impl Armed {
    pub(super) fn mark_fired(&self) {
        self.fired.send_replace(true);
    }

    fn is_due(&self) -> bool {
        let mut left = self.calls_left.lock();
        *left = left.saturating_sub(1);
        *left == 0
    }
}

impl Kills {
    pub(super) fn arm(&self, function: &str, nth: u32, moment: Moment) -> Kill {
        let armed = Arc::new(Armed {
            function: function.to_owned(),
            moment,
            calls_left: Mutex::new(nth),
            fired: watch::Sender::default(),
        });
        self.armed.lock().push(Arc::downgrade(&armed));
        Kill(armed)
    }

    /// Counts a call, and says whether the caller dies of it.
    pub(super) fn due_at_call_by(&self, caller: &Caller) -> Option<Arc<Armed>> {
        caller.number?;
        let mut armed = self.armed.lock();
        let mut due = None;
        armed.retain(|kill| match kill.upgrade() {
            None => false,
            Some(kill) if kill.function == caller.name && due.is_none() && kill.is_due() => {
                due = Some(kill);
                false
            }
            Some(_) => true,
        });
        due
    }

    pub(super) fn fence(&self, caller: &Caller) {
        self.fenced.lock().insert(caller.clone());
    }

    pub(super) fn is_fenced(&self, caller: &Caller) -> bool {
        self.fenced.lock().contains(caller)
    }
}
