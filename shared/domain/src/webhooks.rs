//! What users define, and which events trigger it.

pub mod action_type;
pub mod ad_hoc;
pub mod condition;
pub mod definition;
pub(crate) mod label;
pub(crate) mod lifetime;
pub mod matching;
pub mod webhook;
pub mod why;
