//! Where an attempt goes: the URL, whether it may be called, and how it has behaved.

pub mod endpoint;
pub mod request_url;
pub mod target;
