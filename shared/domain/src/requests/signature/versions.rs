//! Which secrets of a webhook are live: all that is stored of them.

use std::time::Duration;

use crate::timestamp::Timestamp;

/// The versions of a webhook's secret, from 1: the current one, and until a time the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecretVersions {
    /// The version that its owner is shown.
    pub current: u32,
    /// Until when the one before signs too. Without it, that one is dead.
    pub previous_until: Option<Timestamp>,
}

/// The secret cannot be replaced yet: a third one would end the one before the current early, and a
/// receiver may still go by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the secret before the current one is live until {0}")]
pub struct StillLive(pub Timestamp);

impl Default for SecretVersions {
    fn default() -> Self {
        Self {
            current: 1,
            previous_until: None,
        }
    }
}

impl SecretVersions {
    /// The versions that sign at this time, newest first.
    pub fn live(self, now: Timestamp) -> impl Iterator<Item = u32> {
        let previous = self.previous_live_until(now).map(|_| self.current - 1);
        std::iter::once(self.current).chain(previous)
    }

    /// Until when the version before the current one still signs, if it does.
    pub fn previous_live_until(self, now: Timestamp) -> Option<Timestamp> {
        self.previous_until
            .filter(|until| *until > now && self.current > 1)
    }

    /// The versions after a change of the secret, where the one that is current now stays live for
    /// a while. With no time for it, every earlier one ends at once: that is how a secret is
    /// replaced that others know.
    pub fn rotated(self, now: Timestamp, overlap: Duration) -> Result<Self, StillLive> {
        let previous_until = (!overlap.is_zero()).then(|| now.after(overlap));
        match self.previous_live_until(now) {
            Some(until) if previous_until.is_some() => Err(StillLive(until)),
            _ => Ok(Self {
                current: self.current + 1,
                previous_until,
            }),
        }
    }
}
