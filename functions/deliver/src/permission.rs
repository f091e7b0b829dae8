//! Who may make an attempt that two workers may want to make ([`store::Leased`]).

use std::time::Duration;

use domain::definition::Definition;
use domain::delivery_message::DeliveryMessage;
use domain::dispatch::Dispatch;
use runtime::{chance, clock};
use store::Leased;

use crate::Deliver;
use crate::report::Failure;

/// How long a lease is held: longer than an invocation lasts, so an expired lease means that its
/// holder is gone.
const LEASE: Duration = Duration::from_secs(180);

/// Whether an attempt may be made.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Permission {
    Granted,
    /// Another worker makes it, or has made it.
    Denied,
    /// Another worker may have made it, and it must not be made twice.
    Spent,
}

impl Deliver {
    /// Asks for an attempt of the dispatch that was read `before`. If another worker is at it, this
    /// message is looked at again when that worker's time is over.
    ///
    /// Repeating this is safe because the attempt stays with whoever has it.
    pub(crate) async fn permission(
        &self,
        message: &DeliveryMessage,
        before: Option<&Dispatch>,
        definition: &Definition,
    ) -> Result<Permission, Failure> {
        let redelivered = before.is_some_and(|dispatch| dispatch.redelivery.is_some());
        if message.attempt == 1 && !redelivered && !definition.do_not_retry {
            return Ok(Permission::Granted);
        }
        let _permit = self.writers.acquire().await?;
        let holder = format!("{:x}", u128::from_ne_bytes(chance::bytes()?));
        let now = clock::now();
        let leased = self
            .store
            .lease(message, &holder, now, now.after(LEASE))
            .await?;
        Ok(match leased {
            Leased::Ours => Permission::Granted,
            Leased::OursAfterAnother if definition.do_not_retry => Permission::Spent,
            Leased::OursAfterAnother => Permission::Granted,
            Leased::Over => {
                // Whoever made it may have died before what follows was scheduled.
                let dispatch = self.dispatch(message).await?;
                self.catch_up(message, dispatch.as_ref()).await?;
                Permission::Denied
            }
            Leased::Taken { until } => {
                self.schedule(message.clone(), until).await?;
                Permission::Denied
            }
        })
    }
}
