//! What all the others are made of: ids, times, and reading what others have written.

pub(crate) mod base62;
pub(crate) mod depth;
pub(crate) mod digest;
pub mod excerpt;
pub mod fields;
pub mod id;
pub mod timestamp;
