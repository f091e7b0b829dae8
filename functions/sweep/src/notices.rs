//! Sends notices ([`domain::notice`]): what was written down with the changes that they tell of.
//!
//! **count** what is told of together, **lay out** what owners can read of their webhooks, **send**,
//! then **note** what was sent. If a sweep dies in between, the next one sends the same notices
//! again, with the same ids. This comes last, so that a notice queue that refuses or hangs holds up
//! no delivery: it only uses up what is left of the sweep's time. What is read at a time is bounded,
//! so that one user's many changes do not keep others from being told.

use domain::notice::{Notice, SHARDS, not_counted_yet};
use domain::timestamp::Timestamp;
use store::StoreError;

use crate::{Sweep, SweepError, TimeLimit};

/// How many notices are sent before it is noted which were.
const PART: usize = 100;

/// What became of the notices.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) sent: usize,
    /// Those that were not sent, or could not be read.
    pub(crate) unsent: usize,
    /// Why not, for one of them.
    pub(crate) cause: Option<String>,
}

impl Sweep {
    /// Sends what is to be told, for as long as there is time.
    pub(crate) async fn tell(&self, now: Timestamp, limit: &TimeLimit) -> Told {
        let mut told = Told::default();
        // All are counted first: a notice can wait in another shard than what it counts.
        for shard in 0..SHARDS {
            if limit.is_over() {
                break;
            }
            if let Err(error) = self.count_shard(shard, now, &mut told).await {
                told.fail(1, error.to_string());
            }
        }
        for shard in 0..SHARDS {
            if limit.is_over() {
                tracing::warn!("no time left; the next sweep sends the other notices");
                break;
            }
            if let Err(error) = self.tell_shard(shard, limit, &mut told).await {
                told.fail(1, error.to_string());
            }
        }
        if let Some(error) = &told.cause {
            let unsent = told.unsent;
            tracing::error!(
                unsent,
                error,
                "notices could not be sent; the next sweep tries again"
            );
        }
        told
    }

    async fn count_shard(
        &self,
        shard: u8,
        now: Timestamp,
        told: &mut Told,
    ) -> Result<(), SweepError> {
        let before = not_counted_yet(now);
        for error in self.store.count_exhausted(shard, before).await? {
            told.fail(1, error.to_string());
        }
        Ok(())
    }

    async fn tell_shard(
        &self,
        shard: u8,
        limit: &TimeLimit,
        told: &mut Told,
    ) -> Result<(), SweepError> {
        let pending = self.store.pending_notices(shard).await?;
        let mut readable = Vec::with_capacity(pending.len());
        for notice in pending {
            match notice {
                Ok(notice) => readable.push(notice),
                Err(error) => told.fail(1, error.to_string()),
            }
        }
        for part in readable.chunks(PART) {
            if limit.is_over() {
                break;
            }
            // What fails of one part holds up no other.
            if let Err(error) = self.send_part(part, told).await {
                told.fail(1, error.to_string());
            }
        }
        Ok(())
    }

    /// Repeating this is safe because a notice that comes twice has the same id.
    async fn send_part(&self, part: &[Notice], told: &mut Told) -> Result<(), StoreError> {
        let notices = self.laid_out(part, told).await;
        let results = self.notices.send(&notices).await;
        let mut sent = Vec::with_capacity(part.len());
        for (notice, result) in notices.into_iter().zip(results) {
            match result {
                Ok(()) => sent.push(notice),
                Err(error) => told.fail(1, error.to_string()),
            }
        }
        told.sent += sent.len();
        self.store.note_sent(&sent).await
    }

    /// Lays notices where their owners can read them. Where some cannot be written, because their
    /// owner's other traffic is in the way, the others are.
    async fn laid_out<'n>(&self, part: &'n [Notice], told: &mut Told) -> Vec<&'n Notice> {
        let all: Vec<&Notice> = part.iter().collect();
        if self.store.lay_out(&all).await.is_ok() {
            return all;
        }
        let mut written = Vec::with_capacity(all.len());
        for notice in all {
            match self.store.lay_out(&[notice]).await {
                Ok(()) => written.push(notice),
                Err(error) => told.fail(1, error.to_string()),
            }
        }
        written
    }
}

impl Told {
    fn fail(&mut self, notices: usize, cause: String) {
        self.unsent += notices;
        self.cause.get_or_insert(cause);
    }
}
