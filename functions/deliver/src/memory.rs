//! How much of the function's memory deliveries may take at the same time.
//!
//! Events and payloads have up to a mebibyte, and a hundred of them are more than the function has.
//! So every delivery has its share before it begins, and waits for it if need be.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The unit in which memory is shared out.
const UNIT: usize = 1024;

/// What deliveries may take together.
#[derive(Debug)]
pub(crate) struct Memory {
    free: Arc<Semaphore>,
    units: usize,
}

/// A part of it, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Share(OwnedSemaphorePermit);

impl Memory {
    /// A fifth of what a function of so many mebibytes has. What is shared out takes up to twice
    /// its bytes, because memory comes back in pieces; a tenth is for the process itself and for
    /// what is read at the same time. So half stays free, as `cargo local bench memory` shows.
    pub(crate) fn of_function(mebibytes: usize) -> Self {
        let units = mebibytes * 1024 * 1024 / 5 / UNIT;
        Self {
            free: Arc::new(Semaphore::new(units)),
            units,
        }
    }

    /// So many bytes, when they are free: `None` if that takes longer than the `patience`. What is
    /// more than all waits until it is alone.
    pub(crate) async fn share(&self, bytes: usize, patience: Option<Duration>) -> Option<Share> {
        let units = bytes.div_ceil(UNIT).min(self.units);
        let granted = Arc::clone(&self.free).acquire_many_owned(u32::try_from(units).ok()?);
        let granted = match patience {
            Some(patience) => tokio::time::timeout(patience, granted).await.ok()?,
            None => granted.await,
        };
        granted.ok().map(Share)
    }
}

impl Share {
    /// Takes so many bytes of it, or what there is, as a share of their own.
    pub(crate) fn split(&mut self, bytes: usize) -> Self {
        let units = bytes.div_ceil(UNIT).min(self.0.num_permits());
        let split = self.0.split(units);
        #[expect(clippy::expect_used, reason = "it was made sure of in the line above")]
        Self(split.expect("no more than there is can be split off"))
    }

    /// Gives back what is more than this.
    pub(crate) fn shrink_to(&mut self, bytes: usize) {
        let more = (self.0.num_permits() * UNIT).saturating_sub(bytes);
        drop(self.split(more / UNIT * UNIT));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Option<Duration> = Some(Duration::ZERO);
    const MIB: usize = 1024 * 1024;

    #[tokio::test]
    async fn shares_are_given_until_nothing_is_free_and_come_back() {
        let memory = Memory::of_function(10);
        let first = memory.share(MIB, NOW).await.unwrap();
        let second = memory.share(MIB, NOW).await.unwrap();
        assert!(memory.share(1, NOW).await.is_none());
        drop(first);
        assert!(memory.share(MIB, NOW).await.is_some());
        drop(second);
    }

    #[tokio::test]
    async fn what_is_more_than_all_has_it_alone() {
        let memory = Memory::of_function(10);
        let all = memory.share(100 * MIB, NOW).await.unwrap();
        assert!(memory.share(1, NOW).await.is_none());
        drop(all);
    }

    #[tokio::test]
    async fn a_share_can_be_divided_and_given_back_in_part() {
        let memory = Memory::of_function(10);
        let mut share = memory.share(2 * MIB, NOW).await.unwrap();
        let half = share.split(MIB);
        share.shrink_to(MIB / 2);
        assert!(memory.share(MIB / 2, NOW).await.is_some());
        assert!(memory.share(MIB / 2 + 1, NOW).await.is_none());
        drop((share, half));
        assert!(memory.share(2 * MIB, NOW).await.is_some());
    }
}
