//! Tokens that the platform signs for its own users: what is in them, and whether it holds now.
//! That the platform has signed them, and for us, is seen by whoever reads them.

use std::time::Duration;

use serde::{Deserialize, Deserializer};

use crate::grant::{Grant, Scope, TwoPages};
use crate::id::{ActorId, IdError, TaskId, UserId};
use crate::timestamp::Timestamp;

/// For how long a token may be valid yet. One that is lost does no harm for longer, and none can be
/// called back.
pub const LONGEST_LIFE: Duration = Duration::from_secs(24 * 60 * 60);

/// How far the platform's clock and ours may differ.
pub const CLOCK_SKEW: Duration = Duration::from_secs(60);

/// The claims that we look at, besides issuer and audience. Others are the platform's own business.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Claims {
    sub: String,
    exp: f64,
    #[serde(default, deserialize_with = "present")]
    nbf: Option<f64>,
    #[serde(default, deserialize_with = "present")]
    scope: Option<String>,
    #[serde(default, deserialize_with = "present")]
    actor_id: Option<String>,
    #[serde(default, deserialize_with = "present")]
    actor_task_id: Option<String>,
}

/// Why a token with a good signature is not taken. Its bearer is not told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unacceptable {
    /// Its time is over.
    #[error("it has expired")]
    Expired,
    /// Its time has not come.
    #[error("it is not valid yet")]
    NotYetValid,
    /// It would be valid for too long.
    #[error("it expires in more than 24 hours")]
    LivesTooLong,
    /// An id in it can be none.
    #[error(transparent)]
    Id(#[from] IdError),
    /// It names an actor and a task.
    #[error(transparent)]
    TwoPages(#[from] TwoPages),
}

impl Claims {
    /// Whose token it is and what it allows, if it holds now.
    pub fn accept(self, now: Timestamp) -> Result<(UserId, Grant), Unacceptable> {
        // Both as JWTs have them; no double between these two is that long that it would be rounded
        // by a second.
        let seconds = |moment: Timestamp| moment.as_millis() as f64 / 1000.0;
        let (now, skew) = (seconds(now), CLOCK_SKEW.as_secs_f64());
        if self.exp <= now - skew {
            return Err(Unacceptable::Expired);
        }
        if self.exp > now + LONGEST_LIFE.as_secs_f64() + skew {
            return Err(Unacceptable::LivesTooLong);
        }
        if self.nbf.is_some_and(|from| from > now + skew) {
            return Err(Unacceptable::NotYetValid);
        }
        let scope = match &self.scope {
            None => Some(Scope::Write),
            Some(list) => Scope::widest_of(list),
        };
        let actor = self.actor_id.as_deref().map(ActorId::parse).transpose()?;
        let task = self.actor_task_id.as_deref();
        let task = task.map(TaskId::parse).transpose()?;
        let grant = Grant::of(scope).limited_to(actor, task)?;
        Ok((UserId::parse(&self.sub)?, grant))
    }
}

/// A claim that is there must mean something: `null` is no way to say that there is no limit.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(json: D) -> Result<Option<T>, D::Error> {
    T::deserialize(json).map(Some)
}

#[cfg(test)]
mod tests;
