//! What an attempt sends: the payload, its signature, and a credential for the platform's own API.

pub mod payload;
pub mod platform_api;
pub mod signature;
pub mod template;
