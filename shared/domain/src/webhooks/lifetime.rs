//! Standing or ad hoc.

use crate::id::RunId;

/// How often a webhook can be triggered, and thereby where it is defined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// By every matching event until it is deleted. It is defined with its user.
    Standing,
    /// At most once. It is defined with this run, which is its condition.
    AdHoc(RunId),
}

impl Lifetime {
    /// As records and requests have it: whether a webhook is ad hoc, and which run it is for, if it
    /// is for one. An ad hoc webhook without a run is `None`.
    pub fn of(is_ad_hoc: bool, run: Option<&RunId>) -> Option<Self> {
        match is_ad_hoc {
            true => run.cloned().map(Self::AdHoc),
            false => Some(Self::Standing),
        }
    }

    /// Whether it is ad hoc.
    pub fn is_ad_hoc(&self) -> bool {
        self.run().is_some()
    }

    /// The run of an ad hoc webhook.
    pub fn run(&self) -> Option<&RunId> {
        match self {
            Self::Standing => None,
            Self::AdHoc(run) => Some(run),
        }
    }
}
