//! Which outcomes wait for which, and for how long. Pure.

use std::mem;

use super::Urgency;

/// How many outcomes one call carries.
const MOST: usize = 25;

/// The outcomes that wait to be recorded.
#[derive(Debug)]
pub(super) struct Waiting<T> {
    outcomes: Vec<T>,
    /// How many attempts may still have an outcome to record.
    under_way: usize,
}

/// What is to be done when an outcome has come.
#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step<T> {
    /// Write these now.
    Write(Vec<T>),
    /// Write what waits after the linger.
    Linger,
    /// Nothing: another lingers.
    Wait,
}

impl<T> Waiting<T> {
    /// An attempt begins.
    pub(super) fn begin(&mut self) {
        self.under_way += 1;
    }

    /// An outcome has come. `ends` says whether its attempt is over with it.
    pub(super) fn add(&mut self, outcome: T, ends: bool, urgency: Urgency) -> Step<T> {
        self.outcomes.push(outcome);
        self.under_way -= usize::from(ends);
        if urgency == Urgency::Now || self.under_way == 0 || self.outcomes.len() >= MOST {
            Step::Write(self.take())
        } else if self.outcomes.len() == 1 {
            Step::Linger
        } else {
            Step::Wait
        }
    }

    /// An attempt is over that has no outcome. Returns what waited for it alone.
    pub(super) fn end(&mut self) -> Vec<T> {
        self.under_way -= 1;
        match self.under_way {
            0 => self.take(),
            _ => Vec::new(),
        }
    }

    /// Everything that waits.
    pub(super) fn take(&mut self) -> Vec<T> {
        mem::take(&mut self.outcomes)
    }
}

impl<T> Default for Waiting<T> {
    fn default() -> Self {
        Self {
            outcomes: Vec::new(),
            under_way: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_under_way(attempts: usize) -> Waiting<usize> {
        let mut waiting = Waiting::default();
        (0..attempts).for_each(|_| waiting.begin());
        waiting
    }

    #[test]
    fn a_lone_outcome_is_written_at_once() {
        let mut waiting = with_under_way(1);
        assert_eq!(waiting.add(1, true, Urgency::Soon), Step::Write(vec![1]));
    }

    #[test]
    fn outcomes_wait_for_each_other_until_the_last_one_comes() {
        let mut waiting = with_under_way(3);
        assert_eq!(waiting.add(1, true, Urgency::Soon), Step::Linger);
        assert_eq!(waiting.add(2, true, Urgency::Soon), Step::Wait);
        assert_eq!(
            waiting.add(3, true, Urgency::Soon),
            Step::Write(vec![1, 2, 3])
        );
    }

    #[test]
    fn nobody_waits_for_an_attempt_that_ends_without_an_outcome() {
        let mut waiting = with_under_way(2);
        assert_eq!(waiting.add(1, true, Urgency::Soon), Step::Linger);
        assert_eq!(waiting.end(), [1]);
        assert_eq!(with_under_way(2).end(), [0; 0]);
    }

    #[test]
    fn what_is_urgent_is_written_at_once_with_what_waits() {
        let mut waiting = with_under_way(3);
        assert_eq!(waiting.add(1, true, Urgency::Soon), Step::Linger);
        assert_eq!(waiting.add(2, true, Urgency::Now), Step::Write(vec![1, 2]));
    }

    #[test]
    fn a_call_is_full_with_25() {
        let mut waiting = with_under_way(MOST + 1);
        assert_eq!(waiting.add(1, true, Urgency::Soon), Step::Linger);
        for outcome in 2..MOST {
            assert_eq!(waiting.add(outcome, true, Urgency::Soon), Step::Wait);
        }
        let all = (1..=MOST).collect();
        assert_eq!(waiting.add(MOST, true, Urgency::Soon), Step::Write(all));
    }

    #[test]
    fn an_outcome_after_which_its_attempt_goes_on_ends_nothing() {
        let mut waiting = with_under_way(1);
        assert_eq!(waiting.add(1, false, Urgency::Now), Step::Write(vec![1]));
        assert_eq!(waiting.add(2, true, Urgency::Soon), Step::Write(vec![2]));
    }
}
