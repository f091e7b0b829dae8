//! One attempt of a dispatch: what asks for it, how it ends, and when the next is due.

pub mod backoff;
pub mod delivery_message;
pub mod due;
pub mod outcome;
pub mod retry;
pub mod retry_after;
