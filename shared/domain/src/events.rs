//! What the platform reports of runs and builds, and what of it still holds.

pub mod event;
pub mod event_message;
pub mod event_type;
pub mod late;
pub mod trace_context;
