//! Requests that cost more than they look are counted for each user, and put off when there are too
//! many of them within a minute. Nothing else is counted: neither ordinary reads nor deliveries.

mod too_soon;

use domain::id::UserId;
use domain::rate::{Counted, until_counted_anew};
use store::Page;

use crate::Api;
use crate::error::ApiError;

pub(crate) use too_soon::TooSoon;

/// How often a user may ask within a minute.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    /// For a test delivery.
    pub tests: u32,
    /// For a redelivery, of one dispatch or of all that have failed.
    pub redeliveries: u32,
    /// For a webhook to be defined or changed.
    pub changes: u32,
    /// For a read that looks at much more than it shows.
    pub heavy_reads: u32,
}

/// From this offset on, a page is an unusual one: a list is read through to it.
const FAR: usize = 2000;

impl Api {
    /// Counts a request.
    pub(crate) async fn count(&self, user: &UserId, what: Counted) -> Result<(), ApiError> {
        let per_minute = self.rates.of(what);
        let now = runtime::clock::now();
        if self.store.count(user, what, per_minute, now).await? {
            return Ok(());
        }
        let wait = until_counted_anew(now);
        Err(ApiError::TooSoon(TooSoon {
            what,
            per_minute,
            wait,
        }))
    }

    /// Counts a request for a page, if it is one far behind.
    pub(crate) async fn count_if_far(&self, user: &UserId, page: Page) -> Result<(), ApiError> {
        if page.offset < FAR {
            return Ok(());
        }
        self.count(user, Counted::HeavyReads).await
    }
}

impl Rates {
    fn of(self, what: Counted) -> u32 {
        match what {
            Counted::Tests => self.tests,
            Counted::Redeliveries => self.redeliveries,
            Counted::Changes => self.changes,
            Counted::HeavyReads => self.heavy_reads,
        }
    }
}
