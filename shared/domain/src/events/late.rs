//! Which past events an ad hoc webhook still fires for: it came late, waits for more than it did,
//! or was switched on.

use crate::event::{Event, EventKey};
use crate::event_type::EventType;
use crate::timestamp::Timestamp;

/// An event of a run that has happened, without what it carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happened {
    /// What has happened.
    pub kind: EventType,
    /// When, and which event it is.
    pub key: EventKey,
}

impl Happened {
    /// What has happened, of an event.
    pub fn of(event: &Event) -> Self {
        Self {
            kind: event.kind,
            key: event.key(),
        }
    }
}

/// Which of a run's events still hold, the oldest first. A run that was resurrected has not ended,
/// and begins anew: what is older than the last resurrection is the past. Of several ends the last
/// is true, and of what else has happened more than once the last time counts. So there are few,
/// however long a run has lived.
pub fn still_true(happened: &[Happened]) -> Vec<&Happened> {
    let from = last_resurrection(happened);
    let mut last: Vec<&Happened> = Vec::new();
    for event in happened {
        if from.is_some_and(|from| event.key.created_at < from) {
            continue;
        }
        match last.iter_mut().find(|known| is_of_a_kind(known, event)) {
            Some(known) if known.key < event.key => *known = event,
            Some(_) => {}
            None => last.push(event),
        }
    }
    last.sort_by(|one, other| one.key.cmp(&other.key));
    last
}

/// When a run was last resurrected. A webhook that comes after that hears of nothing older.
pub fn last_resurrection(happened: &[Happened]) -> Option<Timestamp> {
    let resurrections = happened
        .iter()
        .filter(|event| event.kind == EventType::RunResurrected);
    resurrections.map(|event| event.key.created_at).max()
}

fn is_of_a_kind(one: &Happened, other: &Happened) -> bool {
    one.kind == other.kind || (one.kind.is_end() && other.kind.is_end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event_type::EventType::*;

    fn happened(events: &[(EventType, i64)]) -> Vec<Happened> {
        let event = |(place, (kind, seconds)): (usize, &(EventType, i64))| Happened {
            kind: *kind,
            key: EventKey {
                created_at: Timestamp::from_millis(seconds * 1000).unwrap(),
                hash: format!("{place}"),
            },
        };
        events.iter().enumerate().map(event).collect()
    }

    fn holds(events: &[(EventType, i64)]) -> Vec<(EventType, i64)> {
        let happened = happened(events);
        let holding = still_true(&happened).into_iter();
        holding
            .map(|event| (event.kind, event.key.created_at.as_seconds()))
            .collect()
    }

    #[test]
    fn what_is_older_than_the_last_resurrection_is_the_past() {
        let once = [(RunCreated, 0), (RunFailed, 9), (RunResurrected, 10)];
        assert_eq!(holds(&once), [(RunResurrected, 10)]);
        let again = [&once[..], &[(RunSucceeded, 20)]].concat();
        assert_eq!(holds(&again), [(RunResurrected, 10), (RunSucceeded, 20)]);
        let twice = [&again[..], &[(RunResurrected, 30)]].concat();
        assert_eq!(holds(&twice), [(RunResurrected, 30)]);
        // In whatever order they have come.
        let turned: Vec<_> = twice.into_iter().rev().collect();
        assert_eq!(holds(&turned), [(RunResurrected, 30)]);
    }

    #[test]
    fn of_several_ends_the_last_holds() {
        let ends = [
            (RunTimedOut, 30),
            (RunCreated, 0),
            (RunFailed, 9),
            (RunSucceeded, 20),
        ];
        assert_eq!(holds(&ends), [(RunCreated, 0), (RunTimedOut, 30)]);
        assert_eq!(holds(&[]), []);
    }

    #[test]
    fn an_end_in_the_moment_of_the_resurrection_holds() {
        let same = [(RunResurrected, 10), (RunFailed, 10)];
        assert_eq!(holds(&same).len(), 2);
    }

    #[test]
    fn few_hold_of_a_run_that_was_resurrected_for_ever() {
        let cycle = |n: i64| [(RunFailed, 2 * n), (RunResurrected, 2 * n + 1)];
        let events: Vec<_> = (0..1000).flat_map(cycle).collect();
        assert_eq!(holds(&events), [(RunResurrected, 1999)]);
    }
}
