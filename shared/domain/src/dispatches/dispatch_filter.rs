//! Which dispatches of a list are wanted.

use crate::dispatch::{Dispatch, DispatchState};
use crate::event::SubjectId;
use crate::event_type::EventType;
use crate::id::RunId;

/// What a dispatch must be; what is not said may be anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DispatchFilter {
    /// How far it has come.
    pub status: Option<Status>,
    /// What it is about.
    pub event_type: Option<EventType>,
    /// The run whose event it was.
    pub run: Option<RunId>,
}

/// How far a dispatch has come, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// To be attempted.
    Active,
    /// Delivered.
    Succeeded,
    /// Given up.
    Failed,
}

impl DispatchFilter {
    /// Whether it wants every dispatch.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it wants this one.
    pub fn lets_pass(&self, dispatch: &Dispatch) -> bool {
        let is_status = |status| status == Status::of(&dispatch.state);
        let is_run = |run: &RunId| dispatch.subject.id() == SubjectId::Run(run.clone());
        self.status.is_none_or(is_status)
            && self
                .event_type
                .is_none_or(|kind| kind == dispatch.event_type)
            && self.run.as_ref().is_none_or(is_run)
    }
}

impl Status {
    /// That of a dispatch.
    pub fn of(state: &DispatchState) -> Self {
        match state {
            DispatchState::Active { .. } => Self::Active,
            DispatchState::Succeeded => Self::Succeeded,
            DispatchState::Failed { .. } => Self::Failed,
        }
    }

    /// The word that Apify has for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
        }
    }

    /// What a word stands for.
    pub fn parse(word: &str) -> Option<Self> {
        let all = [Self::Active, Self::Succeeded, Self::Failed];
        all.into_iter().find(|status| status.name() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redelivery::tests::dispatch;

    #[test]
    fn a_dispatch_passes_if_it_is_all_that_is_asked_for() {
        let run = |id| RunId::parse(id).ok();
        let (any, failed) = (DispatchFilter::default(), Some(Status::Failed));
        let of = |status, event_type, run| DispatchFilter {
            status,
            event_type,
            run,
        };
        let reason = "x".to_owned();
        let dispatch = dispatch(DispatchState::Failed { reason }, 1);
        assert!(any.is_empty() && any.lets_pass(&dispatch));
        for (filter, passes) in [
            (of(failed, Some(EventType::RunFailed), run("r")), true),
            (of(Some(Status::Active), None, None), false),
            (of(Some(Status::Succeeded), None, None), false),
            (of(failed, Some(EventType::RunAborted), None), false),
            (of(failed, None, run("other")), false),
        ] {
            assert_eq!(filter.lets_pass(&dispatch), passes, "{filter:?}");
            assert!(!filter.is_empty());
        }
    }

    #[test]
    fn every_word_stands_for_its_status() {
        for status in [Status::Active, Status::Succeeded, Status::Failed] {
            assert_eq!(Status::parse(status.name()), Some(status));
        }
        assert_eq!(Status::parse("failed"), None);
    }
}
