//! Which part of a list is asked for, and how much of it one answer carries.

use domain::dispatch::Dispatch;

/// How many bytes of records a page may have, about. Lambda carries answers of 6 MB, and no more is
/// read than one of them holds.
pub const LARGEST_PAGE: usize = 6_000_000;

/// Which part of a list is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// How many to pass over.
    pub offset: usize,
    /// How many to give at most.
    pub limit: usize,
    /// The newest first, instead of the oldest.
    pub newest_first: bool,
}

impl Page {
    /// How many dispatches have to be looked at.
    pub(crate) fn end(self) -> usize {
        self.offset.saturating_add(self.limit)
    }
}

/// How many there are of a list of which so many were seen, and perhaps not all: a count can be too
/// low, and must not end the list.
pub(crate) fn at_least(counted: usize, seen: usize) -> usize {
    if counted >= seen { counted } else { seen + 1 }
}

/// About how many bytes a dispatch has in an answer, and never more.
pub(crate) fn length(dispatch: &Dispatch) -> usize {
    let calls = dispatch.calls.iter().map(|call| {
        let body = call.response_body.as_ref().map_or(0, String::len);
        let headers = call.details.response_headers.as_ref();
        let headers = headers.map_or(0, |headers| 2 * headers.len());
        body + headers + call.error_message.as_ref().map_or(0, String::len) + 200
    });
    calls.sum::<usize>() + 300
}
