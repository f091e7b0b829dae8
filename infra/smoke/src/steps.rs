//! What a proof consists of, step by step.

pub(crate) mod main_job;
pub(crate) mod pace;
pub(crate) mod parking;
pub(crate) mod race;
pub(crate) mod redelivery;
pub(crate) mod rotation;
pub(crate) mod separation;
pub(crate) mod the_end;
pub(crate) mod trouble;
