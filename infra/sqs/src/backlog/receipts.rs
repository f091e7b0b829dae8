//! Messages by the handles that receives have given.

use super::Backlog;
use crate::held::{Held, Place};
use crate::receipt::Receipt;

impl Backlog {
    /// Whether a message is hidden since the receive that gave this handle.
    pub(crate) fn is_hidden(&self, receipt: &Receipt) -> bool {
        let held = self.held_under(receipt);
        held.is_some_and(|held| held.place == Place::InFlight)
    }

    /// The message, if no later receive has replaced the handle.
    pub(super) fn held_under(&self, receipt: &Receipt) -> Option<&Held> {
        let held = self.messages.get(&receipt.message_id);
        held.filter(|held| held.receive_count == receipt.receive_count)
    }
}
