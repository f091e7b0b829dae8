//! What is kept of the dispatches that a search comes upon, and when it has seen enough.

use domain::dispatch::Dispatch;
use domain::dispatch_id::DispatchId;
use domain::timestamp::Timestamp;

use super::{FoundDispatches, MOST_LOOKED_AT, Search};
use crate::dispatches::page::{LARGEST_PAGE, Page, length};

/// How many are read at once.
const AT_ONCE: usize = 50;

/// What is left of the dispatches that were looked at.
pub(super) struct Sieve<'s> {
    search: &'s Search,
    page: Page,
    passed: usize,
    looked_at: usize,
    bytes: usize,
    last: Option<DispatchId>,
    items: Vec<Dispatch>,
}

impl<'s> Sieve<'s> {
    pub(super) fn new(search: &'s Search, page: Page) -> Self {
        Self {
            search,
            page,
            passed: 0,
            looked_at: 0,
            bytes: 0,
            last: None,
            items: Vec::new(),
        }
    }

    /// How many are to be read next.
    pub(super) fn at_once(&self) -> usize {
        let left = MOST_LOOKED_AT.saturating_sub(self.looked_at);
        let wanted = match self.search.filter.is_empty() {
            true => self
                .page
                .end()
                .saturating_sub(self.looked_at)
                .saturating_add(1),
            false => AT_ONCE,
        };
        wanted.min(AT_ONCE).min(left).max(1)
    }

    pub(super) fn is_full(&self) -> bool {
        self.items.len() >= self.page.limit
            || self.looked_at >= MOST_LOOKED_AT
            || self.bytes > LARGEST_PAGE
    }

    /// Something that is there no more.
    pub(super) fn pass(&mut self, id: &DispatchId) {
        if !self.is_full() {
            self.looked_at += 1;
            self.last = Some(id.clone());
        }
    }

    pub(super) fn take(&mut self, dispatch: Dispatch) {
        if self.is_full() || self.search.after.as_ref() == Some(&dispatch.id) {
            return;
        }
        self.looked_at += 1;
        self.last = Some(dispatch.id.clone());
        if !self.search.filter.lets_pass(&dispatch) {
            return;
        }
        if self.passed < self.page.offset {
            self.passed += 1;
            return;
        }
        self.bytes += length(&dispatch);
        self.items.push(dispatch);
    }

    /// What was found; `has_more` tells whether something was not read.
    pub(super) fn found(self, has_more: bool) -> FoundDispatches {
        let is_full = self.is_full();
        FoundDispatches {
            more_after: self.last.filter(|_| has_more || is_full),
            items: self.items,
        }
    }

    /// What is found in a whole list, the oldest first.
    pub(super) fn all(mut self, mut all: Vec<Dispatch>) -> FoundDispatches {
        if self.page.newest_first {
            all.reverse();
        }
        let search = self.search;
        let is_behind = |id: &DispatchId| match &search.after {
            Some(after) if self.page.newest_first => place(id) < place(after),
            Some(after) => place(id) > place(after),
            None => true,
        };
        all.retain(|dispatch| {
            let at = dispatch.id.created_at();
            search.since.is_none_or(|since| at >= since)
                && search.until.is_none_or(|until| at < until)
                && is_behind(&dispatch.id)
        });
        let last = all.last().map(|dispatch| dispatch.id.clone());
        for dispatch in all {
            self.take(dispatch);
        }
        let has_more = self.last != last;
        let found = self.found(has_more);
        FoundDispatches {
            more_after: found.more_after.filter(|_| has_more),
            ..found
        }
    }
}

/// Where a dispatch stands in a list.
pub(super) fn place(id: &DispatchId) -> (Timestamp, &str, &DispatchId) {
    (id.created_at(), id.hash(), id)
}
