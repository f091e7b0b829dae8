//! Another user beside the quiet one, with the receivers of all that is asked for.

use std::net::Ipv4Addr;
use std::sync::Arc;

use anyhow::Result;
use local::platform::Platform;
use local::sqs::Queue;
use tokio::task::JoinSet;

use super::attack::{Attack, Load};
use super::hanging::Hanging;
use super::ticks;
use super::unanswered::Unanswered;
use crate::receiver::Receiver;

/// What tells two neighbours apart.
pub(super) struct Role {
    pub(super) user: &'static str,
    /// Where their receivers listen: not where the quiet user's does.
    host: Ipv4Addr,
    /// Where they are called if it has to be there.
    pub(super) path: &'static str,
}

/// Whose deliveries are answered.
pub(super) const BUSY: Role = Role {
    user: "busyUser000000001",
    host: Ipv4Addr::new(127, 0, 0, 3),
    path: "/busy",
};

/// Whose deliveries are not.
pub(super) const NOISY: Role = Role {
    user: "noisyUser00000001",
    host: Ipv4Addr::new(127, 0, 0, 2),
    path: "/noisy",
};

/// The user.
pub(super) struct Neighbour {
    load: Arc<Load>,
    hanging: Hanging,
    pub(super) unanswered: Arc<Unanswered>,
}

impl Neighbour {
    pub(super) async fn begin(
        attack: Attack,
        role: &Role,
        unanswered: Arc<Unanswered>,
        quiet: &Receiver,
        platform: &Platform,
    ) -> Result<Self> {
        let host = match attack {
            Attack::Hosts => Ipv4Addr::UNSPECIFIED,
            _ => role.host,
        };
        let hanging = Hanging::listen(host, attack.ports(), &unanswered).await?;
        let load = attack.load(platform, role, &hanging, quiet).await?;
        Ok(Self {
            load: Arc::new(load),
            hanging,
            unanswered,
        })
    }

    /// Asks for so many deliveries, so many a second, and tells how many were refused.
    pub(super) async fn ask(&self, count: u32, pace: u32, queue: &Queue) -> Result<usize> {
        let mut ticks = ticks(pace);
        let mut asked = JoinSet::new();
        for place in 0..count {
            ticks.tick().await;
            // None waits for the one before it.
            let (load, queue) = (Arc::clone(&self.load), queue.clone());
            asked.spawn(async move { load.ask(place, &queue).await });
        }
        let mut refused = 0;
        while let Some(is_taken) = asked.join_next().await {
            refused += usize::from(!is_taken??);
        }
        Ok(refused)
    }

    pub(super) async fn end(&self) {
        self.hanging.close().await;
    }
}
