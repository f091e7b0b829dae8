//! The only user of Secrets Manager: reads the master keys that signatures come from.

mod keys;

pub use keys::{Keys, KeysError};
