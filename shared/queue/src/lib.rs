//! The only user of SQS: puts delivery messages on a delivery queue and events back on the event queue, parks bad events on the rejected
//! queue, and says when a message that could not be handled comes again.
//!
//! SQS may deliver what was sent more than once, and a send whose answer was lost may have happened: every sender repeats freely, and every
//! receiver finds out from the dispatch's record what is left to do.

mod batch;
mod delivery_queue;
mod event_queue;
mod rejected_queue;
mod source_queue;

pub use batch::QueueError;
pub use delivery_queue::{Delivery, DeliveryQueue};
pub use event_queue::EventQueue;
pub use rejected_queue::{Rejected, RejectedQueue};
pub use source_queue::{Held, NotHidden, SourceQueue};
