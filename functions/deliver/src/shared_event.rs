//! An event that several dispatches of a batch may need: unpacked for the first of them, forgotten
//! after the last.

use std::sync::Arc;

use domain::event::Event;
use store::{PackedEvent, StoreError};
use tokio::sync::OnceCell;

use crate::Deliver;
use crate::memory::Share;

/// An event, with the memory that it takes.
pub(crate) struct SharedEvent {
    packed: Arc<PackedEvent>,
    unpacked: OnceCell<Option<Arc<Event>>>,
    _share: Share,
}

impl SharedEvent {
    /// An event that takes this share of the memory, packed and unpacked.
    pub(crate) fn new(packed: Arc<PackedEvent>, share: Share) -> Self {
        Self {
            packed,
            unpacked: OnceCell::new(),
            _share: share,
        }
    }

    /// How much memory an event takes: its text, and its parts at most as they were sent to us.
    pub(crate) fn cost(packed: &PackedEvent) -> usize {
        2 * packed.length()
    }

    /// Whether it is this one.
    pub(crate) fn is(&self, packed: &Arc<PackedEvent>) -> bool {
        Arc::ptr_eq(&self.packed, packed)
    }
}

impl Deliver {
    /// The event itself. `None` when a part of it has expired.
    pub(crate) async fn unpack(
        &self,
        event: &SharedEvent,
    ) -> Result<Option<Arc<Event>>, StoreError> {
        let unpack = || async {
            // For a moment it takes its memory several times: only one at a time.
            let _alone = self.unpacking.lock().await;
            let unpacked = self.store.unpack(&event.packed).await?;
            Ok(unpacked.map(Arc::new))
        };
        event.unpacked.get_or_try_init(unpack).await.cloned()
    }
}
