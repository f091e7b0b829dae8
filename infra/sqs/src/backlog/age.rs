//! How old a queue is.

use super::Backlog;
use crate::clock::Moment;
use crate::held::Held;
use crate::limits;

impl Backlog {
    /// Since when the oldest message is here that counts for the queue's age: one that was received
    /// often and never deleted does not, even if it will become a dead letter.
    pub(crate) fn oldest(&self) -> Option<Moment> {
        let mut oldest: Option<Moment> = None;
        for entry in &self.ages {
            // Nothing comes to a queue before it was sent: those that follow are younger.
            if oldest.is_some_and(|oldest| oldest <= entry.at) {
                break;
            }
            let held = self.messages.get(&entry.id);
            let counted = held.filter(|held| !held.is_spent(limits::RECEIVES_OF_POISON));
            oldest = oldest.into_iter().chain(counted.map(Held::since)).min();
        }
        oldest
    }
}
