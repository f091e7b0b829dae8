//! A webhook's secret, for its owner to give to receivers.

mod body;
mod rotate;
mod show;
mod view;

pub(crate) use rotate::{rotate, rotated};
pub(crate) use show::show;
