//! The only user of SQS: sends deliveries to the delivery queues, puts events back on the event
//! queue, parks bad events on the rejected queue, and decides when a failed message comes again.
//!
//! SQS may deliver a message more than once, and a send whose response was lost may have succeeded.
//! So every sender may repeat a send, and every receiver reads in the dispatch's record what is
//! left to do.

mod batch;
mod delivery_queue;
mod event_queue;
mod notice_queue;
mod rejected_queue;
mod source_queue;

pub use batch::QueueError;
pub use delivery_queue::{Delivery, DeliveryQueue};
pub use event_queue::EventQueue;
pub use notice_queue::NoticeQueue;
pub use rejected_queue::{Rejected, RejectedQueue};
pub use source_queue::{Held, NotHidden, SourceQueue};
