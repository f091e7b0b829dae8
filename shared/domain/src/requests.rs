//! What an attempt sends: the payload and its signature.

pub mod payload;
pub mod signature;
pub mod template;
