//! Which requests of a neighbour's webhooks are answered: all, until it is told to stop. From then
//! on none is, and they are counted.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// The requests that were not answered.
#[derive(Default)]
pub(super) struct Unanswered {
    has_begun: AtomicBool,
    requests: AtomicUsize,
    open: AtomicUsize,
    most_open: AtomicUsize,
}

/// A request that waits in vain, until this is dropped.
pub(super) struct Open<'u>(&'u Unanswered);

impl Unanswered {
    /// From now on nothing is answered.
    pub(super) fn begin(&self) {
        self.has_begun.store(true, Ordering::Relaxed);
    }

    /// Counts a request, if it is one that is not answered.
    pub(super) fn request(&self) -> Option<Open<'_>> {
        if !self.has_begun.load(Ordering::Relaxed) {
            return None;
        }
        self.requests.fetch_add(1, Ordering::Relaxed);
        let open = self.open.fetch_add(1, Ordering::Relaxed) + 1;
        self.most_open.fetch_max(open, Ordering::Relaxed);
        Some(Open(self))
    }

    /// How many there were.
    pub(super) fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }

    /// How many of them were there at the same time at most.
    pub(super) fn most_at_once(&self) -> usize {
        self.most_open.load(Ordering::Relaxed)
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_count_from_the_moment_that_none_is_answered() {
        let unanswered = Unanswered::default();
        assert!(unanswered.request().is_none());
        unanswered.begin();
        let two = [unanswered.request(), unanswered.request()];
        assert!(two.iter().all(Option::is_some));
        drop(two);
        drop(unanswered.request());
        assert_eq!((unanswered.requests(), unanswered.most_at_once()), (3, 2));
    }
}
