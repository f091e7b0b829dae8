//! What the receivers saw.

use std::collections::HashMap;

use parking_lot::Mutex;

/// One POST that a receiver got.
#[derive(Clone, Debug)]
pub(super) struct Post {
    /// The webhook that it was for.
    pub(super) label: String,
    /// The dispatch's id.
    pub(super) dispatch: String,
    pub(super) run: String,
    pub(super) event_type: String,
    pub(super) created_at: String,
    pub(super) reception: Reception,
}

/// What a receiver made of a POST.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reception {
    Refused,
    Accepted,
    /// It has acted, but whoever sent it did not hear the answer.
    AcceptedUnheard,
}

/// All POSTs so far, in their order.
#[derive(Default)]
pub(super) struct Posts {
    all: Mutex<Vec<Post>>,
}

impl Posts {
    pub(super) fn add(&self, post: Post) {
        self.all.lock().push(post);
    }

    pub(super) fn count(&self) -> usize {
        self.all.lock().len()
    }

    /// All of them by webhook, each webhook's in their order.
    pub(super) fn by_label(&self) -> HashMap<String, Vec<Post>> {
        let mut by_label: HashMap<_, Vec<_>> = HashMap::new();
        for post in self.all.lock().iter() {
            let of_label = by_label.entry(post.label.clone()).or_default();
            of_label.push(post.clone());
        }
        by_label
    }
}
